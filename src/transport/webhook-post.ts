/**
 * Posts to one endpoint, one message at a time, over a connection that is kept. Of an answer only its status counts. No
 * redirect is followed, and every address of a name is judged each time that it is connected to, so that a name which leads
 * elsewhere later leads to no private network.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { isLoopback } from "../primitives/network-address.ts";
import { connectProblem } from "./connect-problem.ts";
import { NameLookup, type NameLookupParts } from "./name-lookup.ts";
import { addressKind } from "./outbound-address.ts";
import { realTimers, type TransportTimers } from "./timers.ts";

export interface WebhookPostParts {
  readonly url: URL;
  /** PEM of the authorities of its TLS certificate; absent: the public ones of the runtime. */
  readonly authority?: string | undefined;
  /** It may have a loopback or private address. */
  readonly isPrivate: boolean;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  readonly timers?: TransportTimers;
  readonly resolve?: NameLookupParts["resolve"] | undefined;
  /** The time for all of one attempt, milliseconds. */
  readonly attemptMs?: number | undefined;
}

/** Why a message was not taken. The text has nothing of the receiver's body or headers. */
export interface WebhookProblem {
  readonly problem: string;
  /** The receiver asked for this pause, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Standard Webhooks asks for 15 to 30 s. */
const ATTEMPT_MS = 15_000;
/** The time for the body of an answer, which is not used. */
const BODY_MS = 1_000;
/** An idle connection is closed before most servers do it. */
const IDLE_MS = 4_000;

export class WebhookPost {
  readonly #parts: WebhookPostParts;
  readonly #agent: PlainAgent;
  readonly #lookup: LookupFunction;

  constructor(parts: WebhookPostParts) {
    this.#parts = parts;
    const kept = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1, timeout: IDLE_MS };
    this.#agent = isTls(parts.url) ? new TlsAgent(kept) : new PlainAgent(kept);
    const { now, resolve } = parts;
    const names = new NameLookup({ now, ...(resolve !== undefined && { resolve }) });
    this.#lookup = judged(names.lookup, (address) => this.#problemWith(address));
  }

  /** Undefined if the receiver took it: its answer has a status of 2xx. */
  async post(
    body: Bytes,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<WebhookProblem | undefined> {
    const { timers = realTimers, attemptMs = ATTEMPT_MS } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<WebhookProblem | undefined>();
    const call = this.#begin(body, headers);
    const stop = (problem: string) => {
      resolve({ problem });
      call.destroy();
    };
    const cancel = timers.after(attemptMs, () => stop(`there is no answer after ${attemptMs} ms`));
    const abort = () => stop("the node is stopping");
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    call.on("error", (error) => resolve({ problem: connectProblem(error) }));
    call.once("close", () => resolve({ problem: "the connection was closed without an answer" }));
    call.once("response", (answer) => resolve(outcomeOf(answer)));
    call.once("response", (answer) => drain(answer, call, timers));
    call.end(body);
    return await promise.finally(() => {
      cancel();
      signal.removeEventListener("abort", abort);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #begin(body: Bytes, headers: Readonly<Record<string, string>>): ClientRequest {
    const { url, authority } = this.#parts;
    const begin = isTls(url) ? tlsRequest : plainRequest;
    return begin(url, {
      method: "POST",
      agent: this.#agent,
      lookup: this.#lookup,
      minVersion: "TLSv1.2",
      ...(authority !== undefined && { ca: authority }),
      maxHeaderSize: LIMITS.webhooks.answerHeadBytesMax,
      headers: {
        ...headers,
        "content-type": "application/json",
        "content-length": String(body.length),
        "user-agent": "countersign",
        "accept-encoding": "identity",
      },
    });
  }

  #problemWith(address: string): string | undefined {
    const { url, isPrivate } = this.#parts;
    const kind = addressKind(address);
    if (kind === "never") return "has an address that is never used";
    if (kind === "private" && !isPrivate) return "has a loopback or private address";
    return isTls(url) || isLoopback(address) ? undefined : "is not on loopback";
  }
}

function isTls({ protocol }: URL): boolean {
  return protocol === "https:";
}

/** Refuses a name if one of its addresses is refused. Literal addresses were judged with their URL. */
function judged(
  lookup: LookupFunction,
  problemWith: (address: string) => string | undefined,
): LookupFunction {
  return (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      const addresses = typeof found === "string" ? [] : found;
      const problem = addresses.map(({ address }) => problemWith(address)).find(Boolean);
      const [first] = addresses;
      if (error !== null) callback(error, []);
      else if (problem !== undefined) callback(new Error(`the name ${name} ${problem}`), []);
      else if (first === undefined) callback(new Error(`the name ${name} has no address`), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): WebhookProblem | undefined {
  if (statusCode >= 200 && statusCode < 300) return undefined;
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const problem = `the answer has the status ${statusCode}${isRedirect ? ": no redirect is followed" : ""}`;
  const seconds = /^[0-9]{1,6}$/.exec(headers["retry-after"] ?? "")?.[0];
  return { problem, retryAfterMs: seconds === undefined ? undefined : Number(seconds) * 1000 };
}

/** Lets the connection be used again if the body ends soon; else it is closed. */
function drain(answer: IncomingMessage, call: ClientRequest, timers: TransportTimers): void {
  answer.once(
    "close",
    timers.after(BODY_MS, () => call.destroy()),
  );
  let size = 0;
  answer.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > LIMITS.webhooks.answerBytesMax) call.destroy();
  });
  answer.on("error", () => undefined);
}
