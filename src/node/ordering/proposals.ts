/** Judges proposals: gathers their operations from the pool or from peers, then has them executed. */
import type { Verdict } from "../../consensus/interface.ts";
import type { Proposal } from "../../consensus/message.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { Block } from "../../primitives/block.ts";
import { type Bytes, toHex } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import { hedgedAsk } from "../base/hedged-ask.ts";
import type { System } from "../base/system.ts";
import type { Application } from "../execution/application.ts";
import type { BlockJudge } from "../execution/block-judge.ts";

export interface OperationSource {
  readonly others: readonly ValidatorIndex[];
  /** Operations of these leaf hashes that the peer holds; undefined if it does not answer. */
  fetchOperations(
    peer: ValidatorIndex,
    leafHashes: readonly Digest[],
  ): Promise<readonly Bytes[] | undefined>;
}

export interface OperationVerifier {
  /** Decodes an operation that is not in the pool and checks its signatures. */
  verifyFetched(bytes: Bytes): Promise<SignedOperation | undefined>;
}

export interface ProposalsParts {
  readonly application: Pick<Application, "findOperation" | "leafHashOf">;
  readonly judge: Pick<BlockJudge, "judge">;
  readonly pool: Pool;
  readonly peers: OperationSource;
  readonly intake: OperationVerifier;
  readonly system: Pick<System, "after">;
  /** The pause between asking one member and asking the next. */
  readonly patienceMs: number;
}

/** The outcome of gathering one proposal's operations. */
type Gathered =
  | { readonly kind: "all"; readonly operations: readonly SignedOperation[] }
  | { readonly kind: "missing" }
  /** The leader sent bytes with the right hash that are not a valid operation. */
  | { readonly kind: "invalid" };

export class Proposals {
  readonly #parts: ProposalsParts;

  constructor(parts: ProposalsParts) {
    this.#parts = parts;
  }

  async judge(proposal: Proposal, ancestors: readonly Block[]): Promise<Verdict> {
    const gathered = await this.#gather(proposal);
    if (gathered.kind === "missing") return { kind: "notYetKnown" };
    if (gathered.kind === "invalid") return { kind: "invalid" };
    return this.#parts.judge.judge(proposal, ancestors, gathered.operations);
  }

  async #gather(proposal: Proposal): Promise<Gathered> {
    const { pool, system, patienceMs } = this.#parts;
    const found = new Map<string, SignedOperation>();
    for (const leafHash of proposal.leafHashes) {
      const held = pool.get(leafHash) ?? (await this.#fromBlocks(leafHash));
      if (held !== undefined) found.set(toHex(leafHash), held);
    }
    const missing = () => proposal.leafHashes.filter((leafHash) => !found.has(toHex(leafHash)));
    let isInvalid = false;
    if (missing().length > 0) {
      const ask = async (peer: ValidatorIndex) => {
        if ((await this.#ask(peer, missing(), found)) === "invalid") isInvalid = true;
        return isInvalid || missing().length === 0;
      };
      const peers = this.#leaderFirst(proposal.header.proposer);
      await hedgedAsk(peers, { ask, after: system.after, patienceMs });
    }
    if (isInvalid) return { kind: "invalid" };
    const operations = proposal.leafHashes.flatMap((leafHash) => found.get(toHex(leafHash)) ?? []);
    return operations.length === proposal.leafHashes.length
      ? { kind: "all", operations }
      : { kind: "missing" };
  }

  #leaderFirst(leader: ValidatorIndex): ValidatorIndex[] {
    return [leader, ...this.#parts.peers.others.filter((peer) => peer !== leader)];
  }

  /** Signatures of a block that was executed because a quorum had voted for it may never have been checked here. */
  async #fromBlocks(leafHash: Digest): Promise<SignedOperation | undefined> {
    const held = this.#parts.application.findOperation(leafHash);
    return held === undefined ? undefined : await this.#parts.intake.verifyFetched(held.bytes);
  }

  async #ask(
    peer: ValidatorIndex,
    missing: readonly Digest[],
    found: Map<string, SignedOperation>,
  ): Promise<"asked" | "invalid"> {
    const { peers, intake, application } = this.#parts;
    const wanted = new Set(missing.map(toHex));
    for (const bytes of (await peers.fetchOperations(peer, missing)) ?? []) {
      const leafHash = toHex(application.leafHashOf(bytes));
      if (!wanted.delete(leafHash)) continue;
      const operation = await intake.verifyFetched(bytes);
      if (operation === undefined) return "invalid";
      found.set(leafHash, operation);
    }
    return "asked";
  }
}
