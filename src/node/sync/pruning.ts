/**
 * Drops the contents of old blocks, if the configuration says how many to keep (`keepBlocks`). Headers, certificates, seals and all
 * indexes stay, so an id that was used long ago is still known (A7). Kept besides: the window of ids (A6), as many blocks below it as
 * a peer may need before it takes a snapshot (R31), what a webhook or sink has not got yet, and blocks that created
 * custodial wallets of this gateway, whose owner they prove.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { oldestInWindow } from "../../ledger/window.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import { decodeOperation } from "../../primitives/operation.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
import { pause } from "../../transport/timers.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { Yielder } from "../base/yielding.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { storedHeader } from "./stored-header.ts";

export interface PruningParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "chain" | "webhooks">;
  readonly finalizer: Pick<Finalizer, "committed">;
  /** The newest blocks that keep their contents; undefined: all do. */
  readonly keepBlocks: number | undefined;
  /** Blocks that a peer executes rather than taking a snapshot. */
  readonly sparedBlocks: number;
  readonly custodyKey: PublicKey;
  readonly system: System;
  readonly log: Log;
}

const EVERY_MS = 10_000;
/** One batch, and the pause behind it: 2,500 blocks a second at most. */
const BLOCKS_PER_STEP = 256;
const PAUSE_MS = 100;
/** Operations decoded before other work gets a turn. */
const OPERATIONS_PER_TURN = 256;

export class Pruning {
  readonly #parts: PruningParts;
  readonly #end = new AbortController();
  readonly #turns = new Yielder(OPERATIONS_PER_TURN);
  #running: Promise<void> = Promise.resolve();

  constructor(parts: PruningParts) {
    this.#parts = parts;
  }

  /** Prunes until `stop`. */
  run(): Promise<void> {
    if (this.#parts.keepBlocks !== undefined) this.#running = this.#prune();
    return this.#running;
  }

  /** Settles when no step is under way. */
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running.catch(() => undefined);
  }

  async #prune(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const more = await this.#step();
      await pause(this.#parts.system, more ? PAUSE_MS : EVERY_MS, signal);
    }
  }

  /** Drops a batch of blocks; false if there is nothing more to drop now. */
  async #step(): Promise<boolean> {
    const { store, log } = this.#parts;
    const { blocks } = store;
    const from = blocks.bodiesFrom;
    const end = await this.#lowestKept();
    if (end <= from || !isWhole(blocks.history)) return false;
    const kept = new Set<Height>();
    for (let at: number = from; at < end; at++) {
      if (await this.#provesOwner(height(at))) kept.add(height(at));
    }
    if (this.#end.signal.aborted) return false;
    await store.chain.prune(height(end), kept);
    log.debug({ bodiesFrom: end }, "the contents of old blocks are dropped");
    return end === from + BLOCKS_PER_STEP;
  }

  /** The lowest block that keeps its contents. */
  async #lowestKept(): Promise<number> {
    const { context, store, finalizer, keepBlocks = 0, sparedBlocks } = this.#parts;
    const { state, header } = finalizer.committed;
    const oldest = oldestInWindow(context.genesis.timings, header.time);
    const sink = await store.webhooks.lowestProgress();
    const bounds = [state.height - keepBlocks + 1, state.height - sparedBlocks];
    if (sink !== undefined) bounds.push(sink.place.height);
    let end = Math.min(...bounds);
    const from = store.blocks.bodiesFrom;
    end = Math.min(end, from + BLOCKS_PER_STEP);
    // A block goes once the one that is `sparedBlocks` above it has left the window.
    while (end > from) {
      const { time } = await storedHeader(store.blocks, height(end - 1 + sparedBlocks));
      if (time < oldest) break;
      end -= 1;
    }
    return end;
  }

  /** True if it created a wallet whose key this gateway keeps: only the creation proves whose it is. */
  async #provesOwner(at: Height): Promise<boolean> {
    const block = await this.#parts.store.blocks.loadBlock(at);
    for (const bytes of block?.operations ?? []) {
      await this.#turns.count(1);
      if (this.#isOwnCreation(bytes)) return true;
    }
    return false;
  }

  #isOwnCreation(bytes: Bytes): boolean {
    const { context, custodyKey } = this.#parts;
    const operation = decodeOperation(context.networkId, bytes);
    if (operation instanceof EncodingError || operation.kind !== "walletCreation") return false;
    return equalBytes(operation.author, custodyKey);
  }
}
