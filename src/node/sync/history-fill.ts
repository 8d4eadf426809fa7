/**
 * Fills in the history below the snapshot from which a node was started (R31), downwards from peers, until it is
 * complete. The store holds its progress: a new start continues there.
 */

import type { LedgerContext } from "../../ledger/context.ts";
import { genesisHeader } from "../../ledger/header.ts";
import { assert } from "../../primitives/assert.ts";
import { assembleBlock, blockHash, decodeHeader, type Header } from "../../primitives/block.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import { type History, isWhole } from "../../storage/history.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import type { FetchedBlocks } from "../../transport/peer-api.ts";
import { pause } from "../../transport/timers.ts";
import { hedgedAsk } from "../base/hedged-ask.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { Divergence } from "../execution/application.ts";
import type { BlockSource } from "./block-source.ts";
import { Lie } from "./block-verifier.ts";
import type { HistoryReader, ReadPast } from "./history-reader.ts";
import { PastStatements } from "./past-statements.ts";
import { storedHeader } from "./stored-header.ts";

export interface HistoryFillParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "chain" | "statements" | "state">;
  readonly reader: HistoryReader;
  readonly source: BlockSource;
  readonly system: Pick<System, "monotonic" | "after">;
  readonly log: Log;
}

/** The longest wait for one peer before the next is asked. */
const PATIENCE_MS = 5_000;
/** The pause between rounds in which no peer had the missing blocks. */
const ROUND_MS = 500;
const REPORT_MS = 5_000;
/** A peer keeps one finalization for each seal interval, so the next one is at most this far above a block. */
const PROOF_GAP_MAX = 2 * LIMITS.sealInterval;

export class HistoryFill {
  readonly #parts: HistoryFillParts;
  readonly #throughput = new PeerThroughput();
  #reportedAt = Number.NEGATIVE_INFINITY;
  readonly #statements: PastStatements;
  readonly #end = new AbortController();

