/** The parts that a node is given: those of a process in production, and those of a test world. */
import type { Principal } from "../access/principal.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { NEWEST_RULESET } from "../ledger/rulesets.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import type { AuditTrail } from "../storage/audit-trail.ts";
import type { Store } from "../storage/contracts.ts";
import { type Capabilities, PROTOCOL } from "../transport/capabilities.ts";
import type { PeerClient } from "../transport/peer-client.ts";
import type { SigningKey } from "./base/crypto.ts";
import type { Log } from "./base/log.ts";
import type { ReadMemory } from "./base/memory.ts";
import type { SignatureChecker } from "./base/signature-checker.ts";
import type { System } from "./base/system.ts";
import type { TraceObserver } from "./base/trace-observer.ts";
import type { SecretKeys } from "./sealing/ceremony-keys.ts";
import type { OpenEngine } from "./sealing/seal-thread.ts";

export interface NodeParts {
  readonly genesis: Genesis;
  readonly self: ValidatorIndex;
  readonly identity: SigningKey;
  readonly custodyKey: SigningKey;
  /** Owns the custodial wallets that have no owner. */
  readonly unownedWallets?: Principal | undefined;
  readonly keyRing: SecretKeys;
  /** Records what the node does by the right of its callers. */
  readonly audit: AuditTrail;
  readonly store: Store;
  readonly checker: SignatureChecker;
  readonly system: System;
  readonly log: Log;
  readonly version: string;
  /** Limits the node to less than its software can do: for tests of mixed versions. */
  readonly capabilities?: Omit<Capabilities, "version"> | undefined;
  /** The certificate that clients see; absent: it never expires. */
  readonly certificate?: { readonly endsAt: number };
  /** Measures the used part of the process's memory; without it, memory never runs short. */
  readonly readMemory?: ReadMemory | undefined;
  readonly openEngine: OpenEngine;
  /** Follows payments; absent: no trace is taken. */
  readonly traces?: TraceObserver | undefined;
  /** Makes the client that calls a peer. */
  readonly clientOf: (peer: Validator, onAnswer?: () => void) => PeerClient;
  /** Called if the node contradicts itself or cannot write: the process must end. */
  readonly fail: (error: unknown) => void;
  /** A start takes a snapshot only if that saves executing at least this many blocks. */
  readonly snapshotBlocksMin: number;
  /** The newest blocks that keep their contents; absent: all do. */
  readonly keepBlocks?: number | undefined;
  /** Interrupts the opening, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** All that this software can do, or the part of it that the node is limited to. */
export function capabilitiesOf({ capabilities, version }: NodeParts): Capabilities {
  return { protocol: PROTOCOL, rulesetMax: NEWEST_RULESET, ...capabilities, version };
}
