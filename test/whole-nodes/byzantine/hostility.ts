/**
 * A Byzantine member runs an honest node. Its messages and answers are twisted, and it acts beside the node with the
 * node's keys.
 */
import type { LedgerContext } from "../../../src/ledger/context.ts";
import type { SigningKey } from "../../../src/node/base/crypto.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import type { Validator } from "../../../src/primitives/validators.ts";
import type { LinkBatch, PeerApi } from "../../../src/transport/peer-api.ts";
import type { PeerClient } from "../../../src/transport/peer-client.ts";
import type { Random } from "../../support/world/random.ts";
import type { Clock } from "../clock.ts";

export interface HostileContext {
  readonly ledger: LedgerContext;
  readonly self: Validator;
  readonly identity: SigningKey;
  readonly custodyKey: SigningKey;
  readonly clock: Clock;
  readonly random: Random;
  /** All members but this one. */
  readonly peers: readonly number[];
  /** Sends beside its link, at once; does nothing while its node is down. */
  readonly send: (to: number, batch: Partial<LinkBatch>) => void;
  /** Undefined while its node is down. */
  readonly clientOf: (to: number) => PeerClient | undefined;
}

export interface Hostility {
  /** The messages that its link carries in place of these. */
  twistBatch?(to: number, batch: LinkBatch): LinkBatch;
  /** Replaces its answers. */
  twistApi?(api: PeerApi): PeerApi;
  /** Replaces its questions. */
  twistClient?(client: PeerClient): PeerClient;
  /** Acts once in a while, until the world is healed. */
  act?(): void;
}

export type Hostile = (context: HostileContext) => Hostility;

/** The same bytes with one bit flipped, or shortened, or lengthened. */
export function spoil(random: Random, bytes: Bytes): Bytes {
  const copy = new Uint8Array(bytes);
  if (copy.length === 0 || random.chance(0.1)) return Uint8Array.from([...copy, 0]);
  if (random.chance(0.1)) return copy.slice(0, -1);
  const at = random.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}
