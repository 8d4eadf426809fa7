/** Measures the memory of a wallet in a node, with its part of the trie, over many wallets created by blocks. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  decodeWalletRecord,
  emptyWallet,
  type WalletRecord,
  walletRecordPrefix,
  walletTrieKey,
  writeWalletRecord,
} from "../src/ledger/wallet-record.ts";
import { entropy, sha256 } from "../src/node/base/crypto.ts";
import { type Encoder, EncodingError } from "../src/primitives/encoding.ts";
import type { Digest } from "../src/primitives/hash.ts";
import { uuidFromDigest } from "../src/primitives/ids.ts";
import { MerkleTrie } from "../src/primitives/merkle-trie.ts";
import { trieHashing } from "../src/primitives/merkle-trie-hashing.ts";
import { validatorIndex } from "../src/primitives/numbers.ts";

const WALLETS = 100_000;
const PER_BLOCK = 200;

/** Bytes for each wallet, on the heap and outside it, after garbage collection. */
export function measureWalletMemory(): number {
  const networkId = sha256(entropy(32));
  const kind = {
    hashing: trieHashing(sha256, networkId),
    prefix: walletRecordPrefix(networkId),
    writeValue: (encoder: Encoder, record: WalletRecord) => {
      writeWalletRecord(encoder, networkId, record);
    },
    decodeValue: (bytes: Uint8Array) => {
      const record = decodeWalletRecord(networkId, bytes);
      if (record instanceof EncodingError) throw record;
      return record;
    },
  };
  const before = memoryInUse();
  let trie = MerkleTrie.empty<WalletRecord>(kind);
  const created = (): [Digest, WalletRecord] => {
    const id = uuidFromDigest(entropy(32));
    const fields = { id, publicKey: entropy(32), asset: 0, sponsor: validatorIndex(1) };
    return [walletTrieKey(sha256, networkId, id), emptyWallet(fields)];
  };
  for (let done = 0; done < WALLETS; done += PER_BLOCK) {
    trie = trie.setAll(Array.from({ length: PER_BLOCK }, created));
  }
  const bytes = (memoryInUse() - before) / WALLETS;
  if (trie.size !== WALLETS) throw new Error("some wallets are missing");
  return bytes;
}

/** Bytes on the heap and outside it, after garbage collection. */
export function memoryInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("the runtime does not collect when asked to");
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
