/**
 * The start of a node that is far behind (R31). It takes the state after a final block from a peer, fetches the
 * blocks of the window, whose ids are in use, and goes on from there; older blocks follow while it runs. Until then
 * the node sends only these questions, and trusts nothing in an answer.
 */
import type { CeremonyRecord } from "../../ledger/ceremony-record.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { decodeNetworkRecord } from "../../ledger/network-record.ts";
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
import { withStatements } from "./past-statements.ts";
import { downloadSnapshot, type Offer, readOffer, type Snapshot } from "./snapshot-download.ts";
import { SnapshotPeers } from "./snapshot-peers.ts";

export interface SnapshotStartParts {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly store: Pick<Store, "blocks" | "state" | "chain" | "statements">;
  readonly checker: SignatureChecker;
  readonly clientOf: (peer: Validator) => PeerClient;
  readonly system: System;
  readonly log: Log;
  /** A snapshot must save executing at least this many blocks, as estimated from block times. */
  readonly blocksMin: number;
  /** Interrupts the start, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Offered {
  readonly peer: ValidatorIndex;
  readonly offer: Offer;
}

/** A peer that does not answer within this time offers nothing. */
const OFFER_MS = 2_000;

/**
 * Leaves a chain on which a node can be opened: the old one, or a new one that begins with a snapshot and its window.
 * Throws StorageError, or Divergence if a block that a quorum finalized contradicts this node's chain.
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

  /** Takes the highest snapshot offered that is far enough above; if its peer fails, the next. */
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
      log.warn({ peer }, "no snapshot from this peer; asking the next one that offers one");
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

  /** The blocks of the window are needed in any case. Their number is estimated from their share of the time. */
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

  /** Stores the snapshot with its block in one batch; false if the peer does not give that block. */
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
    const { networkId } = this.#parts.context;
    const blocks = read.blocks.map((block) => withStatements(networkId, block, wallets));
    await store.chain.startFrom({ blocks, finalization, wallets, ceremony });
    return true;
  }

  /** The ids of these blocks may be in use, so no block above can be executed without them. */
  async #fillWindow(): Promise<void> {
    const { context, store, system, log, signal } = this.#parts;
    const stored = await store.state.loadCeremony();
    const record = stored && decodeNetworkRecord(context.networkId, stored);
    assert(record !== undefined && !(record instanceof EncodingError), "it came with the state");
    const fill = new HistoryFill({
      context,
      store,
      reader: this.#historyReader(record.ceremony),
      source: this.#peers,
      system,
      log,
    });
    const { time } = await this.#ownTip();
    const stop = () => fill.stop();
    // A listener misses an abort that came before it, for example during a write of several seconds.
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
    // A tip that cannot be decoded is reported later, when the chain is opened.
    if (header === undefined || header instanceof EncodingError) {
      return { height: tip?.height ?? 0, time: context.genesis.createdAt };
    }
    return header;
  }
}

/**
 * The offers, highest first, up to the highest block that an honest peer must have reached too, because that peer has
 * committed the blocks below. A faulty peer alone may know a final block above. No other peer could then give the
 * blocks of its window before this node votes, and this node votes only when it has them.
 */
function reached(offers: readonly Offered[], faulty: number): readonly Offered[] {
  const sure = offers[faulty]?.offer.header.height ?? 0;
  return offers.filter(({ offer }) => offer.header.height <= sure);
}