  constructor(parts: HistoryFillParts) {
    this.#parts = parts;
    const { context, store } = parts;
    this.#statements = new PastStatements({
      networkId: context.networkId,
      statements: store.statements,
      state: store.state,
    });
  }

  stop(): void {
    this.#end.abort();
  }

  /**
   * Runs until the history is complete, until `stop`, or, with `before`, until the lowest held block is older than
   * that time. Throws StorageError, or Divergence if the chain held before is no part of this one.
   */
  async run(before = Number.NEGATIVE_INFINITY): Promise<void> {
    const { store, log } = this.#parts;
    while (!this.#end.signal.aborted) {
      const { history } = store.blocks;
      if (isWhole(history)) return;
      const lowest = await storedHeader(store.blocks, history.from);
      if (lowest.time < before) return;
      this.#report(history, lowest.time - before);
      const past = await this.#ask(lowest, history);
      if (this.#end.signal.aborted) return;
      if (past === undefined) {
        await pause(this.#parts.system, ROUND_MS, this.#end.signal);
        continue;
      }
      await this.#checkJoint(past, history);
      await store.chain.fill({ ...past, blocks: await this.#statements.complete(past.blocks) });
      if (isWhole(store.blocks.history)) log.info("the history below the snapshot is whole");
    }
  }

  async #ask(lowest: Header, { below }: History): Promise<ReadPast | undefined> {
    const { system, source, store } = this.#parts;
    const expected = { height: height(lowest.height - 1), hash: lowest.parentHash };
    const start = { kind: "hash", hash: lowest.parentHash, above: below } as const;
    const count = Math.min(LIMITS.fetchedBlocksMax, expected.height - below);
    const query = { start, count, headersOnly: false, withResults: true };
    const proven = (await store.blocks.loadFinalization(lowest.height))?.height ?? lowest.height;
    let found: ReadPast | undefined;
    let enough = false;
    await hedgedAsk(this.#throughput.fastestFirst(source.others), {
      after: system.after,
      patienceMs: PATIENCE_MS,
      ask: async (peer) => {
        const asked = system.monotonic();
        // Rate 0 until the peer has given blocks: its answer may come after the round has ended, or never.
        this.#throughput.gave(peer, 0, 0);
        const answer = await source.fetchBlocks(peer, query);
        if (enough) return true;
        const past = await this.#judge(peer, answer?.blocks.slice(0, count) ?? [], expected);
        const lacks = past === undefined || lacksProofs(past, proven);
        this.#throughput.gave(peer, lacks ? 0 : past.blocks.length, system.monotonic() - asked);
        if (enough || past === undefined) return enough;
        enough = !lacks;
        // If no peer has more proofs, the best answer is used.
        if (enough || isBetter(past, found)) found = past;
        return enough;
      },
    });
    return found;
  }

  async #judge(
    peer: ValidatorIndex,
    blocks: FetchedBlocks["blocks"],
    expected: { readonly height: Height; readonly hash: Digest },
  ): Promise<ReadPast | undefined> {
    const past = await this.#parts.reader.read(blocks, expected);
    if (past === "nothing") return undefined;
    if (past instanceof Lie) {
      this.#throughput.lied(peer);
      this.#parts.log.warn({ peer, ...past.shown }, "a peer lied about a block");
      return undefined;
    }
    return past;
  }

  /** The blocks of the hole must descend from the highest block held below it, at least from the genesis. */
  async #checkJoint({ blocks }: ReadPast, { below }: History): Promise<void> {
    const lowest = blocks.at(-1);
    if (lowest === undefined || lowest.height !== below + 1) return;
    const header = decodeHeader(lowest.header);
    assert(!(header instanceof EncodingError), "it was read before");
    if (equalBytes(header.parentHash, await this.#hashOf(below))) return;
    throw new Divergence(
      `block ${lowest.height}, which is final, is no child of this node's own final block ${below}`,
    );
  }

  async #hashOf(at: Height): Promise<Digest> {
    const { context, store } = this.#parts;
    if (at === 0) return assembleBlock(context.hash, genesisHeader(context), []).hash;
    const header = await store.blocks.loadHeader(at);
    if (header === undefined)
      throw new StorageCorruption(`the header of block ${at}`, "it is missing");
    return blockHash(context.hash, header);
  }

  /** `leftMs`: block time that is still to be covered before the node listens; infinite after that. */
  #report({ from, below }: History, leftMs: number): void {
    const { system, log } = this.#parts;
    if (system.monotonic() - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = system.monotonic();
    const missing = from - 1 - below;
    if (Number.isFinite(leftMs)) {
      log.info({ leftMs, missing, from }, "filling in the window, before this node listens");
    } else {
      log.info({ missing, from }, "filling in the history below the snapshot");
    }
  }
}

/**
 * True if a block is farther below the next finalization than with almost any honest peer: without a finalization
 * near enough, this node never has a receipt for it. `proven` is the height of the lowest held finalization.
 */
function lacksProofs({ blocks, finalizations }: ReadPast, proven: Height): boolean {
  const heights = [proven, ...finalizations.map((one) => one.height)];
  const lowest = blocks.at(-1)?.height ?? proven;
  return heights.some((at, index) => at - (heights[index + 1] ?? lowest) > PROOF_GAP_MAX);
}

function isBetter(past: ReadPast, than: ReadPast | undefined): boolean {
  if (than === undefined) return true;
  const proofs = past.finalizations.length - than.finalizations.length;
  return proofs > 0 || (proofs === 0 && past.blocks.length > than.blocks.length);
}

/**
 * The measured block rate of each peer. The fastest is asked first; otherwise a peer that gives a single block just
 * before its time is over would be asked again and again, and the history would take days.
 */
class PeerThroughput {
  /** Blocks per millisecond. A peer that has not been asked comes first. */
  readonly #rates = new Map<ValidatorIndex, number>();
  /** These come last. */
  readonly #liars = new Set<ValidatorIndex>();

  gave(peer: ValidatorIndex, blocks: number, afterMs: number): void {
    this.#rates.set(peer, blocks / Math.max(afterMs, 1));
  }

  lied(peer: ValidatorIndex): void {
    this.#liars.add(peer);
  }

  fastestFirst(peers: readonly ValidatorIndex[]): ValidatorIndex[] {
    const rate = (peer: ValidatorIndex) =>
      this.#liars.has(peer) ? -1 : (this.#rates.get(peer) ?? Number.MAX_VALUE);
    return peers.toSorted((left, right) => rate(right) - rate(left));
  }
}
