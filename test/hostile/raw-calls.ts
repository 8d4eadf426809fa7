/** Calls with exactly the bytes that the test gives, over the connection of a member or a stranger. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { setTimeout } from "node:timers/promises";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";

export interface RawAnswer {
  /** HTTP status; 0 if the stream ended without one. */
  readonly status: number;
  readonly body: Buffer;
}

export type Verdict = "answered" | "refused" | "cut off";

const ANSWER_MS = 20_000;

/** A connection with the certificate of this member. */
export function connectAs(certificate: CertificateAndKey, port: number): ClientHttp2Session {
  const { certificate: cert, key } = certificate;
  const session = connect(`https://127.0.0.1:${port}`, { cert, key, rejectUnauthorized: false });
  session.on("error", () => undefined);
  return session;
}

/** Opens a call and sends nothing of its body. */
export function open(
  session: ClientHttp2Session,
  method: string,
  extra: object = {},
): ClientHttp2Stream {
  const isLink = method === PeerService.method.link.name;
  const stream = session.request({
    ":method": "POST",
    ":path": `/${PeerService.typeName}/${method}`,
    "content-type": isLink ? "application/connect+proto" : "application/proto",
    "connect-protocol-version": "1",
    ...extra,
  });
  stream.on("error", () => undefined);
  return stream;
}

/** One call with these bytes as its one message. */
export async function call(
  session: ClientHttp2Session,
  method: string,
  message: Bytes,
): Promise<RawAnswer> {
  const stream = open(session, method);
  const isLink = method === PeerService.method.link.name;
  stream.end(isLink ? enveloped(message) : Buffer.from(message));
  return await answerOf(stream);
}

export function enveloped(message: Bytes, claimedLength = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(claimedLength, 1);
  return Buffer.concat([head, message]);
}

export async function answerOf(stream: ClientHttp2Stream): Promise<RawAnswer> {
  let status = 0;
  const chunks: Buffer[] = [];
  stream.on("response", (headers) => {
    status = Number(headers[":status"]);
  });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  const inTime = new AbortController();
  const late = setTimeout(ANSWER_MS, "late", { signal: inTime.signal }).catch(() => "in time");
  const outcome = await Promise.race([closed, late]);
  inTime.abort();
  if (outcome === "late") throw new Error("a call was neither answered nor ended");
  return { status, body: Buffer.concat(chunks) };
}

/** The outcome of a call, and the milliseconds after which a busy node accepts it again. */
export function verdictOf(
  method: string,
  { status, body }: RawAnswer,
): { verdict: Verdict; code: string; againMs: number } {
  const error = errorIn(method, status, body);
  if (status === 0) return { verdict: "cut off", code: "", againMs: 0 };
  if (error === undefined) return { verdict: "answered", code: "", againMs: 0 };
  const hint = /"retryAfterMs":"(\d+)"/.exec(JSON.stringify(error))?.[1];
  return { verdict: "refused", code: error.code, againMs: Number(hint ?? 0) };
}

function errorIn(
  method: string,
  status: number,
  body: Buffer,
): { readonly code: string } | undefined {
  if (method !== PeerService.method.link.name) {
    return status === 200 ? undefined : (JSON.parse(body.toString("utf8")) as { code: string });
  }
  // The last envelope of a stream marks its end, and holds the error if there is one.
  for (let at = 0; at + 5 <= body.length; ) {
    const length = body.readUInt32BE(at + 1);
    const isEnd = ((body[at] ?? 0) & 2) !== 0;
    const content = body.subarray(at + 5, at + 5 + length);
    if (isEnd) return (JSON.parse(content.toString("utf8")) as { error?: { code: string } }).error;
    at += 5 + length;
  }
  return status === 200 ? undefined : { code: `http ${status}` };
}

/** Ends a connection as abruptly as HTTP/2 allows. */
export function sayGoaway(
  session: ClientHttp2Session,
  code: number = constants.NGHTTP2_INTERNAL_ERROR,
): void {
  if (!session.destroyed) session.goaway(code, 0, Buffer.alloc(64));
}
