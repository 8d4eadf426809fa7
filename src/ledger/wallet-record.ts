/** Wallet records: the state of a wallet, its canonical bytes, and the change that an entry makes. */
import { type Amount, amount } from "../primitives/amount.ts";
import { assert } from "../primitives/assert.ts";
import { type Bytes, concatBytes, copyBytes } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash, zeroDigest } from "../primitives/hash.ts";
import {
  type NetworkId,
  readUuid,
  UUID_LENGTH,
  unpackUuid,
  type WalletId,
  writeUuid,
} from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import type { WalletCreation } from "../primitives/operations/wallet-creation.ts";
import { PUBLIC_KEY_LENGTH, type PublicKey } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";

/** The state of a wallet (L16). */
export interface WalletRecord {
  readonly id: WalletId;
  readonly publicKey: PublicKey;
  /** Place of its asset in the genesis. */
  readonly asset: number;
  readonly balance: Amount;
  /** H of the latest entry: the hash chain of everything that was applied to the wallet. */
  readonly statementHead: Digest;
  /** k: how many entries were applied; the creation is the first. */
  readonly entries: number;
  /** The member that sponsored its creation without money; the wallet counts against its quota while it holds none. */
  readonly sponsor?: ValidatorIndex | undefined;
}

/** True if the wallet takes a place in its sponsor's quota (L27). */
export function isUnfunded({ sponsor, balance }: WalletRecord): boolean {
  return sponsor !== undefined && balance === 0n;
}

/** One applied operation as the wallet's statement sees it. */
export interface StatementEntry {
  readonly height: Height;
  readonly operationHash: Digest;
  /** Minor units, negative for the payer. */
  readonly delta: bigint;
}

/** With these bytes every encoded wallet record of the network begins. */
export function walletRecordPrefix(networkId: NetworkId): Bytes {
  return new Encoder().tag(TAGS.walletRecord).fixed(networkId, DIGEST_LENGTH).finish();
}

/** The canonical bytes of a record (L16), as trie and store have them. */
export function encodeWalletRecord(networkId: NetworkId, record: WalletRecord): Bytes {
  const encoder = new Encoder();
  writeWalletRecord(encoder, networkId, record);
  return encoder.finish();
}

/** Writes the same bytes. `decodeWalletRecord` and FIELDS_LENGTH follow its layout. */
export function writeWalletRecord(
  encoder: Encoder,
  networkId: NetworkId,
  record: WalletRecord,
): void {
  encoder.tag(TAGS.walletRecord).fixed(networkId, DIGEST_LENGTH);
  writeUuid(encoder, record.id);
  encoder
    .fixed(record.publicKey, PUBLIC_KEY_LENGTH)
    .u8(record.asset)
    .u64(record.balance)
    .fixed(record.statementHead, DIGEST_LENGTH)
    .u64(record.entries)
    .optional(record.sponsor, (sponsor, inner) => inner.u16(sponsor));
}

/** Of what lies between the prefix of a record and its sponsor. */
const FIELDS_LENGTH = UUID_LENGTH + PUBLIC_KEY_LENGTH + 1 + 8 + DIGEST_LENGTH + 8;

/** False for an encoded record that names no sponsor, without the cost of decoding it. */
export function namesSponsor(record: Bytes, prefix: Bytes): boolean {
  return record[prefix.length + FIELDS_LENGTH] !== 0;
}

export function decodeWalletRecord(
  networkId: NetworkId,
  bytes: Bytes,
): WalletRecord | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.walletRecord);
    if (!decoder.isNext(networkId)) {
      throw new EncodingError("wrongNetwork", "the wallet record names another network");
    }
    const id = readUuid(decoder);
    const publicKey = decoder.fixed(PUBLIC_KEY_LENGTH);
    const asset = decoder.u8();
    if (asset >= LIMITS.assetsMax) throw new EncodingError("limit", "no genesis has this asset");
    const balance = amount(decoder.u64());
    const statementHead = decoder.fixed(DIGEST_LENGTH);
    const entries = decoder.safeU64();
    const sponsor = decoder.optional((inner) => validatorIndex(inner.u16()));
    if (sponsor !== undefined && sponsor >= LIMITS.validatorsMax) {
      throw new EncodingError("limit", "no genesis has this member");
    }
    return { id, publicKey, asset, balance, statementHead, entries, sponsor };
  });
}

/** The key of a wallet in the trie: the hash of its id. */
export function walletTrieKey(hash: Hash, networkId: NetworkId, id: WalletId): Digest {
  return walletTrieKeys(hash, networkId)(id);
}

/** The same for many wallets: what comes before the id is encoded once. */
export function walletTrieKeys(hash: Hash, networkId: NetworkId): (id: WalletId) => Digest {
  const { input, idAt } = trieKeyInput(networkId);
  return (id) => {
    unpackUuid(input, idAt, id);
    return hash(input);
  };
}

/** The same by the 16 bytes of the id; each key is written over by the next. */
export function packedWalletTrieKeys(hash: Hash, networkId: NetworkId): (id: Bytes) => Digest {
  const { input, idAt } = trieKeyInput(networkId);
  const key = new Uint8Array(DIGEST_LENGTH);
  return (id) => {
    copyBytes(id, 0, { into: input, at: idAt, length: UUID_LENGTH });
    return hash(input, key);
  };
}

function trieKeyInput(networkId: NetworkId): { readonly input: Bytes; readonly idAt: number } {
  const prefix = new Encoder().tag(TAGS.walletKey).fixed(networkId, DIGEST_LENGTH).finish();
  return { input: concatBytes(prefix, new Uint8Array(UUID_LENGTH)), idAt: prefix.length };
}

/** A wallet before its first entry; it is never stored in this form. */
export function emptyWallet(
  fields: Pick<WalletRecord, "id" | "publicKey" | "asset" | "sponsor">,
): WalletRecord {
  return { ...fields, balance: amount(0n), statementHead: zeroDigest, entries: 0 };
}

/** The record that an applied creation leaves: its first entry is the creation itself. */
export function createdWallet(
  network: Parameters<typeof appendEntry>[0],
  fields: Pick<WalletRecord, "id" | "asset" | "sponsor">,
  { publicKey, initialBalance }: Pick<WalletCreation, "publicKey" | "initialBalance">,
  at: Pick<StatementEntry, "height" | "operationHash">,
): WalletRecord {
  const empty = emptyWallet({ ...fields, publicKey });
  return appendEntry(network, empty, { ...at, delta: initialBalance ?? 0n });
}

/**
 * The record after one more applied entry: H(k) = hash(tag, network id, H(k - 1), k, height, operation hash, signed
 * delta, balance after). The plan has checked that the balance covers the delta (L16).
 */
export function appendEntry(
  network: { readonly hash: Hash; readonly networkId: NetworkId },
  record: WalletRecord,
  entry: StatementEntry,
): WalletRecord {
  const sum = record.balance + entry.delta;
  assert(sum >= 0n, "no wallet goes below zero");
  const balance = amount(sum);
  const entries = record.entries + 1;
  const statementHead = new Encoder()
    .tag(TAGS.statementEntry)
    .fixed(network.networkId, DIGEST_LENGTH)
    .fixed(record.statementHead, DIGEST_LENGTH)
    .u64(entries)
    .u64(entry.height)
    .fixed(entry.operationHash, DIGEST_LENGTH)
    .boolean(entry.delta < 0n)
    .u64(entry.delta < 0n ? -entry.delta : entry.delta)
    .u64(balance)
    .digest(network.hash);
  return { ...record, balance, entries, statementHead };
}
