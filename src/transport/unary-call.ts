/**
 * A single call that the listener answers itself: its question read, its work done, its answer written. Connect's handler would
 * take several times as long as most refusals.
 */
import type { Bytes } from "../primitives/bytes.ts";
import type { FailureReporter } from "./call-errors.ts";
import { cutUnreadAnswer, type Exchange, isGone, refuse } from "./exchange.ts";
import { Refusal } from "./refusal.ts";
import type { OwnRoute } from "./routes.ts";
import type { RunningCalls } from "./running-calls.ts";
import type { TransportLog } from "./transport-log.ts";
import { encodeAnswer, type Packing, writeAnswer } from "./unary-answer.ts";
import { type Question, readQuestion } from "./unary-question.ts";
import type { Incoming, ReadBounds } from "./universal-call.ts";

/** The parts of a listener that such a call needs. */
interface Answering extends ReadBounds, Packing {
  readonly running: RunningCalls;
  readonly failures: FailureReporter;
  readonly log: TransportLog;
}

export async function answerItself(
  listening: Answering,
  exchange: Exchange,
  incoming: Incoming<OwnRoute>,
): Promise<void> {
  const { request, response } = exchange;
  const question = await readQuestion(incoming, listening);
  if (question instanceof Refusal) return refuse(exchange, question);
  if (isGone(request)) return;
  const answer = await answerTo(question, incoming, listening);
  if (isGone(request)) return;
  if (answer instanceof Refusal) return refuse(exchange, answer);
  cutUnreadAnswer(exchange);
  await writeAnswer(response, question, { bytes: answer, packing: listening });
}

/** Runs the call; what it throws is a failure of this program. */
function answerTo(
  { dialect, message, timeLeftMs }: Question,
  { route, response, values }: Incoming<OwnRoute>,
  { running, failures }: Answering,
): Promise<Bytes | Refusal> {
  const { method, call } = route;
  return running.run(response, timeLeftMs, async (time) => {
    try {
      const answer = await call(message, { service: method.parent, method, values, ...time });
      return answer instanceof Refusal ? answer : encodeAnswer(method.output, answer, dialect);
    } catch (error) {
      return failures.refusalFor(error, time.signal);
    }
  });
}
