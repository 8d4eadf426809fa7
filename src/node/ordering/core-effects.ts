/** The node's side of the core's outputs: messages go to the links, requests and final blocks to the parts that do them. */
import type { Finalized, Outgoing, Request } from "../../consensus/interface.ts";
import { encodeMessage } from "../../consensus/message.ts";
import { type Evidence, encodeEvidence } from "../../consensus/votes.ts";
import type { Pool } from "../../mempool/pool.ts";
import { REPEATED_OPERATIONS_MAX, Repetition } from "../../mempool/repetition.ts";
import { assert, unreachable } from "../../primitives/assert.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { BlockBuilder } from "../execution/block-builder.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { CatchUp } from "../sync/catch-up.ts";
import type { ConsensusDriver, Effects } from "./consensus-driver.ts";
import type { Proposals } from "./proposals.ts";
import type { WorkReports } from "./work-reports.ts";

export interface CoreEffectsParts {
  readonly self: ValidatorIndex;
  readonly validators: readonly Validator[];
  readonly driver: Pick<ConsensusDriver, "push">;
  readonly builder: Pick<BlockBuilder, "build">;
  readonly proposals: Pick<Proposals, "judge">;
  readonly catchUp: Pick<CatchUp, "request">;
  readonly work: Pick<WorkReports, "follow" | "foundNothing">;
  readonly finalizer: Pick<Finalizer, "take">;
  readonly pool: Pick<Pool, "first">;
  readonly links: Pick<PeerLinks, "send">;
  readonly store: Pick<Store, "evidence">;
  readonly system: Pick<System, "wall">;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
  readonly traces?: TraceObserver | undefined;
}

export class CoreEffects implements Effects {
  readonly #parts: CoreEffectsParts;
  readonly #repetition = new Repetition();

  constructor(parts: CoreEffectsParts) {
    this.#parts = parts;
  }

  send({ to, message }: Outgoing): void {
    const { links, traces } = this.#parts;
    links.send(to, { consensusMessages: [encodeMessage(message)] });
    if (message.kind === "vote") traces?.voted(message.vote.kind, message.vote.blockHash);
  }

  perform(request: Request): void {
    const { driver, builder, proposals, catchUp, work, system, fail, traces } = this.#parts;
    switch (request.kind) {
      case "build": {
        const { view, parent } = request;
        const block = builder.build(request, system.wall());
        if (block === undefined) work.foundNothing();
        void driver.push({ kind: "built", view, parentHash: parent.hash, block });
        return;
      }
      case "verify": {
        const { proposal, ancestors } = request;
        const since = traces?.now();
        proposals
          .judge(proposal, ancestors)
          .then((verdict) => {
            traces?.judged(proposal.hash, since);
            return driver.push({ kind: "verified", blockHash: proposal.hash, verdict });
          })
          .catch(fail);
        return;
      }
      case "fetchBlocks":
        catchUp.request(request);
        return;
      case "repeatOperations":
        this.#repeat(request.leader);
        return;
      case "reportTimeout": {
        const { view, leader, timeoutMs } = request;
        const { id } = this.#parts.validators[leader] ?? {};
        this.#parts.log.info({ view, leader: id, timeoutMs }, "a view ended by its timeout");
        return;
      }
      case "reportFailing": {
        const { view, leader, isFailing } = request;
        const { id } = this.#parts.validators[leader] ?? {};
        const text = isFailing
          ? "a leader was late too often: its turns are skipped"
          : "a leader is waited for again";
        this.#parts.log.info({ view, leader: id }, text);
        return;
      }
      case "reportWrongRelay": {
        const { view, peer } = request;
        this.#parts.log.warn({ view, peer }, "a peer relayed a proposal with wrong operations");
        return;
      }
      case "assessWork":
        work.follow(request);
        return;
      default:
        unreachable(request);
    }
  }

  finalize(finalized: readonly Finalized[]): void {
    const last = finalized.at(-1);
    assert(last !== undefined, "something is final");
    const blocks = finalized.map(({ block }) => block);
    this.#parts.finalizer.take(blocks, last.finalization);
  }

  accuse(evidence: readonly Evidence[]): void {
    const { store, log, fail } = this.#parts;
    for (const proof of evidence) {
      const { kind, first } = proof;
      const fault = { member: first.signer, kind };
      log.error({ kind, signer: first.signer }, "evidence of a fault");
      store.evidence.append(fault, encodeEvidence(proof)).catch(fail);
    }
  }

  /** R6. If this node is the leader, it holds what it repeats. */
  #repeat(leader: ValidatorIndex): void {
    const { self, pool, links } = this.#parts;
    const oldest = pool.first(REPEATED_OPERATIONS_MAX).map(({ bytes }) => bytes);
    const { toAll, rest } = this.#repetition.divide(oldest);
    if (toAll.length > 0) links.send("all", { operations: toAll });
    if (rest.length > 0 && leader !== self) links.send(leader, { operations: rest });
  }
}
