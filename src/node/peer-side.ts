/**
 * The side of a node that faces its peers: the journal check and the clock comparison, which ask them, and the calls
 * that they may make.
 */
import { JournalCheck } from "./amnesia/journal-check.ts";
import type { LoadedNode } from "./load-node.ts";
import type { NodeParts } from "./node-parts.ts";
import { ActivationRunner } from "./peers/activation-runner.ts";
import { BlockServer } from "./peers/block-server.ts";
import { LinkReceiver } from "./peers/link-receiver.ts";
import { OwnClock } from "./peers/own-clock.ts";
import type { PeerContacts } from "./peers/peer-contacts.ts";
import { PeerDesk } from "./peers/peer-desk.ts";
import type { Sealing } from "./sealing/sealing.ts";
import { BlockVerifier } from "./sync/block-verifier.ts";
import { HistoryFill } from "./sync/history-fill.ts";
import { HistoryReader } from "./sync/history-reader.ts";
import { Pruning } from "./sync/pruning.ts";
import { SnapshotDesk } from "./sync/snapshot-desk.ts";
import type { VotingSide } from "./voting-side.ts";

export interface PeerSide {
  readonly clock: OwnClock;
  readonly check: JournalCheck;
  readonly links: LinkReceiver;
  readonly desk: PeerDesk;
  readonly snapshots: SnapshotDesk;
  readonly historyFill: HistoryFill;
  readonly activation: ActivationRunner;
  readonly pruning: Pruning;
}

export function createPeerSide(
  parts: NodeParts,
  loaded: LoadedNode,
  joined: {
    readonly contacts: PeerContacts;
    readonly voting: VotingSide;
    readonly sealing: Sealing;
  },
): PeerSide {
  const { checker, store, system, log, fail } = parts;
  const { context, self, registry, witness, restored } = loaded;
  const { epoch } = restored.state;
  const { contacts, voting, sealing } = joined;
  const { driver, work, finalizer, pool, application, inbox } = voting;
  const check = new JournalCheck({
    context,
    epoch,
    self,
    registry,
    consensus: driver,
    contacts,
    identity: store.journalIdentity,
    checker,
    system,
    log,
    fail,
  });
  const { timings } = context.genesis;
  const links = new LinkReceiver({
    context,
    epoch,
    consensus: driver,
    inbox,
    seals: sealing.keeper,
    checker,
    witness,
    system,
  });
  const snapshots = new SnapshotDesk({ context, store, finalizer, system });
  const desk = new PeerDesk({
    context,
    epoch,
    consensus: driver,
    links,
    blocks: new BlockServer({ context, consensus: driver, store, finalizer }),
    snapshots,
    verification: sealing.shares,
    registry,
    witness,
    pool,
    application,
    store,
    finalizer,
    contacts,
    check,
    system,
  });
  return {
    clock: new OwnClock({ timings, contacts, consensus: work, system, log }),
    check,
    links,
    desk,
    snapshots,
    historyFill: createHistoryFill(parts, loaded, joined),
    activation: createActivationRunner(parts, loaded, voting),
    pruning: createPruning(parts, loaded, voting),
  };
}

function createHistoryFill(
  { checker, store, system, log }: NodeParts,
  { context }: LoadedNode,
  { contacts, voting }: { readonly contacts: PeerContacts; readonly voting: VotingSide },
): HistoryFill {
  const verifier = new BlockVerifier({ context, checker });
  const reader = new HistoryReader({ context, verifier, checker, keys: voting.finalizer });
  return new HistoryFill({ context, store, reader, source: contacts, system, log });
}

function createActivationRunner(
  { identity, system, log, fail }: NodeParts,
  { context, self, approvals }: LoadedNode,
  { finalizer, intake }: VotingSide,
): ActivationRunner {
  return new ActivationRunner({
    context,
    self: self.index,
    identity,
    approvals,
    finalizer,
    intake,
    system,
    log,
    fail,
  });
}

function createPruning(
  { store, keepBlocks, snapshotBlocksMin, custodyKey, system, log }: NodeParts,
  { context }: LoadedNode,
  { finalizer }: VotingSide,
): Pruning {
  return new Pruning({
    context,
    store,
    finalizer,
    keepBlocks,
    system,
    log,
    sparedBlocks: snapshotBlocksMin,
    custodyKey: custodyKey.publicKey,
  });
}
