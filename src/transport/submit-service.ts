/** The streams of LedgerService: bounds their number, and gives each operation its place among its caller's calls (T9). */
import type { ServiceImpl } from "@connectrpc/connect";
import type { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type CallBounds, tooManyCalls } from "./call-bounds.ts";
import { callerOfLedgerCall } from "./call-gate.ts";
import type { CallTurns } from "./call-turns.ts";
import { answerStreamOf, countedAsOf, recheckOf, traceParentOf } from "./caller.ts";
import { orThrow, toConnectError } from "./errors.ts";
import type { LedgerApi } from "./ledger-api.ts";
import { Refusal } from "./refusal.ts";
import { type CallPlace, type StreamTimes, SubmitStream } from "./submit-stream.ts";
import { boundDuration, pause, realTimers } from "./timers.ts";

export interface SubmitServiceParts {
  readonly api: Pick<LedgerApi, "submitTransfer">;
  /** Among which an operation counts; absent in one process: operations are not bounded. */
  readonly calls?: CallBounds<string>;
  readonly turns?: CallTurns;
  /** Absent: those of LIMITS. */
  readonly times?: Partial<StreamTimes>;
}

type SubmitCalls = Required<Pick<ServiceImpl<typeof LedgerService>, "submitTransactions">>;

/** The hint for a caller with too many streams, milliseconds. */
const RETRY_MS = 1_000;
const leaveNothing = () => undefined;

export function createSubmitService(parts: SubmitServiceParts): SubmitCalls {
  const { recheckMs } = LIMITS;
  const { idleMs } = LIMITS.submitStreams;
  const { readMs } = LIMITS.unreadAnswers;
  const times = { idleMs, recheckMs, readMs, ...parts.times };
  const streams = new KeyCounts<string>();
  return {
    async *submitTransactions(requests, context) {
      const countedAs = countedAsOf(context);
      const trace = traceParentOf(context);
      const caller = orThrow(callerOfLedgerCall(context, "submitTransactions"));
      const { signal } = context;
      signal.throwIfAborted();
      const { ofOneMax, max } = LIMITS.submitStreams;
      if (streams.total >= max) throw toConnectError(tooMany("this node has"));
      if (!streams.addBelow(ofOneMax, countedAs)) throw toConnectError(tooMany("this caller has"));
      signal.addEventListener("abort", () => streams.add(countedAs, -1), { once: true });
      yield* new SubmitStream({
        times,
        order: (command, wait) => {
          const timeLeftMs = context.timeoutMs();
          const call = { caller, countedAs, signal: wait, timeLeftMs, trace };
          return parts.api.submitTransfer(command, call);
        },
        takePlace: (over) => takePlace(parts, countedAs, over),
        recheck: recheckOf(context),
        answers: answerStreamOf(context),
        signal,
      }).run(requests);
    },
  };
}

/** A call that comes too fast is refused; an operation of a stream waits, and with it all that comes after it. */
async function takePlace(
  { calls, turns }: Pick<SubmitServiceParts, "calls" | "turns">,
  countedAs: string,
  signal: AbortSignal,
): Promise<CallPlace | undefined> {
  while (!signal.aborted) {
    const leave = calls?.begin(countedAs) ?? leaveNothing;
    if (leave instanceof Refusal) {
      await waitFor(leave, signal);
      continue;
    }
    const turn = turns?.begin(countedAs);
    if (turn instanceof Refusal) {
      leave();
      await waitFor(turn, signal);
      continue;
    }
    await turn;
    return { leave };
  }
  return undefined;
}

async function waitFor({ metadata }: Refusal, signal: AbortSignal): Promise<void> {
  await pause(realTimers, boundDuration(Number(metadata["retryAfterMs"])), signal);
}

function tooMany(whose: string): Refusal {
  return tooManyCalls(`${whose} as many streams of transfers as this node accepts`, RETRY_MS);
}
