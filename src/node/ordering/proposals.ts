/** Proposals on their way to a verdict: their operations gathered, from the pool or from peers, then executed. */
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

export interface ProposalsParts {
  readonly application: Application;
  readonly pool: Pool;
  /** Members to ask, in order, for a proposal of this leader: the leader first. */
  readonly peersFor: (leader: ValidatorIndex) => readonly ValidatorIndex[];
  /** Operations of these leaf hashes that the peer holds; empty if it does not answer. */
  readonly fetch: (
    peer: ValidatorIndex,
    leafHashes: readonly Digest[],
  ) => Promise<readonly Bytes[]>;
  readonly after: System["after"];
  /** The pause between asking one member and asking the next. */
  readonly patienceMs: number;
  /** Decodes an operation that is not in the pool and checks its signatures. */
  readonly verifyFetched: (bytes: Bytes) => Promise<SignedOperation | undefined>;
}

/** The outcome of gathering one proposal's operations. */
type Gathered =
  | { readonly kind: "all"; readonly operations: readonly SignedOperation[] }
  | { readonly kind: "missing" }
  /** The leader sent bytes of the right hash that are no valid operation. */
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
    return this.#parts.application.verify(proposal, ancestors, gathered.operations);
  }

  async #gather(proposal: Proposal): Promise<Gathered> {
    const { pool, peersFor, after, patienceMs } = this.#parts;
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
      await hedgedAsk(peersFor(proposal.header.proposer), { ask, after, patienceMs });
    }
    if (isInvalid) return { kind: "invalid" };
    const operations = proposal.leafHashes.flatMap((leafHash) => found.get(toHex(leafHash)) ?? []);
    return operations.length === proposal.leafHashes.length
      ? { kind: "all", operations }
      : { kind: "missing" };
  }

  /** Of a block that was executed on its quorum's word, the signatures may never have been checked here. */
  async #fromBlocks(leafHash: Digest): Promise<SignedOperation | undefined> {
    const held = this.#parts.application.findOperation(leafHash);
    return held === undefined ? undefined : await this.#parts.verifyFetched(held.bytes);
  }

  async #ask(
    peer: ValidatorIndex,
    missing: readonly Digest[],
    found: Map<string, SignedOperation>,
  ): Promise<"asked" | "invalid"> {
    const { fetch, verifyFetched, application } = this.#parts;
    const wanted = new Set(missing.map(toHex));
    for (const bytes of await fetch(peer, missing)) {
      const leafHash = toHex(application.leafHashOf(bytes));
      if (!wanted.delete(leafHash)) continue;
      const operation = await verifyFetched(bytes);
      if (operation === undefined) return "invalid";
      found.set(leafHash, operation);
    }
    return "asked";
  }
}
