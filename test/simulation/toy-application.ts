/** One node's toy application: a pool of operations, block building and checking, and fetching of missing bodies. */
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Finalized, Now, Verdict } from "../../src/consensus/interface.ts";
import type { Proposal } from "../../src/consensus/message.ts";
import { Repetition } from "../../src/mempool/repetition.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { assembleBlock, type Block, HEADER_VERSION } from "../../src/primitives/block.ts";
import { type Bytes, concatBytes, equalBytes, toHex } from "../../src/primitives/bytes.ts";
import { height } from "../../src/primitives/numbers.ts";
import type {
  BuildRequest,
  Effects,
  SimulatedApplication,
  VerifyRequest,
  WorkReport,
} from "./application.ts";
import {
  endOfWindow,
  idsOf,
  isOpen,
  readToyOperation,
  type ToyOperation,
  toyRoots,
} from "./toy-operation.ts";

/** Few, so that seeds meet leaders that hold operations back and leaders that need not. */
const WORTH_A_BLOCK = 3;

/** First byte of a message between applications. */
const OPERATION = 1;
const FETCH = 2;
const BLOCK_OPERATIONS_MAX = 8;
const REPEATED_MAX = 4;
const SIDE_STORE_MAX = 256;

export class ToyApplication implements SimulatedApplication {
  #final: Tip;
  readonly #used = new Set<string>();
  readonly #pool = new Map<string, ToyOperation>();
  /** By leaf hash: pooled operations, and bodies fetched for proposals. */
  readonly #bodies = new Map<string, ToyOperation>();
  /** So few to all, so that a world sees what the leader alone gets. */
  readonly #repetition = new Repetition(1);
  /** Proposals that wait for bodies; only the newest matters. */
  #waiting: VerifyRequest | undefined;

  constructor(genesis: Tip, committed: readonly Finalized[]) {
    this.#final = genesis;
    for (const finalized of committed) this.finalize(finalized);
  }

