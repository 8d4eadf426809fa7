/** What the ledger knows besides its state: the network, the functions handed in, and look-ups made once. */
import { assert } from "../primitives/assert.ts";
import { toHex } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { TrieKind } from "../primitives/merkle-trie.ts";
import { trieHashing } from "../primitives/merkle-trie-hashing.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { IsValidPoint, PublicKey } from "../primitives/signature.ts";
import { quorumOf } from "../primitives/validators.ts";
import type { CeremonyJudge } from "./ceremony-judge.ts";
import { type Genesis, networkIdOf } from "./genesis.ts";
import { decodeWalletRecord, encodeWalletRecord, type WalletRecord } from "./wallet.ts";

export interface LedgerContext {
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
  readonly hash: Hash;
  readonly isValidPoint: IsValidPoint;
  readonly judge: CeremonyJudge;
  /** n - f: how many shares make a seal, how many votes a certificate. */
  readonly threshold: number;
  readonly walletTrie: TrieKind<WalletRecord>;
  /** Operations that `checkOperation` found good; forgotten when everyone else has forgotten them. */
  readonly good: WeakSet<SignedOperation>;
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
  const validators = new Map(
    genesis.validators.map((validator) => [toHex(validator.identityKey), validator.index]),
  );
  return {
    ...parts,
    networkId,
    threshold: quorumOf(genesis.validators.length),
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
    assetIndex: (code) => assets.get(code),
    isIssuer: (key) => issuers.has(toHex(key)),
    validatorOf: (identityKey) => validators.get(toHex(identityKey)),
  };
}
