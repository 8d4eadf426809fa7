/**
 * Calls with one question and one answer, as services give them to a listener that answers them itself (unary-call.ts). A
 * refusal is a value: an error with its stack costs more than most refusals.
 */
import type {
  DescMessage,
  DescMethod,
  DescMethodUnary,
  DescService,
  Message,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";
import { assert } from "../primitives/assert.ts";
import { orThrow } from "./errors.ts";
import type { Refusal } from "./refusal.ts";

/** All that a call knows besides its question; a HandlerContext of Connect is one, too. */
export interface UnaryContext {
  readonly service: DescService;
  readonly method: DescMethod;
  readonly values: ContextValues;
  /** Aborts when the caller is gone, its time is over, or the listener closes. */
  readonly signal: AbortSignal;
  /** Milliseconds that the caller still waits; undefined if it names no time. */
  readonly timeoutMs: () => number | undefined;
}

type Answer<Output extends DescMessage> = MessageInitShape<Output> | Refusal;

type UnaryCall<Method> =
  Method extends DescMethodUnary<infer Input, infer Output>
    ? (
        question: MessageShape<Input>,
        context: UnaryContext,
      ) => Answer<Output> | Promise<Answer<Output>>
    : never;

/** The single calls of a service, by name; its streams are Connect's. */
export type UnaryCalls<Service extends DescService> = {
  readonly [Call in keyof Service["method"] as Service["method"][Call] extends DescMethodUnary
    ? Call
    : never]: UnaryCall<Service["method"][Call]>;
};

/** Any of them. Its place in a table joins it with the method that has its types. */
export type AnyUnaryCall = (
  question: Message,
  context: UnaryContext,
) => object | Refusal | Promise<object | Refusal>;

export type UnaryTable = ReadonlyMap<DescMethod, AnyUnaryCall>;

/** The calls with the methods that they answer. */
export function unaryTable<Service extends DescService>(
  service: Service,
  calls: Partial<UnaryCalls<Service>>,
): UnaryTable {
  return new Map(
    Object.entries(calls).map(([name, call]) => {
      const method = service.methods.find(({ localName }) => localName === name);
      assert(method?.methodKind === "unary", `${service.typeName} has a single call ${name}`);
      return [method, call as AnyUnaryCall];
    }),
  );
}

type Thrower<Call> = Call extends (question: infer Question, context: UnaryContext) => infer Given
  ? (question: Question, context: UnaryContext) => Promise<Exclude<Awaited<Given>, Refusal>>
  : never;

/** The same calls for Connect's routers, which know refusals as errors. */
export function throwing<Calls extends object>(
  calls: Calls,
): { readonly [Call in keyof Calls]: Thrower<Calls[Call]> } {
  const throwers = Object.entries(calls).map(([name, call]: [string, AnyUnaryCall]) => {
    const thrower = async (question: Message, context: UnaryContext) =>
      orThrow(await call(question, context));
    return [name, thrower] as const;
  });
  return Object.fromEntries(throwers) as { [Call in keyof Calls]: Thrower<Calls[Call]> };
}
