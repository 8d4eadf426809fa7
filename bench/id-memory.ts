/** Measures the memory of an id in use (L7). */
import { UsedIds } from "../src/ledger/used-ids.ts";
import { entropy, sha256 } from "../src/node/base/crypto.ts";
import { uuidFromDigest } from "../src/primitives/ids.ts";
import { keyInScope } from "../src/primitives/operation.ts";
import { memoryInUse } from "./wallet-memory.ts";

/** Bytes for each of `count` ids, on the heap and outside it, after garbage collection. */
export function measureIdMemory(count: number): number {
  const wallet = uuidFromDigest(entropy(32));
  const before = memoryInUse();
  const used = UsedIds.of({ hash: sha256, seed: entropy(32) }, ids(wallet, count));
  const bytes = (memoryInUse() - before) / count;
  if (used.size !== count) throw new Error("some ids are missing");
  return bytes;
}

function* ids(wallet: string, count: number): Generator<{ key: string; validUntil: number }> {
  for (let i = 0; i < count; i++) {
    const key = keyInScope(wallet, uuidFromDigest(entropy(32)));
    yield { key, validUntil: 1_800_000_000_000 + (i % 600_000) };
  }
}
