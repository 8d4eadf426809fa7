/** What clients may call, put together: custody, gateway and reads. */
import type { CoreStatus } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { height } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import type { LedgerApi } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";
import type { Committed } from "../execution/finalizer.ts";
import type { Intake } from "../intake/intake.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import { Custody, type CustodyParts } from "./custody.ts";
import { Gateway } from "./gateway.ts";
import { LedgerDesk } from "./ledger-desk.ts";
import type { NodeView } from "./node-view.ts";
import type { Receipts } from "./receipts.ts";
import { SealWait, type SealWaitParts } from "./seal-wait.ts";
import { keylessBecause } from "./shortfalls.ts";
import type { Waiters } from "./waiters.ts";

export interface ClientAnswersParts {
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

/** How long a gateway that knows itself behind waits before it answers from its state. */
const CATCH_UP_MS = 1_000;

export function clientAnswers(parts: ClientAnswersParts): LedgerApi {
  const { context, self, custodyKey, store, committed } = parts;
  const custody = new Custody({
    context,
    self,
    custodyKey,
    journal: store.custody,
    committedState: () => committed().state,
  });
  const seals = new SealWait({
    ...parts,
    members: () => context.members(committed().state.epoch),
    threshold: context.threshold,
    keylessBecause: () => keylessBecause(context, committed().state.ceremony),
  });
  const gateway = new Gateway({
    ...parts,
    custody,
    committedState: () => committed().state,
    clockError: () => parts.clock.errorMs,
    catchUp: (signal) => caughtUp(parts, signal),
    seals,
    history: () => store.blocks.history,
  });
  return new LedgerDesk({ ...parts, gateway, seals });
}

/** Settles when this node has committed all that it knows to be final, or after a while. */
async function caughtUp(
  { consensus, committed, waiters, system }: ClientAnswersParts,
  signal: AbortSignal,
): Promise<void> {
  const { knownFinalHeight, working } = consensus();
  const behind = knownFinalHeight > committed().state.height;
  if (!behind && !working) return;
  const wanted = behind ? knownFinalHeight : knownFinalHeight + 1;
  const reached = (limit: AbortSignal) => waiters.height("final", height(wanted), limit);
  await withTimeLimit(system, CATCH_UP_MS, reached, signal);
}
