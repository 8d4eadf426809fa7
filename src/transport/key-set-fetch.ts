/**
 * Fetches the key set of an authorization server over HTTPS, once, with bounds on time and size. No redirect is followed:
 * the configured place is the one that is trusted.
 */
import { request } from "node:https";
import type { LookupFunction } from "node:net";
import { LIMITS } from "../primitives/limits.ts";
import { startTimer } from "./timers.ts";

/** Less than a request has to bring its body. */
const FETCH_MS = 5_000;

export interface KeySetAddress {
  /** An https URL. */
  readonly url: string;
  /** PEM of the authorities of the server's TLS certificate; absent: the public ones of the runtime. */
  readonly authority?: string | undefined;
  readonly lookup?: LookupFunction;
  /** The time for all of it, milliseconds. */
  readonly fetchMs?: number;
  readonly signal?: AbortSignal;
}

/** Rejects with an error whose message says what is wrong, without any text of the server. */
export async function fetchKeySet({
  url,
  authority,
  lookup,
  fetchMs = FETCH_MS,
  signal,
}: KeySetAddress): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const call = request(url, {
    ...(authority !== undefined && { ca: authority }),
    ...(lookup !== undefined && { lookup }),
    ...(signal !== undefined && { signal }),
    agent: false,
    minVersion: "TLSv1.2",
    headers: {
      accept: "application/jwk-set+json, application/json",
      "accept-encoding": "identity",
    },
    maxHeaderSize: LIMITS.requestHeadBytesMax,
  });
  const cancel = startTimer(fetchMs, () => {
    call.destroy(new Error(`there is no whole answer after ${fetchMs} ms`));
  });
  call.once("error", reject).once("close", () => reject(new Error("the answer was cut off")));
  call.once("response", (answer) => {
    const { statusCode = 0, headers } = answer;
    const problem = problemOf(statusCode, headers["content-encoding"]);
    if (problem !== undefined) {
      call.destroy(new Error(problem));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on("data", (chunk: Buffer) => {
      size += chunk.length;
      const max = LIMITS.keySetBytesMax;
      if (size > max) call.destroy(new Error(`the answer is larger than ${max} bytes`));
      else chunks.push(chunk);
    });
    answer.once("error", reject);
    answer.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
  call.end();
  try {
    return await promise;
  } finally {
    cancel();
    call.destroy();
  }
}

function problemOf(status: number, coding: string | undefined): string | undefined {
  if (status >= 300 && status < 400) return `the answer is ${status}: no redirect is followed`;
  if (status !== 200) return `the answer has the status ${status}`;
  if (coding !== undefined && coding !== "identity") return "the answer is compressed unasked";
  return undefined;
}
