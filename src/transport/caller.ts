/**
 * Facts that a listener passes to the services: the member that calls, as proved, and the stream of the answer; for a
 * client, the text under which its calls are counted.
 */
import {
  type ContextValues,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { Refusal } from "./refusal.ts";
import type { TraceParent } from "./trace-parent.ts";
import type { AnswerStream } from "./unread-answers.ts";

const callerKey = createContextKey<ValidatorIndex | undefined>(undefined, {
  description: "the member that calls",
});

const answerStreamKey = createContextKey<AnswerStream | undefined>(undefined, {
  description: "the stream of the answer",
});

const countedAsKey = createContextKey("", { description: "the text that calls are counted under" });

const traceParentKey = createContextKey<TraceParent | undefined>(undefined, {
  description: "the caller's span",
});

export function callerOf(context: Pick<HandlerContext, "values">): ValidatorIndex | undefined {
  return context.values.get(callerKey);
}

export function noMember(): Refusal {
  const message = "only a member of the network, proved by its peer certificate, may call this";
  return new Refusal("NOT_A_MEMBER", { message });
}

/** The stream on which the answer goes out; undefined in one process, where no answer waits for a reader. */
export function answerStreamOf(context: Pick<HandlerContext, "values">): AnswerStream | undefined {
  return context.values.get(answerStreamKey);
}

export function callerValues(
  caller: ValidatorIndex | undefined,
  answers?: AnswerStream,
): ContextValues {
  return createContextValues().set(callerKey, caller).set(answerStreamKey, answers);
}

/** Empty if nothing tells the callers apart. */
export function countedAsOf(context: Pick<HandlerContext, "values">): string {
  return context.values.get(countedAsKey);
}

export function clientValues(countedAs: string, trace: TraceParent | undefined): ContextValues {
  const values = createContextValues().set(countedAsKey, countedAs);
  return trace === undefined ? values : values.set(traceParentKey, trace);
}

/** The span of which the call is a part, as the caller says; undefined if it says none. */
export function traceParentOf(context: Pick<HandlerContext, "values">): TraceParent | undefined {
  return context.values.get(traceParentKey);
}

/** Gives the refusal if a stream's credential no longer holds, or no longer has the scopes of the call. */
export type Recheck = () => Promise<Refusal | undefined>;

const recheckKey = createContextKey<Recheck>(async () => undefined, {
  description: "checks the credential of a stream again",
});

/** Adds what a client's stream of requests needs, which may outlast its credential. */
export function markStream(
  values: ContextValues,
  { answers, recheck }: { readonly answers: AnswerStream; readonly recheck: Recheck },
): void {
  values.set(answerStreamKey, answers).set(recheckKey, recheck);
}

/** Within one process no credential ends. */
export function recheckOf(context: Pick<HandlerContext, "values">): Recheck {
  return context.values.get(recheckKey);
}

/** For services wired in one process, where no certificate proves anything: every call comes from `caller`. */
export function asCaller(caller: ValidatorIndex): Interceptor {
  return (next) => (request) => {
    request.contextValues.set(callerKey, caller);
    return next(request);
  };
}
