/** The side of a node that votes: the pool and its intake, execution and commits, and the consensus driver. */
import { JournalIndex } from "../consensus/journal.ts";
import { Pool } from "../mempool/pool.ts";
import { WaitingRoom } from "../mempool/waiting-room.ts";
import { rateOfMember, roomOfSender } from "../primitives/member-shares.ts";
import { MemoryWatch } from "./base/memory.ts";
import { Application } from "./execution/application.ts";
import { BlockBuilder } from "./execution/block-builder.ts";
import { BlockJudge } from "./execution/block-judge.ts";
import { Finalizer } from "./execution/finalizer.ts";
import { PoolWork } from "./execution/pool-work.ts";
import { Intake } from "./intake/intake.ts";
import { OperationInbox } from "./intake/operation-inbox.ts";
import { VerifiedOperations } from "./intake/verified-operations.ts";
import type { LoadedNode } from "./load-node.ts";
import type { NodeParts } from "./node-parts.ts";
import { ConsensusDriver } from "./ordering/consensus-driver.ts";
import { CoreEffects } from "./ordering/core-effects.ts";
import { openCore } from "./ordering/open-core.ts";
import { Proposals } from "./ordering/proposals.ts";
import { WorkReports } from "./ordering/work-reports.ts";
import type { PeerContacts } from "./peers/peer-contacts.ts";
import { BlockVerifier } from "./sync/block-verifier.ts";
import { CatchUp } from "./sync/catch-up.ts";

export interface VotingSide {
  readonly pool: Pool;
  readonly waitingRoom: WaitingRoom;
  readonly application: Application;
  readonly finalizer: Finalizer;
  readonly driver: ConsensusDriver;
  /** Performs the outputs of the driver's core. */
  readonly effects: CoreEffects;
  readonly work: WorkReports;
  readonly memory: MemoryWatch;
  readonly intake: Intake;
  readonly inbox: OperationInbox;
  readonly catchUp: CatchUp;
}

export function createVotingSide(
  parts: NodeParts,
  loaded: LoadedNode,
  contacts: PeerContacts,
): VotingSide {
  const { self, identity, checker, store, system, log, fail, traces } = parts;
  const { context, restored, firstView, records } = loaded;
  const members = context.members(restored.state.epoch).length;
  const room = roomOfSender(members);
  const pool = new Pool(room.pool);
  const waitingRoom = new WaitingRoom({ perSenderMax: room.waitingMax });
  const verified = new VerifiedOperations(context, checker);
  const application = new Application({ context, pool, final: restored });
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
  const core = openCore({ context, self, identity, restored, firstView, records, journalIndex });
  const { journal } = store;
  const driver = new ConsensusDriver({ core, journal, journalIndex, system, fail });
  const poolWork = new PoolWork({ context, pool, application });
  const work = new WorkReports({ work: poolWork, driver, system });
  const memory = new MemoryWatch({ read: parts.readMemory ?? (() => 0), after: system.after, log });
  const { links } = contacts;
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
    consensus: work,
    system,
    log,
    traces,
  });
  const inbox = new OperationInbox({
    intake,
    room: room.inbox,
    unpaid: room.unpaid,
    rate: rateOfMember("operationsOfPeer", members),
    system,
    fail,
  });
  const joined = { contacts, pool, verified, application, finalizer, driver, work, intake, inbox };
  const performing = createPerforming(parts, loaded, joined);
  return {
    pool,
    waitingRoom,
    application,
    finalizer,
    driver,
    work,
    memory,
    intake,
    inbox,
    ...performing,
  };
}

/** The parts that perform the core's requests: building and judging blocks, fetching operations and blocks from peers. */
function createPerforming(
  { self, checker, store, system, log, fail, traces }: NodeParts,
  { context, restored }: LoadedNode,
  side: Pick<
    VotingSide,
    "pool" | "application" | "finalizer" | "driver" | "work" | "intake" | "inbox"
  > & {
    readonly contacts: PeerContacts;
    readonly verified: VerifiedOperations;
  },
): Pick<VotingSide, "effects" | "catchUp"> {
  const { contacts, pool, verified, application, finalizer, driver, work, intake, inbox } = side;
  const signaturesValid = verified.has.bind(verified);
  // The longest wait for one peer before the next is asked (R25).
  const patienceMs = Math.floor(context.genesis.timings.viewTimeoutMs / 4);
  const judge = new BlockJudge({ context, application, signaturesValid, traces });
  const proposals = new Proposals({
    application,
    judge,
    pool,
    peers: contacts,
    intake,
    inbox,
    system,
    patienceMs,
  });
  const catchUp = new CatchUp({
    finalizer,
    application,
    verifier: new BlockVerifier({ context, checker }),
    source: contacts,
    consensus: driver,
    patienceMs,
    system,
    log,
    fail,
  });
  const effects = new CoreEffects({
    self,
    validators: context.members(restored.state.epoch),
    driver,
    builder: new BlockBuilder({ context, pool, application, signaturesValid, traces }),
    proposals,
    catchUp,
    work,
    finalizer,
    pool,
    links: contacts.links,
    store,
    system,
    log,
    fail,
    traces,
  });
  return { effects, catchUp };
}
