/** Wallet records: the state of a wallet, its canonical bytes, and the change that an entry makes. */
import { type Amount } from "../primitives/amount.ts";
import { type Bytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { type Digest, type Hash } from "../primitives/hash.ts";
import { type NetworkId, type WalletId } from "../primitives/ids.ts";
import { type Height, type ValidatorIndex } from "../primitives/numbers.ts";
import type { WalletCreation } from "../primitives/operations/wallet-creation.ts";
import { type PublicKey } from "../primitives/signature.ts";
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
export declare function isUnfunded({ sponsor, balance }: WalletRecord): boolean;
/** One applied operation as the wallet's statement sees it. */
export interface StatementEntry {
    readonly height: Height;
    readonly operationHash: Digest;
    /** Minor units, negative for the payer. */
    readonly delta: bigint;
}
export declare function encodeWalletRecord(networkId: NetworkId, record: WalletRecord): Bytes;
export declare function decodeWalletRecord(networkId: NetworkId, bytes: Bytes): WalletRecord | EncodingError;
/** The key of a wallet in the trie: the hash of its id. */
export declare function walletTrieKey(hash: Hash, networkId: NetworkId, id: WalletId): Digest;
/** A wallet before its first entry; it is never stored in this form. */
export declare function emptyWallet(fields: Pick<WalletRecord, "id" | "publicKey" | "asset" | "sponsor">): WalletRecord;
/** The record that an applied creation leaves: its first entry is the creation itself. */
export declare function createdWallet(network: Parameters<typeof appendEntry>[0], fields: Pick<WalletRecord, "id" | "asset" | "sponsor">, { publicKey, initialBalance }: Pick<WalletCreation, "publicKey" | "initialBalance">, at: Pick<StatementEntry, "height" | "operationHash">): WalletRecord;
/**
 * The record after one more applied entry: H(k) = hash(tag, network id, H(k - 1), k, height, operation hash, signed
 * delta, balance after). The plan has checked that the balance covers the delta (L16).
 */
export declare function appendEntry(network: {
    readonly hash: Hash;
    readonly networkId: NetworkId;
}, record: WalletRecord, entry: StatementEntry): WalletRecord;
