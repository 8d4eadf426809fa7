/** The ledger's context: the network, the injected functions, and look-ups that are made once. It holds no state. */
import { assert } from "../primitives/assert.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { type Digest, type Hash, zeroDigest } from "../primitives/hash.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { TrieKind } from "../primitives/merkle-trie.ts";
import { trieHashing } from "../primitives/merkle-trie-hashing.ts";
import type { Epoch, Height, ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import type { IsValidPoint, PublicKey } from "../primitives/signature.ts";
import { quorumOf, type Validator } from "../primitives/validators.ts";
import type { CeremonyJudge } from "./ceremony-judge.ts";
import { allValidators, epochAt, membersOf } from "./epochs.ts";
import { type Genesis, networkIdOf } from "./genesis.ts";
import { NEWEST_RULESET } from "./rulesets.ts";
import {
  decodeWalletRecord,
  type WalletRecord,
  walletRecordPrefix,
  walletTrieKeys,
  writeWalletRecord,
} from "./wallet-record.ts";

export interface LedgerContext {
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
  readonly hash: Hash;
  /** By which the table of used ids spreads them. */
  readonly seed: Uint8Array;
  readonly isValidPoint: IsValidPoint;
  readonly judge: CeremonyJudge;
  /** The newest ruleset that this node can execute. */
  readonly rulesetMax: number;
  readonly walletTrie: TrieKind<WalletRecord>;
  /** The key of a wallet in the trie; kept for the wallets used last, because each operation needs it four times. */
  walletKey(id: WalletId): Digest;
  /** Operations that `checkOperation` passed; held weakly. */
  readonly good: WeakSet<SignedOperation>;
  /** The validators of an epoch, in the order of their indices. */
  members(epoch: Epoch): readonly Validator[];
  /** The epoch of the block at `height`. */
  epochAt(height: Height): Epoch;
  /** The validators that certify the block at `height`. */
  membersAt(height: Height): readonly Validator[];
  /** n - f of an epoch: the shares of a seal, and the signatures of a key certificate. */
  thresholdOf(epoch: Epoch): number;
  /** The validator of an epoch with this identity key. */
  validatorOf(epoch: Epoch, identityKey: PublicKey): ValidatorIndex | undefined;
  /** True for the identity key of a validator of any epoch. */
  isValidator(identityKey: PublicKey): boolean;
  /** Place of an asset in the genesis. */
  assetIndex(code: string): number | undefined;
  isIssuer(key: PublicKey): boolean;
}

/** `seed`: random and secret in a node, because strangers choose the ids of operations; absent, it is zero. */
export function createLedgerContext(parts: {
  readonly genesis: Genesis;
  readonly hash: Hash;
  readonly seed?: Uint8Array;
  readonly isValidPoint: IsValidPoint;
  readonly judge: CeremonyJudge;
  /** Absent: all that this software knows. */
  readonly rulesetMax?: number | undefined;
}): LedgerContext {
  const { genesis, hash } = parts;
  const networkId = networkIdOf(hash, genesis);
  const assets = new Map(genesis.assets.map((asset, index) => [asset.code, index]));
  const issuers = new Set(genesis.issuers.map(toHex));
  const identities = new Set(allValidators(genesis).map(({ identityKey }) => toHex(identityKey)));
  return {
    ...parts,
    rulesetMax: parts.rulesetMax ?? NEWEST_RULESET,
    seed: parts.seed ?? zeroDigest,
    networkId,
    walletTrie: {
      hashing: trieHashing(hash, networkId),
      prefix: walletRecordPrefix(networkId),
      writeValue: (encoder, record) => writeWalletRecord(encoder, networkId, record),
      decodeValue: (bytes) => {
        const record = decodeWalletRecord(networkId, bytes);
        assert(!(record instanceof EncodingError), "the trie gives back what it was given");
        return record;
      },
    },
    walletKey: keptKeys(walletTrieKeys(hash, networkId)),
    good: new WeakSet(),
    members: (ofEpoch) => membersOf(genesis, ofEpoch),
    epochAt: (height) => epochAt(genesis, height),
    membersAt: (height) => membersOf(genesis, epochAt(genesis, height)),
    thresholdOf: (ofEpoch) => quorumOf(membersOf(genesis, ofEpoch).length),
    validatorOf: (ofEpoch, identityKey) =>
      membersOf(genesis, ofEpoch).find((one) => equalBytes(one.identityKey, identityKey))?.index,
    isValidator: (identityKey) => identities.has(toHex(identityKey)),
    assetIndex: (code) => assets.get(code),
    isIssuer: (key) => issuers.has(toHex(key)),
  };
}

/** A function of the id alone, so that a kept key is never out of date. */
function keptKeys(make: (id: WalletId) => Digest): (id: WalletId) => Digest {
  const kept = new RecencyMap<WalletId, Digest>();
  return (id) => {
    const known = kept.get(id);
    if (known !== undefined) return known;
    const key = make(id);
    kept.remember(id, key, LIMITS.walletKeysKeptMax);
    return key;
  };
}
