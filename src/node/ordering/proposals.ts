/** Judges proposals: gathers their operations from the pool or from peers, then has them executed. */
import type { Verdict } from "../../consensus/interface.ts";
import type { Proposal } from "../../consensus/message.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { Block } from "../../primitives/block.ts";
import { type Bytes, packBytes } from "../../primitives/bytes.ts";
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

/** Operations that peers sent and that this node has not judged yet. */
export interface Arrivals {
  /** Settles when they are judged. */
  arrived(): Promise<void>;
}

export interface ProposalsParts {
  readonly application: Pick<Application, "findOperation" | "leafHashOf">;
  readonly judge: Pick<BlockJudge, "judge">;
  readonly pool: Pool;
  readonly peers: OperationSource;
  readonly intake: OperationVerifier;
  readonly inbox: Arrivals;
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

/** By the place in the proposal. */
type Found = (SignedOperation | undefined)[];

interface Missing {
  readonly place: number;
  readonly leafHash: Digest;
}

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

  async #gather({ header, leafHashes }: Proposal): Promise<Gathered> {
    const { inbox, system, patienceMs } = this.#parts;
    const found: Found = new Array(leafHashes.length);
    const all = leafHashes.map((leafHash, place) => ({ place, leafHash }));
    let missing = await this.#lookUp(all, found);
    if (missing.length > 0) {
      // Most came before the proposal, from other members, and wait for their checks: to fetch them would check them twice.
      await inbox.arrived();
      missing = await this.#lookUp(missing, found);
    }
    if (missing.length > 0) {
      let isInvalid = false;
      const ask = async (peer: ValidatorIndex) => {
        if ((await this.#ask(peer, missing, found)) === "invalid") isInvalid = true;
        missing = missing.filter(({ place }) => found[place] === undefined);
        return isInvalid || missing.length === 0;
      };
      await hedgedAsk(this.#leaderFirst(header.proposer), { ask, after: system.after, patienceMs });
      if (isInvalid) return { kind: "invalid" };
    }
    const operations = found.flatMap((operation) => operation ?? []);
    return operations.length === leafHashes.length
      ? { kind: "all", operations }
      : { kind: "missing" };
  }

  /** Gives what is held to `found`; the rest is missing. */
  async #lookUp(wanted: readonly Missing[], found: Found): Promise<Missing[]> {
    const missing: Missing[] = [];
    for (const { place, leafHash } of wanted) {
      const held = this.#parts.pool.get(leafHash) ?? (await this.#fromBlocks(leafHash));
      if (held === undefined) missing.push({ place, leafHash });
      else found[place] = held;
    }
    return missing;
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
    missing: readonly Missing[],
    found: Found,
  ): Promise<"asked" | "invalid"> {
    const { peers, intake, application } = this.#parts;
    const places = new Map<string, number[]>();
    for (const { place, leafHash } of missing) {
      const key = packBytes(leafHash);
      places.set(key, [...(places.get(key) ?? []), place]);
    }
    const leafHashes = missing.map(({ leafHash }) => leafHash);
    for (const bytes of (await peers.fetchOperations(peer, leafHashes)) ?? []) {
      const key = packBytes(application.leafHashOf(bytes));
      const wanted = places.get(key);
      if (wanted === undefined) continue;
      places.delete(key);
      const operation = await intake.verifyFetched(bytes);
      if (operation === undefined) return "invalid";
      for (const place of wanted) found[place] = operation;
    }
    return "asked";
  }
}
