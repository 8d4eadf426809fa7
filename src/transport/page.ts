/** Pages: texts under fixed paths, for probes, monitors and browsers. GET and HEAD read them. */
import type { IncomingHttpHeaders } from "node:http";
import { utf8 } from "../primitives/bytes.ts";
import type { ErrorAnswer } from "./errors.ts";

export interface PageContent {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** A page that is written anew for each reader. */
export interface WrittenPage {
  read(): PageContent | Promise<PageContent>;
}

/** A page that never changes while the process runs. */
export interface FixedPage {
  /** The whole answer to GET, for a reader with these headers. */
  answerTo(headers: IncomingHttpHeaders): ErrorAnswer;
}

export type Page = WrittenPage | FixedPage;

export const PAGE_VERBS: readonly string[] = ["GET", "HEAD"];

/** HEAD has the headers of GET, the length among them, and no body (RFC 9110 section 9.3.2). */
export async function pageAnswer(
  page: Page,
  verb: string,
  headers: IncomingHttpHeaders,
): Promise<ErrorAnswer> {
  const answer = "read" in page ? written(await page.read()) : page.answerTo(headers);
  return verb === "HEAD" ? { ...answer, body: new Uint8Array() } : answer;
}

function written({ status, contentType, text }: PageContent): ErrorAnswer {
  const body = utf8(text);
  const headers = {
    "content-type": contentType,
    "content-length": String(body.length),
    // An answer that is kept would show a state that has passed.
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return { status, headers, body };
}

const PLAIN = "text/plain; charset=utf-8";

/** The process answers. */
export function healthPage(): WrittenPage {
  return { read: () => ({ status: 200, contentType: PLAIN, text: "ok\n" }) };
}

/** 200 if the node takes orders, 503 if it does not, with the reason where those who ask may know it. */
export function readinessPage(parts: {
  readonly notReadyBecause: () => string | undefined;
  readonly saysWhy: boolean;
}): WrittenPage {
  return {
    read: () => {
      const because = parts.notReadyBecause();
      if (because === undefined) return { status: 200, contentType: PLAIN, text: "ready\n" };
      const why = parts.saysWhy ? `: ${because}` : "";
      return { status: 503, contentType: PLAIN, text: `not ready${why}\n` };
    },
  };
}
