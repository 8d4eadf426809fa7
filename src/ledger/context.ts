/** The ledger's context: the network, the injected functions, and look-ups that are made once. It holds no state. */
import { assert } from "../primitives/assert.ts";
import { toHex } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { TrieKind } from "../primitives/merkle-trie.ts";
import { trieHashing } from "../primitives/merkle-trie-hashing.ts";
import type { Epoch, Height, ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { IsValidPoint, PublicKey } from "../primitives/signature.ts";
import { quorumOf, type Validator } from "../primitives/validators.ts";
import type { CeremonyJudge } from "./ceremony-judge.ts";
import { epochAt, FIRST_EPOCH, membersOf } from "./epochs.ts";
import { type Genesis, networkIdOf } from "./genesis.ts";
import { decodeWalletRecord, encodeWalletRecord, type WalletRecord } from "./wallet-record.ts";

export interface LedgerContext {
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
  readonly hash: Hash;
  readonly isValidPoint: IsValidPoint;
  readonly judge: CeremonyJudge;
  /** n - f: the shares of a seal, and the votes of a certificate. */
  readonly threshold: number;
  readonly walletTrie: TrieKind<WalletRecord>;
  /** Operations that `checkOperation` passed; held weakly. */
  readonly good: WeakSet<SignedOperation>;
  /** The validators of an epoch, in the order of their indices. */
  members(epoch: Epoch): readonly Validator[];
  /** The epoch of the block at `height`. */
  epochAt(height: Height): Epoch;
  /** The validators that certify the block at `height`. */
  membersAt(height: Height): readonly Validator[];
  /** Place of an asset in the genesis. */
  assetIndex(code: string): number | undefined;
  isIssuer(key: PublicKey): boolean;
  /** The validator with this identity key. */
  validatorOf(identityKey: PublicKey): ValidatorIndex | undefined;
}

export function createLedgerContext(parts: {
  readonly genesis: Genesis;
  readonly hash: Hash;
  readonly isValidPoint: IsValidPoint;
  readonly judge: CeremonyJudge;
}): LedgerContext {
  const { genesis, hash } = parts;
  const networkId = networkIdOf(hash, genesis);
  const assets = new Map(genesis.assets.map((asset, index) => [asset.code, index]));
  const issuers = new Set(genesis.issuers.map(toHex));
  const members = membersOf(genesis, FIRST_EPOCH);
  const validators = new Map(
    members.map((validator) => [toHex(validator.identityKey), validator.index]),
  );
  return {
    ...parts,
    networkId,
    threshold: quorumOf(members.length),
    walletTrie: {
      hashing: trieHashing(hash, networkId),
      encodeValue: (record) => encodeWalletRecord(networkId, record),
      decodeValue: (bytes) => {
        const record = decodeWalletRecord(networkId, bytes);
        assert(!(record instanceof EncodingError), "the trie gives back what it was given");
        return record;
      },
    },
    good: new WeakSet(),
    members: (ofEpoch) => membersOf(genesis, ofEpoch),
    epochAt: (height) => epochAt(genesis, height),
    membersAt: (height) => membersOf(genesis, epochAt(genesis, height)),
    assetIndex: (code) => assets.get(code),
    isIssuer: (key) => issuers.has(toHex(key)),
    validatorOf: (identityKey) => validators.get(toHex(identityKey)),
  };
}
