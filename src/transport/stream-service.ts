/**
 * Calls with one question and a stream of answers, as services give them to a listener that answers them itself
 * (stream-call.ts). A refusal is the last answer, and a value.
 */
import type {
  DescMethod,
  DescMethodServerStreaming,
  DescService,
  Message,
  MessageShape,
} from "@bufbuild/protobuf";
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { orThrow } from "./errors.ts";
import type { HttpRequest } from "./http-adapter.ts";
import type { Refusal } from "./refusal.ts";
import type { UnaryContext } from "./unary-service.ts";

type StreamCall<Method> =
  Method extends DescMethodServerStreaming<infer Input, infer Output>
    ? (
        question: MessageShape<Input>,
        context: UnaryContext,
      ) => AsyncIterable<MessageShape<Output> | Refusal>
    : never;

/** The streams of a service, by name. */
export type StreamCalls<Service extends DescService> = {
  readonly [Call in keyof Service["method"] as Service["method"][Call] extends DescMethodServerStreaming
    ? Call
    : never]: StreamCall<Service["method"][Call]>;
};

/** Any of them. Its place in a table joins it with the method that has its types. */
export type AnyStreamCall = (
  question: Message,
  context: UnaryContext,
) => AsyncIterable<Message | Refusal>;

export type StreamTable = ReadonlyMap<DescMethod, AnyStreamCall>;

/** A path under which a stream is given as Server-Sent Events (WHATWG HTML, section 9.2). */
export interface EventPath {
  readonly rpc: DescMethod;
  /** The question in a query and the header Last-Event-ID. */
  readonly question: (query: string, request: HttpRequest) => Message | Refusal;
  /** The events of a message. */
  readonly bytes: (message: Message) => Bytes;
  /** The event that tells why the stream ends. */
  readonly end: (refusal: Refusal) => Bytes;
}

/** The streams with the methods that they answer. */
export function streamTable<Service extends DescService>(
  service: Service,
  calls: Partial<StreamCalls<Service>>,
): StreamTable {
  return new Map(
    Object.entries(calls).map(([name, call]) => {
      const method = service.methods.find(({ localName }) => localName === name);
      const isStream = method?.methodKind === "server_streaming";
      assert(isStream, `${service.typeName} has a stream ${name}`);
      return [method, call as AnyStreamCall];
    }),
  );
}

/** The same streams for Connect's routers, which know refusals as errors. */
export function throwingStreams<Calls extends object>(calls: Calls): ThrowingStreams<Calls> {
  const throwers = Object.entries(calls).map(([name, call]: [string, AnyStreamCall]) => {
    async function* thrower(question: Message, context: UnaryContext) {
      for await (const answer of call(question, context)) yield orThrow(answer);
      // Of an ended stream, the caller learns why.
      context.signal.throwIfAborted();
    }
    return [name, thrower] as const;
  });
  const all: object = Object.fromEntries(throwers);
  return all as ThrowingStreams<Calls>;
}

type Thrower<Call> = Call extends (
  question: infer Question,
  context: UnaryContext,
) => AsyncIterable<infer Given>
  ? (question: Question, context: UnaryContext) => AsyncIterable<Exclude<Given, Refusal>>
  : never;

type ThrowingStreams<Calls> = { readonly [Call in keyof Calls]: Thrower<Calls[Call]> };
