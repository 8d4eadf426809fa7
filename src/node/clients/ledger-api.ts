/** The calls of clients: writes go to the gateway, reads to the committed state and the stored chain. */
import type { CoreStatus } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { height } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import type { CallContext, LedgerApi } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";
import type { Committed } from "../execution/finalizer.ts";
import type { Intake } from "../intake/intake.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import { withCallDeadline } from "./call-deadline.ts";
import { Custody, type CustodyParts } from "./custody.ts";
import { Gateway } from "./gateway.ts";
import type { NodeView } from "./node-view.ts";
import { Reads } from "./reads.ts";
import type { Receipts } from "./receipts.ts";
import { SealWait, type SealWaitParts } from "./seal-wait.ts";
import { keylessBecause } from "./shortfalls.ts";
import { Signing } from "./signing.ts";
import type { Waiters } from "./waiters.ts";

export interface LedgerApiParts {
  readonly context: LedgerContext;
  readonly self: CustodyParts["self"];
  readonly custodyKey: CustodyParts["custodyKey"];
  readonly store: Pick<Store, "blocks" | "operations" | "custody">;
  readonly intake: Intake;
  readonly waiters: Waiters;
  readonly receipts: Receipts;
  readonly view: NodeView;
  readonly sealing: SealWaitParts["sealing"];
  readonly clock: Pick<OwnClock, "errorMs">;
  readonly system: System;
  readonly committed: () => Committed;
  readonly consensus: () => Pick<CoreStatus, "knownFinalHeight" | "working">;
}

/** The longest wait of a gateway that knows itself behind before it answers from its state. */
const CATCH_UP_MS = 1_000;

export function createLedgerApi(parts: LedgerApiParts): LedgerApi {
  const { context, store, receipts, waiters, view, system, committed } = parts;
  const committedState = () => committed().state;
  const { self, custodyKey } = parts;
  const custody = new Custody({
    context,
    self,
    custodyKey,
    journal: store.custody,
    committedState,
  });
  const seals = new SealWait({
    members: () => context.members(committedState().epoch),
    threshold: context.threshold,
    keylessBecause: () => keylessBecause(context, committedState().ceremony),
    sealing: parts.sealing,
    waiters,
    system,
  });
  const gateway = createGateway(parts, custody, seals);
  const reads = new Reads({
    context,
    custody,
    view,
    receipts,
    seals,
    waiters,
    store,
    system,
    committed,
  });
  const within = <T>(call: CallContext, act: (signal: AbortSignal) => Promise<T>) =>
    withCallDeadline(system, call, act);
  return {
    createWallet: (command, call) =>
      within(call, (signal) => gateway.createWallet(command, call.principal, signal)),
    transfer: (command, call) =>
      within(call, (signal) => gateway.transfer(command, call.principal, signal)),
    getWallet: (query, call) => reads.wallet(query, call),
    getReceipt: (query) => reads.receipt(query),
    listPeers: () => view.listPeers(),
    getNetwork: () => view.getNetwork(),
    getStatus: () => view.getStatus(),
  };
}

function createGateway(parts: LedgerApiParts, custody: Custody, seals: SealWait): Gateway {
  const { context, store, intake, receipts, waiters, system, committed, clock } = parts;
  const committedState = () => committed().state;
  const clockError = () => clock.errorMs;
  const catchUp = (signal: AbortSignal) => caughtUp(parts, signal);
  const shared = {
    context,
    intake,
    receipts,
    custody,
    system,
    committedState,
    clockError,
    catchUp,
  };
  return new Gateway({
    ...shared,
    signing: new Signing(shared),
    waiters,
    seals,
    history: () => store.blocks.history,
  });
}

/** Settles when this node has committed all that it knows to be final, or after a while. */
async function caughtUp(
  { consensus, committed, waiters, system }: LedgerApiParts,
  signal: AbortSignal,
): Promise<void> {
  const { knownFinalHeight, working } = consensus();
  const behind = knownFinalHeight > committed().state.height;
  if (!behind && !working) return;
  const wanted = behind ? knownFinalHeight : knownFinalHeight + 1;
  const reached = (limit: AbortSignal) => waiters.height("final", height(wanted), limit);
  await withTimeLimit(system, CATCH_UP_MS, reached, signal);
}
