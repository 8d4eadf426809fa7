/** Pages: plain texts under fixed paths, for probes and monitors that speak no protocol but HTTP. GET and HEAD read them. */

import { utf8 } from "../primitives/bytes.ts";
import type { ErrorAnswer } from "./errors.ts";

export interface PageContent {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface Page {
  read(): PageContent | Promise<PageContent>;
}

export const PAGE_VERBS: readonly string[] = ["GET", "HEAD"];

/** HEAD has the headers of GET, the length among them, and no body (RFC 9110 section 9.3.2). */
export function pageAnswer({ status, contentType, text }: PageContent, verb: string): ErrorAnswer {
  const body = utf8(text);
  const headers = {
    "content-type": contentType,
    "content-length": String(body.length),
    // An answer that is kept would show a state that has passed.
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return { status, headers, body: verb === "HEAD" ? new Uint8Array() : body };
}

const PLAIN = "text/plain; charset=utf-8";

/** The process answers. */
export function healthPage(): Page {
  return { read: () => ({ status: 200, contentType: PLAIN, text: "ok\n" }) };
}

/** 200 if the node takes orders, 503 if it does not, with the reason where those who ask may know it. */
export function readinessPage(parts: {
  readonly notReadyBecause: () => string | undefined;
  readonly saysWhy: boolean;
}): Page {
  return {
    read: () => {
      const because = parts.notReadyBecause();
      if (because === undefined) return { status: 200, contentType: PLAIN, text: "ready\n" };
      const why = parts.saysWhy ? `: ${because}` : "";
      return { status: 503, contentType: PLAIN, text: `not ready${why}\n` };
    },
  };
}
