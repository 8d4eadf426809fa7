/**
 * The network side of a browser, for pages of one origin: `request` follows the CORS protocol of the WHATWG Fetch standard
 * (sections 3.2 and 4.8) over HTTP/2, with its preflights, and shows the page nothing else.
 */
import { type ClientHttp2Session, connect } from "node:http2";
import type { UniversalClientFn } from "@connectrpc/connect/protocol";

/** The network error that a page sees, as a TypeError; the message is what the browser's console says. */
export class Blocked extends TypeError {}

export interface Browser {
  readonly request: UniversalClientFn;
  /** Preflights that it has sent. */
  readonly preflights: () => number;
  close(): void;
}

/** Headers that a page may send without asking, and read without being allowed (sections 2.2.2 and 2.2.6). */
const SENT_FREELY = ["accept", "accept-language", "content-language"];
const READ_FREELY = [
  ...["cache-control", "content-language", "content-length", "content-type"],
  ...["expires", "last-modified", "pragma"],
];
const SIMPLE_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)/i;

export function openBrowser(server: string, ca: string, origin: string): Browser {
  const session = connect(server, { ca });
  /** Answers of preflights by method and path, while they may be kept. */
  const kept = new Map<string, Headers>();
  let preflights = 0;

  const exchange = (message: Message) => send(session, { ...message, origin });
  const ask = async (method: string, path: string, names: readonly string[]): Promise<void> => {
    const key = `${method} ${path}`;
    let headers = kept.get(key);
    if (headers === undefined) {
      preflights += 1;
      const answer = await exchange({
        method: "OPTIONS",
        path,
        headers: {
          "access-control-request-method": method,
          ...(names.length > 0 && { "access-control-request-headers": names.join(",") }),
        },
      });
      checkOrigin(answer.headers, origin);
      if (answer.status < 200 || answer.status > 299) throw new Blocked(`status ${answer.status}`);
      headers = answer.headers;
      if (Number(headers.get("access-control-max-age")) > 0) kept.set(key, headers);
    }
    const methods = listOf(headers, "access-control-allow-methods");
    if (!isSimple(method) && !methods.includes(method)) throw new Blocked(`method ${method}`);
    const allowed = listOf(headers, "access-control-allow-headers").map((one) => one.toLowerCase());
    for (const name of names) if (!allowed.includes(name)) throw new Blocked(`header ${name}`);
  };

  return {
    preflights: () => preflights,
    close: () => session.destroy(),
    request: async (request) => {
      const { pathname, search } = new URL(request.url);
      const path = `${pathname}${search}`;
      // A page cannot set the header user-agent in Chromium, and Connect's client for browsers does not.
      const own = [...request.header].filter(([name]) => name !== "user-agent");
      const unsafe = own.filter(([name, value]) => !isSafe(name, value));
      const names = unsafe.map(([name]) => name).sort();
      if (!isSimple(request.method) || names.length > 0) await ask(request.method, path, names);
      const chunks: Uint8Array[] = [];
      for await (const chunk of request.body ?? []) chunks.push(chunk);
      const headers = Object.fromEntries(own);
      const { method } = request;
      const answer = await exchange({ method, path, headers, body: Buffer.concat(chunks) });
      checkOrigin(answer.headers, origin);
      const exposed = listOf(answer.headers, "access-control-expose-headers");
      const readable = [...READ_FREELY, ...exposed.map((name) => name.toLowerCase())];
      const header = new Headers([...answer.headers].filter(([name]) => readable.includes(name)));
      return { status: answer.status, header, body: answer.body, trailer: new Headers() };
    },
  };
}

function isSimple(method: string): boolean {
  return ["GET", "HEAD", "POST"].includes(method);
}

function isSafe(name: string, value: string): boolean {
  return SENT_FREELY.includes(name) || (name === "content-type" && SIMPLE_TYPES.test(value));
}

function checkOrigin(headers: Headers, origin: string): void {
  if (headers.get("access-control-allow-origin") !== origin) throw new Blocked("origin");
}

function listOf(headers: Headers, name: string): readonly string[] {
  const text = headers.get(name) ?? "";
  return text.split(",").map((one) => one.trim());
}

interface BrowserAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

function send(
  session: ClientHttp2Session,
  { method, path, headers, body, origin }: Message & { readonly origin: string },
): Promise<BrowserAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": method,
      ":path": path,
      origin,
      "sec-fetch-mode": "cors",
      "sec-fetch-site": "cross-site",
      ...headers,
    });
    stream.once("error", reject);
    stream.once("response", (answer) => {
      const found = new Headers();
      for (const [name, value] of Object.entries(answer)) {
        if (!name.startsWith(":") && value !== undefined) found.set(name, String(value));
      }
      resolve({ status: Number(answer[":status"]), headers: found, body: stream });
    });
    stream.end(body);
  });
}
