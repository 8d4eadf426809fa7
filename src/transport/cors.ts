/**
 * Cross-origin calls of web pages (CORS, part of the WHATWG Fetch standard): for exact origins that the operator names,
 * over Connect, gRPC-Web and JSON. Credentials that a browser adds by itself are never allowed: a page shows its token in the
 * header `authorization`.
 */
import { cors } from "@connectrpc/connect";
import type { ErrorAnswer } from "./errors.ts";
import type { HttpRequest, HttpResponse } from "./http-adapter.ts";

/** A browser asks again after this time at the latest, seconds. Chromium keeps an answer no longer. */
const PREFLIGHT_KEPT_S = 7_200;
const REQUEST_HEADERS = [...cors.allowedHeaders, "Accept", "Authorization", "Last-Event-ID"];
/** The page may wait as the answer says, and tell that a credential is missing. */
const ANSWER_HEADERS = [...cors.exposedHeaders, "Retry-After", "WWW-Authenticate"];

export class CorsRule {
  readonly #origins: ReadonlySet<string>;

  /** As browsers write origins: "https://app.example". */
  constructor(origins: Iterable<string>) {
    this.#origins = new Set(origins);
  }

  allows(origin: string | undefined): boolean {
    return origin !== undefined && this.#origins.has(origin);
  }

  /** Sets the headers of every answer, refusals included: a page of an allowed origin reads them. */
  mark({ headers: { origin } }: HttpRequest, response: HttpResponse): void {
    if (this.#origins.size === 0) return;
    // Caches keep an answer for its origin alone.
    response.setHeader("vary", "Origin");
    if (origin === undefined || !this.allows(origin)) return;
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-expose-headers", ANSWER_HEADERS.join(", "));
  }

  /** True for the question of a browser whether a page of an allowed origin may call. */
  isPreflight({ method, headers }: HttpRequest): boolean {
    const asked = headers["access-control-request-method"];
    return method === "OPTIONS" && asked !== undefined && this.allows(headers.origin);
  }
}

/** The answer to that question about a path that takes `verbs`. */
export function preflightAnswer(verbs: readonly string[]): ErrorAnswer {
  const headers = {
    "access-control-allow-methods": verbs.join(", "),
    "access-control-allow-headers": REQUEST_HEADERS.join(", "),
    "access-control-max-age": String(PREFLIGHT_KEPT_S),
  };
  return { status: 204, headers, body: new Uint8Array() };
}