  submit(bytes: Bytes, { wall: now }: Now): Effects {
    const operation = readToyOperation(bytes);
    if (operation === undefined || !isOpen(operation.validUntil, now)) return {};
    if (!this.#admit(operation)) return {};
    return { poolGained: true, messages: [{ to: "all", bytes: message(OPERATION, bytes) }] };
  }

  receive(from: number, bytes: Bytes): Effects {
    const body = bytes.subarray(1);
    if (bytes[0] === FETCH) {
      const held = this.#bodies.get(toHex(body));
      if (held === undefined) return {};
      return { messages: [{ to: from, bytes: message(OPERATION, held.bytes) }] };
    }
    const operation = readToyOperation(body);
    if (operation === undefined) return {};
    this.#keepBody(operation);
    return { poolGained: this.#admit(operation), verdicts: this.#retryWaiting() };
  }

  build(request: BuildRequest, { wall: now }: Now): Block | undefined {
    const parent = request.parent.header;
    const time = Math.max(parent.time, now);
    const onBranch = branchIds(request.ancestors);
    const chosen = [...this.#pool.values()]
      .filter(({ id, validUntil }) => !onBranch.has(id) && isOpen(validUntil, time))
      .slice(0, BLOCK_OPERATIONS_MAX);
    if (request.operations && chosen.length === 0) return undefined;
    const operations = request.operations ? chosen : [];
    const header = {
      ...parent,
      version: HEADER_VERSION,
      ...toyRoots(
        parent,
        operations.map((operation) => operation.leafHash),
      ),
      epoch: request.epoch,
      height: height(parent.height + 1),
      view: request.view,
      parentHash: request.parent.hash,
      time,
      proposer: request.proposer,
    };
    return assembleBlock(
      sha256,
      header,
      operations.map((operation) => operation.bytes),
    );
  }

  verify(request: VerifyRequest): { verdict: Verdict; effects: Effects } {
    const { proposal } = request;
    const missing = proposal.leafHashes.filter((leaf) => !this.#bodies.has(toHex(leaf)));
    if (missing.length > 0) {
      this.#waiting = request;
      const to = proposal.header.proposer;
      const messages = missing.map((leaf) => ({ to, bytes: message(FETCH, leaf) }));
      return { verdict: { kind: "notYetKnown" }, effects: { messages } };
    }
    return { verdict: this.#execute(request), effects: {} };
  }

  assess(branch: Tip, ancestors: readonly Block[], { wall: now }: Now): WorkReport {
    const onBranch = branchIds(ancestors);
    let waiting = 0;
    let overdue = false;
    let changesAt: number | undefined;
    for (const { id, validUntil } of this.#pool.values()) {
      if (onBranch.has(id) || !isOpen(validUntil, branch.header.time)) continue;
      waiting += 1;
      if (!isOpen(validUntil, now)) overdue = true;
      const end = endOfWindow(validUntil);
      if (end > now && (changesAt === undefined || end < changesAt)) changesAt = end;
    }
    return { pending: waiting > 0, overdue, worthABlock: waiting >= WORTH_A_BLOCK, changesAt };
  }

  repeatOperations(leader: number): Effects {
    const oldest = [...this.#pool.values()].slice(0, REPEATED_MAX);
    const { toAll, rest } = this.#repetition.divide(oldest);
    const to = (receiver: number | "all", operations: readonly ToyOperation[]) =>
      operations.map(({ bytes }) => ({ to: receiver, bytes: message(OPERATION, bytes) }));
    return { messages: [...to("all", toAll), ...to(leader, rest)] };
  }

  finalize({ block }: Finalized): Effects {
    this.#final = block;
    for (const id of idsOf(block)) this.#used.add(id);
    for (const [id, operation] of this.#pool) {
      if (!this.#used.has(id) && isOpen(operation.validUntil, block.header.time)) continue;
      this.#pool.delete(id);
    }
    return {};
  }

  /** A peer's operation is refused only if it is known, or if a final block's time is past its window. */
  #admit(operation: ToyOperation): boolean {
    const { id, validUntil } = operation;
    if (this.#used.has(id) || this.#pool.has(id)) return false;
    if (!isOpen(validUntil, this.#final.header.time)) return false;
    this.#pool.set(id, operation);
    this.#keepBody(operation);
    return true;
  }

  #keepBody(operation: ToyOperation): void {
    this.#bodies.set(toHex(operation.leafHash), operation);
    if (this.#bodies.size <= SIDE_STORE_MAX) return;
    for (const [key, { id }] of this.#bodies) {
      if (this.#pool.has(id)) continue;
      this.#bodies.delete(key);
      return;
    }
  }

  #retryWaiting(): NonNullable<Effects["verdicts"]> {
    const request = this.#waiting;
    if (request === undefined) return [];
    if (request.proposal.leafHashes.some((leaf) => !this.#bodies.has(toHex(leaf)))) return [];
    this.#waiting = undefined;
    return [{ blockHash: request.proposal.hash, verdict: this.#execute(request) }];
  }

  /** All bodies are here: executes the block and compares. */
  #execute({ proposal, parent, ancestors }: VerifyRequest): Verdict {
    const { header, headerBytes, hash } = proposal;
    const operations = this.#orderable(proposal, branchIds(ancestors));
    if (operations === undefined || !sameRoots(proposal, parent.header)) return { kind: "invalid" };
    return { kind: "valid", block: { header, headerBytes, hash, operations } };
  }

  /** The bodies in order; undefined if a body may not be in the block. */
  #orderable(proposal: Proposal, onBranch: ReadonlySet<string>): Bytes[] | undefined {
    const seen = new Set<string>();
    const operations: Bytes[] = [];
    for (const leaf of proposal.leafHashes) {
      const operation = this.#bodies.get(toHex(leaf));
      if (operation === undefined) return undefined;
      const { id, validUntil, bytes } = operation;
      const taken = seen.has(id) || onBranch.has(id) || this.#used.has(id);
      if (taken || !isOpen(validUntil, proposal.header.time)) return undefined;
      seen.add(id);
      operations.push(bytes);
    }
    return operations;
  }
}

function sameRoots({ header, leafHashes }: Proposal, parent: Tip["header"]): boolean {
  const roots = toyRoots(parent, leafHashes);
  return (
    equalBytes(header.operationsRoot, roots.operationsRoot) &&
    equalBytes(header.resultsRoot, roots.resultsRoot) &&
    equalBytes(header.stateRoot, roots.stateRoot)
  );
}

function branchIds(ancestors: readonly Block[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const block of ancestors) for (const id of idsOf(block)) ids.add(id);
  return ids;
}

function message(kind: number, body: Bytes): Bytes {
  return concatBytes(Uint8Array.of(kind), body);
}
