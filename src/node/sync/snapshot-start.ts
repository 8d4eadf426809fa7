/**
 * The start of a node that is far behind (R31): it takes the state after a final block over from a peer and
 * goes on from there, with the blocks of the window that its ids are in use in. What lies below is filled in while it
 * runs. Nothing is said to anyone yet but these questions, and nothing in an answer is believed.
 */
import { type CeremonyRecord, decodeCeremonyRecord } from "../../ledger/ceremony-record.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { oldestInWindow } from "../../ledger/window.ts";
import { assert } from "../../primitives/assert.ts";
import { decodeHeader } from "../../primitives/block.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { height, type ValidatorIndex } from "../../primitives/numbers.ts";
import { faultsTolerated, type Validator } from "../../primitives/validators.ts";
import type { Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
import type { PeerClient } from "../../transport/peer-client.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { BlockVerifier, Lie } from "./block-verifier.ts";
import { HistoryFill } from "./history-fill.ts";
import { HistoryReader } from "./history-reader.ts";
import { downloadSnapshot, type Offer, readOffer, type Snapshot } from "./snapshot-download.ts";
import { SnapshotPeers } from "./snapshot-peers.ts";

export interface SnapshotStartParts {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly store: Pick<Store, "blocks" | "state" | "chain">;
  readonly checker: SignatureChecker;
  readonly clientOf: (peer: Validator) => PeerClient;
  readonly system: System;
  readonly log: Log;
  /** A snapshot must save the execution of at least so many blocks, as far as times tell. */
  readonly blocksMin: number;
  /** Ends the start: it throws the reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Offered {
  readonly peer: ValidatorIndex;
  readonly offer: Offer;
}

/** A peer that does not answer in this time offers nothing. */
const OFFER_MS = 2_000;

/**
 * Leaves a chain that a node can be opened on: as it was, or begun anew with a snapshot and its window. Throws
 * StorageError, or Divergence if what a quorum finalized contradicts what this node holds.
 */
export async function startFromSnapshot(parts: SnapshotStartParts): Promise<void> {
  await new SnapshotStart(parts).run();
}

class SnapshotStart {
  readonly #parts: SnapshotStartParts;
  readonly #peers: SnapshotPeers;
  readonly #verifier: BlockVerifier;

  constructor(parts: SnapshotStartParts) {
    this.#parts = parts;
    const { context, self, clientOf, checker, log, signal } = parts;
    const peers = context.membersAt(height(0)).filter(({ index }) => index !== self.index);
    this.#peers = new SnapshotPeers({ peers, clientOf, log, signal });
    this.#verifier = new BlockVerifier({ context, checker });
  }

  async run(): Promise<void> {
    const { store, signal } = this.#parts;
    if (isWhole(store.blocks.history)) await this.#takeSnapshot();
    if (!isWhole(store.blocks.history)) await this.#fillWindow();
    signal?.throwIfAborted();
  }

  /** Takes it from the peer that offers the highest one, if that is far enough above; else from the next. */
  async #takeSnapshot(): Promise<void> {
    const { log, signal } = this.#parts;
    const own = await this.#ownTip();
    const offers = reached(
      await this.#offers(),
      faultsTolerated(this.#peers.others.length + 1),
    ).filter(({ offer }) => this.#saves(own, offer));
    for (const { peer, offer } of offers) {
      log.info({ peer, height: offer.header.height, own: own.height }, "starting from a snapshot");
      const snapshot = await this.#download(peer, offer);
      signal?.throwIfAborted();
      if (snapshot instanceof Lie) this.#warnOf(peer, snapshot);
      else if (snapshot !== undefined && (await this.#keep(peer, offer, snapshot))) return;
      log.warn({ peer }, "no snapshot from this peer; the next that offers one is asked");
    }
  }

  /** Highest first. */
  async #offers(): Promise<Offered[]> {
    const { context } = this.#parts;
    const asked = this.#peers.others.map(async (peer) => {
      const query = { height: undefined, after: undefined };
      const answer = await this.#peers.fetchSnapshot(peer, query, { timeoutMs: OFFER_MS });
      if (answer === undefined) return [];
      const offer = await readOffer({ context, verifier: this.#verifier }, answer);
      if (!(offer instanceof Lie)) return [{ peer, offer }];
      this.#warnOf(peer, offer);
      return [];
    });
    const offers = (await Promise.all(asked)).flat();
    return offers.toSorted((left, right) => right.offer.header.height - left.offer.header.height);
  }

  /** Blocks of the window are needed all the same: how many they are, their share of the time must tell. */
  #saves(own: { readonly height: number; readonly time: number }, { header }: Offer): boolean {
    const { context, blocksMin } = this.#parts;
    const span = header.time - own.time;
    const before = oldestInWindow(context.genesis.timings, header.time) - own.time;
    return before > 0 && (header.height - own.height) * (before / span) >= blocksMin;
  }

  #download(peer: ValidatorIndex, offer: Offer): Promise<Snapshot | Lie | undefined> {
    const { context, system, log } = this.#parts;
    return downloadSnapshot({ context, peers: this.#peers, peer, system, log }, offer);
  }

  /** Durable at once, with the one block that the state is after; false if the peer does not give that. */
  async #keep(peer: ValidatorIndex, { header, hash, finalization }: Offer, snapshot: Snapshot) {
    const { store } = this.#parts;
    const start = { kind: "hash", hash, above: height(header.height - 1) } as const;
    const query = { start, count: 1, headersOnly: false, withResults: true };
    const answer = await this.#peers.fetchBlocks(peer, query);
    const past = this.#historyReader(snapshot.ceremonyRecord);
    const read = await past.read(answer?.blocks.slice(0, 1) ?? [], { height: header.height, hash });
    if (read instanceof Lie) this.#warnOf(peer, read);
    if (read === "nothing" || read instanceof Lie) return false;
    const { wallets, ceremony } = snapshot;
    await store.chain.startFrom({ blocks: read.blocks, finalization, wallets, ceremony });
    return true;
  }

  /** The ids of these blocks may be in use: without them nothing above can be executed. */
  async #fillWindow(): Promise<void> {
    const { context, store, system, log, signal } = this.#parts;
    const stored = await store.state.loadCeremony();
    const ceremony = stored && decodeCeremonyRecord(context.networkId, stored);
    assert(
      ceremony !== undefined && !(ceremony instanceof EncodingError),
      "it came with the state",
    );
    const fill = new HistoryFill({
      context,
      store,
      reader: this.#historyReader(ceremony),
      source: this.#peers,
      system,
      log,
    });
    const { time } = await this.#ownTip();
    const stop = () => fill.stop();
    // A listener hears nothing of an abort that came before it: a write of seconds may lie behind.
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop, { once: true });
    await fill.run(oldestInWindow(context.genesis.timings, time));
    signal?.removeEventListener("abort", stop);
  }

  #warnOf(peer: ValidatorIndex, lie: Lie): void {
    this.#parts.log.warn({ peer, ...lie.shown }, "a peer lied about a snapshot");
  }

  #historyReader(ceremony: CeremonyRecord): HistoryReader {
    const { context, checker } = this.#parts;
    const groupKey = ceremony.kind === "final" ? ceremony.outcome.groupKey : undefined;
    return new HistoryReader({ context, checker, verifier: this.#verifier, keys: { groupKey } });
  }

  async #ownTip(): Promise<{ readonly height: number; readonly time: number }> {
    const { context, store } = this.#parts;
    const tip = await store.blocks.loadTip();
    const bytes = tip && (await store.blocks.loadHeader(tip.height));
    const header = bytes && decodeHeader(bytes);
    // A tip that does not read is reported later, when the chain is opened.
    if (header === undefined || header instanceof EncodingError) {
      return { height: tip?.height ?? 0, time: context.genesis.createdAt };
    }
    return header;
  }
}

/**
 * The offers, highest first, that an honest peer has reached too: it has committed the blocks below. A faulty peer
 * alone may know a final block above; its snapshot would have a window that no other peer could give until this node
 * votes, and it votes only when it has the window.
 */
function reached(offers: readonly Offered[], faulty: number): readonly Offered[] {
  const sure = offers[faulty]?.offer.header.height ?? 0;
  return offers.filter(({ offer }) => offer.header.height <= sure);
}
