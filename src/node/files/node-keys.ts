/**
 * A node's two long-lived keys: identity (votes, registrations, results) and custody (money). No key serves both
 * purposes.
 */
import type { Bytes } from "../../primitives/bytes.ts";
import type { KeyRing } from "../../storage/key-ring.ts";
import { entropy, SEED_LENGTH, type SigningKey, signingKeyOf } from "../base/crypto.ts";

export interface NodeKeys {
  readonly identity: SigningKey;
  readonly custody: SigningKey;
}

const KINDS = ["identity", "custody"] as const;

/** The secrets of a node's keys, 32 bytes each, before they are stored. */
export type NodeSeeds = Readonly<Record<(typeof KINDS)[number], Bytes>>;

export function drawNodeSeeds(): NodeSeeds {
  return { identity: entropy(SEED_LENGTH), custody: entropy(SEED_LENGTH) };
}

/** Stores both keys encrypted, and overwrites the given seeds. */
export async function saveNodeKeys(ring: KeyRing, seeds: NodeSeeds): Promise<void> {
  for (const kind of KINDS) {
    const { publicKey } = signingKeyOf(seeds[kind]);
    await ring.save({ name: kind, kind, publicKey }, seeds[kind]);
    seeds[kind].fill(0);
  }
}

export async function loadNodeKeys(ring: KeyRing): Promise<NodeKeys> {
  const [identity, custody] = [await load(ring, "identity"), await load(ring, "custody")];
  return { identity, custody };
}

async function load(ring: KeyRing, kind: (typeof KINDS)[number]): Promise<SigningKey> {
  const { secret } = await ring.load(kind, kind);
  const signer = signingKeyOf(secret);
  secret.fill(0);
  return signer;
}
