/** Runs the consensus core on its loop and has the other parts of the node perform its requests. */

import { isBlockCertificate } from "../../consensus/certificates.ts";
import { type Core, createCore } from "../../consensus/core.ts";
import type {
  ConsensusConfig,
  Finalized,
  Input,
  Outgoing,
  Request,
} from "../../consensus/interface.ts";
import { decodeJournalEntry, type JournalIndex } from "../../consensus/journal.ts";
import { encodeMessage } from "../../consensus/message.ts";
import { type Evidence, encodeEvidence } from "../../consensus/votes.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Pool } from "../../mempool/pool.ts";
import { assert, unreachable } from "../../primitives/assert.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Hash } from "../../primitives/hash.ts";
import type { ValidatorIndex, View } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { JournalRecord, Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Application } from "../execution/application.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Restored } from "../execution/restore.ts";
import type { CatchUp } from "../sync/catch-up.ts";
import { Loop } from "./loop.ts";
import type { Proposals } from "./proposals.ts";

export interface ConsensusDriverParts {
  readonly context: LedgerContext;
  readonly self: ValidatorIndex;
  readonly identity: Pick<SigningKey, "sign">;
  /** The tip of the chain at the start; the node votes in its epoch. */
  readonly restored: Restored;
  readonly firstView: View;
  readonly store: Pick<Store, "journal" | "evidence">;
  /** The records of the journal. */
  readonly records: readonly JournalRecord[];
  readonly journalIndex: JournalIndex;
  readonly system: System;
  readonly log: Log;
  readonly application: Application;
  readonly pool: Pool;
  readonly finalizer: Pick<Finalizer, "take">;
  readonly links: Pick<PeerLinks, "send">;
  readonly fail: (error: unknown) => void;
}

/** These parts report to consensus themselves, so they are connected when it starts. */
export interface Fetchers {
  readonly proposals: Pick<Proposals, "judge">;
  readonly catchUp: Pick<CatchUp, "request">;
}

/** The most operations in one repetition (R6). */
const REPEATED_OPERATIONS_MAX = 64;

type Assessment = Extract<Request, { kind: "assessWork" }>;

export class ConsensusDriver {
  readonly core: Core;
  readonly #parts: ConsensusDriverParts;
  readonly #validators: readonly Validator[];
  readonly #loop: Loop;
  #fetchers: Fetchers | undefined;
  #assessed: Assessment | undefined;
  #cancelAssessment: (() => void) | undefined;

  constructor(parts: ConsensusDriverParts) {
    this.#parts = parts;
    const { context, restored, firstView, records, journalIndex, store, system, fail } = parts;
    const config = configOf(parts);
    this.#validators = config.validators;
    const entries = records.map((record) => readEntry(context.hash, record));
    for (const [place, entry] of entries.entries()) {
      journalIndex.appended(records[place]?.sequence ?? 0, entry);
    }
    const { hash, header, finalization } = restored;
    assert(finalization === undefined || isBlockCertificate(finalization), "it finalizes a block");
    const final = { hash, header };
    this.core = createCore(config, { final, finalization, firstView, entries });
    this.#loop = new Loop({
      core: this.core,
      journal: store.journal,
      journalIndex,
      system,
      send: (outgoing) => this.#send(outgoing),
      perform: (request) => this.#perform(request),
      finalize: (finalized) => this.#finalize(finalized),
      accuse: (evidence) => this.#accuse(evidence),
      fail,
    });
  }

  start(fetchers: Fetchers): void {
    this.#fetchers = fetchers;
    void this.#loop.push({ kind: "started" });
  }

  stop(): void {
    this.#cancelAssessment?.();
    this.#assessed = undefined;
    this.#loop.stop();
  }

  push(input: Input): Promise<void> {
    return this.#loop.push(input);
  }

  /** The link to a peer is up. */
  connected(peer: ValidatorIndex): void {
    void this.push({ kind: "connected", peer });
  }

  /** The pool gained or lost operations: reports the work on the core's branch. */
  reassess(): void {
    if (this.#assessed !== undefined) this.#assess(this.#assessed);
  }

  /** The wall clock was set: a window may be over, and a proposal may no longer be early. */
  clockWasSet(): void {
    this.reassess();
    void this.push({ kind: "tick" });
  }

  #send({ to, message }: Outgoing): void {
    this.#parts.links.send(to, { consensusMessages: [encodeMessage(message)] });
  }

  #perform(request: Request): void {
    const { application, system, fail } = this.#parts;
    assert(this.#fetchers !== undefined, "nothing is asked for before the start");
    const { proposals, catchUp } = this.#fetchers;
    switch (request.kind) {
      case "build": {
        const { view, parent } = request;
        const block = application.build(request, system.wall());
        void this.push({ kind: "built", view, parentHash: parent.hash, block });
        return;
      }
      case "verify": {
        const { proposal, ancestors } = request;
        proposals
          .judge(proposal, ancestors)
          .then((verdict) => this.push({ kind: "verified", blockHash: proposal.hash, verdict }))
          .catch(fail);
        return;
      }
      case "fetchBlocks":
        catchUp.request(request);
        return;
      case "sendOldestOperations":
        this.#sendOldest();
        return;
      case "reportTimeout": {
        const { view, leader, timeoutMs } = request;
        const { id } = this.#validators[leader] ?? {};
        this.#parts.log.info({ view, leader: id, timeoutMs }, "a view ended by its timeout");
        return;
      }
      case "assessWork":
        this.#assessed = request;
        this.#assess(request);
        return;
      default:
        unreachable(request);
    }
  }

  #assess({ branch, ancestors }: Assessment): void {
    const { application, system } = this.#parts;
    const now = system.wall();
    const { pending, overdue, changesAt } = application.assessWork(branch, ancestors, now);
    void this.push({ kind: "work", pending, overdue });
    this.#cancelAssessment?.();
    this.#cancelAssessment =
      changesAt === undefined ? undefined : system.after(changesAt - now, () => this.reassess());
  }

  #sendOldest(): void {
    const operations = this.#parts.pool.first(REPEATED_OPERATIONS_MAX).map(({ bytes }) => bytes);
    if (operations.length > 0) this.#parts.links.send("all", { operations });
  }

  #finalize(finalized: readonly Finalized[]): void {
    const last = finalized.at(-1);
    assert(last !== undefined, "something is final");
    const blocks = finalized.map(({ block }) => block);
    this.#parts.finalizer.take(blocks, last.finalization);
  }

  #accuse(evidence: readonly Evidence[]): void {
    for (const proof of evidence) {
      const { kind, first } = proof;
      const fault = { member: first.signer, kind };
      this.#parts.log.error({ kind, signer: first.signer }, "evidence of a fault");
      this.#parts.store.evidence.append(fault, encodeEvidence(proof)).catch(this.#parts.fail);
    }
  }
}

function configOf(parts: ConsensusDriverParts): ConsensusConfig {
  const { context, self, identity, restored } = parts;
  const { viewTimeoutMs, viewTimeoutMsMax, clockSkewMs } = context.genesis.timings;
  const { epoch } = restored.state;
  return {
    networkId: context.networkId,
    epoch,
    validators: context.members(epoch),
    self,
    timeoutBaseMs: viewTimeoutMs,
    timeoutCapMs: viewTimeoutMsMax,
    clockToleranceMs: clockSkewMs,
    hash: context.hash,
    sign: identity.sign,
  };
}

function readEntry(hash: Hash, record: JournalRecord) {
  const entry = decodeJournalEntry(hash, record.bytes);
  assert(!(entry instanceof EncodingError), "the journal gives back what it was given");
  return entry;
}
