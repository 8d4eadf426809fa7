/** Reads from the store what a node needs before it is assembled. The node sends nothing yet. */
import { createLedgerContext, type LedgerContext } from "../ledger/context.ts";
import { unknownRulesetAfter } from "../ledger/rulesets.ts";
import { assert } from "../primitives/assert.ts";
import { height, type View, view } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import { createCeremonyJudge } from "../seal/judge.ts";
import { createSuite, type SealSuite } from "../seal/suite.ts";
import type { JournalRecord } from "../storage/contracts.ts";
import { START_ID_LENGTH } from "../transport/registration.ts";
import { refuseAmnesiac } from "./amnesia/amnesia.ts";
import { isValidPoint, sha256 } from "./base/crypto.ts";
import { type Restored, restore } from "./execution/restore.ts";
import { capabilitiesOf, type NodeParts } from "./node-parts.ts";
import { Approvals } from "./peers/approvals.ts";
import { Registry } from "./peers/registry.ts";
import { VoteWitness } from "./peers/vote-witness.ts";
import { startFromSnapshot } from "./sync/snapshot-start.ts";

/** The data read from the store. */
export interface LoadedNode {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly suite: SealSuite;
  readonly restored: Restored;
  readonly registry: Registry;
  readonly approvals: Approvals;
  readonly witness: VoteWitness;
  readonly records: readonly JournalRecord[];
  readonly sealedHeight: number;
  /** Number of this start of the node on its journal. */
  readonly run: number;
  /** This node casts no vote in a lower view. */
  readonly firstView: View;
}

/** Throws StorageError if the store cannot be relied on, UnknownRuleset if a later version is needed, and Amnesia if an earlier start reached that verdict. */
export async function loadNode(parts: NodeParts): Promise<LoadedNode> {
  const { genesis, store, identity, clientOf, checker, system, log, signal } = parts;
  const suite = createSuite({ isValidPoint, hash: sha256 });
  const judge = createCeremonyJudge(suite);
  const { rulesetMax } = capabilitiesOf(parts);
  const seed = system.entropy(32);
  const context = createLedgerContext({
    genesis,
    hash: sha256,
    seed,
    isValidPoint,
    judge,
    rulesetMax,
  });
  const self = context.membersAt(height(0))[parts.self];
  assert(self !== undefined, "the node is a member of its genesis");
  const blocksMin = parts.snapshotBlocksMin;
  const start = { context, self, store, checker, clientOf, system, log, blocksMin, signal };
  await startFromSnapshot(start);
  const restored = await restore(context, store);
  const unknown = unknownRulesetAfter(context, restored.state);
  if (unknown !== undefined) throw unknown;
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
  const approvals = await Approvals.open({
    context,
    epoch: restored.state.epoch,
    self: self.index,
    identity,
    records: store.approvals,
    checker,
    log,
  });
  const records = await store.journal.load();
  const { witnessedVotes } = store;
  const witness = await VoteWitness.open({ records: witnessedVotes, system, fail: parts.fail });
  if (restored.finalization !== undefined) witness.sawCertificate(restored.finalization);
  const sealed = await store.seals.loadHighest();
  const sealedHeight = sealed?.height ?? 0;
  const run = journal.starts;
  const firstView = view(journal.firstView);
  const read = { context, self, suite, restored, registry, approvals, witness, records };
  return { ...read, sealedHeight, run, firstView };
}
