/** Reads from the store what a node needs before it is assembled. The node sends nothing yet. */
import type { Principal } from "../access/principal.ts";
import { createLedgerContext, type LedgerContext } from "../ledger/context.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { assert } from "../primitives/assert.ts";
import { height, type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import { createCeremonyJudge } from "../seal/judge.ts";
import { createSuite, type SealSuite } from "../seal/suite.ts";
import type { AuditTrail } from "../storage/audit-trail.ts";
import type { JournalRecord, Store } from "../storage/contracts.ts";
import type { PeerClient } from "../transport/peer-client.ts";
import { START_ID_LENGTH } from "../transport/registration.ts";
import { refuseAmnesiac } from "./amnesia/amnesia.ts";
import { isValidPoint, type SigningKey, sha256 } from "./base/crypto.ts";
import type { Log } from "./base/log.ts";
import type { ReadMemory } from "./base/memory.ts";
import type { SignatureChecker } from "./base/signature-checker.ts";
import type { System } from "./base/system.ts";
import { type Restored, restore } from "./execution/restore.ts";
import { Registry } from "./peers/registry.ts";
import { VoteWitness } from "./peers/vote-witness.ts";
import type { SecretKeys } from "./sealing/ceremony-keys.ts";
import type { OpenEngine } from "./sealing/seal-thread.ts";
import { startFromSnapshot } from "./sync/snapshot-start.ts";

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
  /** The certificate that clients see; absent: it never expires. */
  readonly certificate?: { readonly endsAt: number };
  /** Measures the used part of the process's memory; without it, memory never runs short. */
  readonly readMemory?: ReadMemory | undefined;
  readonly openEngine: OpenEngine;
  /** Makes the client that calls a peer. */
  readonly clientOf: (peer: Validator, onAnswer?: () => void) => PeerClient;
  /** Called if the node contradicts itself or cannot write: the process must end. */
  readonly fail: (error: unknown) => void;
  /** A start takes a snapshot only if that saves executing at least this many blocks. */
  readonly snapshotBlocksMin: number;
  /** Interrupts the opening, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The data read from the store. */
export interface Loaded {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly suite: SealSuite;
  readonly restored: Restored;
  readonly registry: Registry;
  readonly witness: VoteWitness;
  readonly records: readonly JournalRecord[];
  readonly sealedHeight: number;
  /** Number of this start of the node on its journal. */
  readonly run: number;
  /** This node casts no vote in a lower view. */
  readonly firstView: View;
}

/** Throws StorageError if the store cannot be relied on, and Amnesia if an earlier start reached that verdict. */
export async function loadNode(parts: NodeParts): Promise<Loaded> {
  const { genesis, store, identity, clientOf, checker, system, log, signal } = parts;
  const suite = createSuite({ isValidPoint, hash: sha256 });
  const judge = createCeremonyJudge(suite);
  const context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
  const self = context.membersAt(height(0))[parts.self];
  assert(self !== undefined, "the node is a member of its genesis");
  const blocksMin = parts.snapshotBlocksMin;
  const start = { context, self, store, checker, clientOf, system, log, blocksMin, signal };
  await startFromSnapshot(start);
  const restored = await restore(context, store);
  // Synced before the registry makes the first registration of this start (A1).
  const journal = await store.journalIdentity.countStart({ journalId: system.entropy(16) });
  refuseAmnesiac(journal);
  const registry = await Registry.open({
    networkId: context.networkId,
    validators: context.members(restored.state.epoch),
    self,
    identity,
    journal,
    startId: system.entropy(START_ID_LENGTH),
    registrations: store.registrations,
    checker,
  });
  const records = await store.journal.load();
  const { witnessedVotes } = store;
  const witness = await VoteWitness.open({ records: witnessedVotes, system, fail: parts.fail });
  if (restored.finalization !== undefined) witness.sawCertificate(restored.finalization);
  const sealed = await store.seals.loadHighest();
  const sealedHeight = sealed?.height ?? 0;
  const run = journal.starts;
  const firstView = view(journal.firstView);
  const read = { context, self, suite, restored, registry, witness, records };
  return { ...read, sealedHeight, run, firstView };
}
