/**
 * Downloads the state after a final block from one peer (R31). The parts prove nothing by themselves. All of them
 * together must give the state root of a header under a finalization; otherwise the peer has lied for certain.
 */
import type { CeremonyRecord } from "../../ledger/ceremony-record.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { decodeNetworkRecord } from "../../ledger/network-record.ts";
import { stateRootOf } from "../../ledger/state-root.ts";
import {
  decodeWalletRecord,
  type WalletRecord,
  walletTrieKey,
} from "../../ledger/wallet-record.ts";
import { type Block, blockHash, decodeHeader } from "../../primitives/block.ts";
import { type Bytes, compareBytes, equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { MerkleTrie } from "../../primitives/merkle-trie.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { StoredWallet } from "../../storage/contracts.ts";
import type { FetchedSnapshot } from "../../transport/peer-api.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { yieldToOthers } from "../base/yielding.ts";
import { type BlockVerifier, Lie } from "./block-verifier.ts";
import type { SnapshotPeers } from "./snapshot-peers.ts";

/** A final block whose state a peer offers. */
export interface Offer extends Pick<Block, "header" | "headerBytes" | "hash"> {
  readonly finalization: Bytes;
}

/** A whole state that has the root in the header. */
export interface Snapshot {
  readonly wallets: readonly StoredWallet[];
  readonly ceremony: Bytes;
  readonly ceremonyRecord: CeremonyRecord;
}

export interface DownloadParts {
  readonly context: LedgerContext;
  readonly peers: Pick<SnapshotPeers, "fetchSnapshot">;
  readonly peer: ValidatorIndex;
  readonly system: Pick<System, "monotonic">;
  readonly log: Log;
}

/** A peer is dropped if it takes longer than this, plus `PART_MS` for each full part of wallets that it gave. */
const GRACE_MS = 10_000;
const PART_MS = 250;
const REPORT_MS = 5_000;

/** Checks that a peer's offer is final. */
export async function readOffer(
  { context, verifier }: { readonly context: LedgerContext; readonly verifier: BlockVerifier },
  offered: FetchedSnapshot,
): Promise<Offer | Lie> {
  const { header: headerBytes, finalization } = offered;
  const header = decodeHeader(headerBytes);
  if (header instanceof EncodingError)
    return new Lie("a header that cannot be decoded", headerBytes);
  const hash = blockHash(context.hash, headerBytes);
  const read = await verifier.readFinalization(finalization, { header, hash });
  return read instanceof Lie ? read : { header, headerBytes, hash, finalization };
}

/** Undefined if the peer stopped answering or was too slow. */
export function downloadSnapshot(
  parts: DownloadParts,
  offer: Offer,
): Promise<Snapshot | Lie | undefined> {
  return new Download(parts, offer).run();
}

class Download {
  readonly #parts: DownloadParts;
  readonly #offer: Offer;
  readonly #wallets: StoredWallet[] = [];
  #trie: MerkleTrie<WalletRecord>;
  #last: Digest | undefined;
  #ceremony: Bytes | undefined;
  /** Bytes of the wallets so far. */
  #bytes = 0;

  constructor(parts: DownloadParts, offer: Offer) {
    this.#parts = parts;
    this.#offer = offer;
    this.#trie = MerkleTrie.empty(parts.context.walletTrie);
  }

  async run(): Promise<Snapshot | Lie | undefined> {
    const { peers, peer, system, log } = this.#parts;
    const { header } = this.#offer;
    const begun = system.monotonic();
    let reportedAt = begun;
    for (;;) {
      const after = this.#wallets.at(-1)?.id;
      const answer = await peers.fetchSnapshot(peer, { height: header.height, after });
      if (answer === undefined) return undefined;
      const wrong = this.#take(answer);
      if (wrong !== undefined) return wrong;
      // The time grows with the bytes received: otherwise a peer that gives one wallet at a time could hold up the
      // start for hours.
      const parts = this.#bytes / LIMITS.snapshotAnswerBytesMax;
      if (system.monotonic() - begun > GRACE_MS + parts * PART_MS) return undefined;
      if (this.#wallets.length === header.walletCount) return this.#whole();
      if (answer.wallets.length === 0) return this.#lie("fewer wallets than there are");
      if (system.monotonic() - reportedAt >= REPORT_MS) {
        reportedAt = system.monotonic();
        const of = header.walletCount;
        log.info({ peer, wallets: this.#wallets.length, of }, "taking over a state");
      }
      await yieldToOthers();
    }
  }

  #take({ header, ceremony, wallets }: FetchedSnapshot): Lie | undefined {
    const { context } = this.#parts;
    const { hash, networkId } = context;
    if (!equalBytes(header, this.#offer.headerBytes)) return this.#lie("parts of another state");
    this.#ceremony ??= ceremony;
    const entries: [Digest, WalletRecord][] = [];
    for (const bytes of wallets) {
      const record = decodeWalletRecord(networkId, bytes);
      if (record instanceof EncodingError) return this.#lie("a wallet that cannot be decoded");
      const key = walletTrieKey(hash, networkId, record.id);
      if (this.#last !== undefined && compareBytes(key, this.#last) <= 0) {
        return this.#lie("wallets out of order");
      }
      this.#last = key;
      entries.push([key, record]);
      this.#wallets.push({ id: record.id, record: bytes });
      this.#bytes += bytes.length;
    }
    if (this.#wallets.length > this.#offer.header.walletCount) return this.#lie("too many wallets");
    this.#trie = this.#trie.setAll(entries);
    return undefined;
  }

  #whole(): Snapshot | Lie {
    const { context } = this.#parts;
    const ceremony = this.#ceremony;
    const record = ceremony && decodeNetworkRecord(context.networkId, ceremony);
    if (ceremony === undefined || record === undefined) {
      return this.#lie("a state without its ceremony");
    }
    if (record instanceof EncodingError) return this.#lie("a ceremony that cannot be decoded");
    const walletRoot = this.#trie.root();
    const root = stateRootOf(context, { walletRoot, ceremonyHash: context.hash(ceremony) });
    if (!equalBytes(root, this.#offer.header.stateRoot)) {
      return this.#lie("a state that does not have the root of its header");
    }
    return { wallets: this.#wallets, ceremony, ceremonyRecord: record.ceremony };
  }

  #lie(what: string): Lie {
    return new Lie(what, this.#offer.headerBytes);
  }
}
