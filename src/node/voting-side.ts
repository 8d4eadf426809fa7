/** The side of a node that votes: the pool and its intake, execution and commits, and the consensus driver. */
import { JournalIndex } from "../consensus/journal.ts";
import { Pool } from "../mempool/pool.ts";
import { WaitingRoom } from "../mempool/waiting-room.ts";
import { roomOfSender } from "../primitives/limits.ts";
import { MemoryWatch } from "./base/memory.ts";
import { Application } from "./execution/application.ts";
import { Finalizer } from "./execution/finalizer.ts";
import { Intake } from "./intake/intake.ts";
import { OperationInbox } from "./intake/operation-inbox.ts";
import { VerifiedOperations } from "./intake/verified-operations.ts";
import type { Loaded, NodeParts } from "./load.ts";
import { ConsensusDriver, type ConsensusDriverParts } from "./ordering/consensus-driver.ts";
import { Proposals } from "./ordering/proposals.ts";
import type { PeerContacts } from "./peers/peer-contacts.ts";
import { BlockVerifier } from "./sync/block-verifier.ts";
import { CatchUp } from "./sync/catch-up.ts";

export interface VotingSide {
  readonly pool: Pool;
  readonly application: Application;
  readonly finalizer: Finalizer;
  readonly driver: ConsensusDriver;
  readonly memory: MemoryWatch;
  readonly intake: Intake;
  readonly inbox: OperationInbox;
  readonly proposals: Proposals;
  readonly catchUp: CatchUp;
}

export function createVotingSide(
  parts: NodeParts,
  loaded: Loaded,
  contacts: PeerContacts,
): VotingSide {
  const { self, checker, store, system, log, fail } = parts;
  const { context, restored } = loaded;
  const room = roomOfSender(context.members(restored.state.epoch).length);
  const pool = new Pool(room.pool);
  const waitingRoom = new WaitingRoom({ perSenderMax: room.waitingMax });
  const verified = new VerifiedOperations(context, checker);
  const application = new Application({
    context,
    pool,
    signaturesValid: (operation) => verified.has(operation),
    final: restored,
  });
  const journalIndex = new JournalIndex();
  const finalizer = new Finalizer({
    context,
    application,
    pool,
    waitingRoom,
    chain: store.chain,
    journalIndex,
    committed: restored,
    fail,
  });
  const { links } = contacts;
  const joined = { journalIndex, application, pool, finalizer, links };
  const driver = createDriver(parts, loaded, joined);
  const memory = new MemoryWatch({ read: parts.readMemory ?? (() => 0), after: system.after, log });
  const intake = new Intake({
    context,
    self,
    pool,
    waitingRoom,
    verified,
    application,
    memory,
    store,
    links,
    consensus: driver,
    system,
  });
  const inbox = new OperationInbox({
    intake,
    room: room.inbox,
    unpaid: room.unpaid,
    system,
    fail,
  });
  return {
    pool,
    application,
    finalizer,
    driver,
    memory,
    intake,
    inbox,
    ...createFetchers(parts, loaded, { contacts, pool, application, finalizer, driver, intake }),
  };
}

function createDriver(
  { self, identity, store, system, log, fail }: NodeParts,
  { context, restored, firstView, records }: Loaded,
  joined: Pick<
    ConsensusDriverParts,
    "journalIndex" | "application" | "pool" | "finalizer" | "links"
  >,
): ConsensusDriver {
  const { journalIndex, application, pool, finalizer, links } = joined;
  return new ConsensusDriver({
    context,
    self,
    identity,
    restored,
    firstView,
    store,
    records,
    journalIndex,
    application,
    pool,
    finalizer,
    links,
    system,
    log,
    fail,
  });
}

/** Consensus fetches missing parts from peers: the operations of a proposal, and blocks. */
function createFetchers(
  { checker, system, log, fail }: NodeParts,
  { context }: Loaded,
  side: Pick<VotingSide, "pool" | "application" | "finalizer" | "driver" | "intake"> & {
    readonly contacts: PeerContacts;
  },
): Pick<VotingSide, "proposals" | "catchUp"> {
  const { contacts, pool, application, finalizer, driver, intake } = side;
  // The longest wait for one peer before the next is asked (R25).
  const patienceMs = Math.floor(context.genesis.timings.viewTimeoutMs / 4);
  return {
    proposals: new Proposals({ application, pool, peers: contacts, intake, system, patienceMs }),
    catchUp: new CatchUp({
      finalizer,
      application,
      verifier: new BlockVerifier({ context, checker }),
      source: contacts,
      consensus: driver,
      patienceMs,
      system,
      log,
      fail,
    }),
  };
}
