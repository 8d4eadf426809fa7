/** Sends hostile requests to a TLS port or a Unix socket, and reads what comes back, if anything does. */
import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { SESSION_MEMORY } from "../../../src/transport/session-memory.ts";
import { readChunked, readFields, type Told } from "../../support/told.ts";
import type { Credential } from "./credentials.ts";
import type { HostileRequest } from "./requests.ts";

export interface TlsPlace {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
}

/** `socket`: the path of a Unix socket, without TLS. */
export type Place = TlsPlace | { readonly socket: string };

export interface Exchange {
  readonly told: Told;
  /** The connection ended instead of the request: another request on it may be to blame. */
  readonly lost: boolean;
}

/** A call is answered or ended much earlier; only what hangs takes this long. */
const ANSWER_MS = 60_000;
const LOOK_MS = 10_000;
/** proc_pid_net(5), include/net/tcp_states.h of Linux. */
const [ESTABLISHED, SYN_SENT] = ["01", "02"];
/** Hostile clients come from these addresses of this machine, each with rates of its own. */
export const ADDRESSES = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 2}`);

/** HTTP/2 connections by credential: a certificate belongs to a connection. Connections that end are replaced. */
export class Connections {
  readonly #place: TlsPlace;
  readonly #from: (lane: number) => string;
  readonly #open = new Map<string, ClientHttp2Session>();
  readonly #sockets = new WeakMap<ClientHttp2Session, Socket>();

  /** `from`: the own address of a lane. */
  constructor(place: TlsPlace, from = addressFor) {
    this.#place = place;
    this.#from = from;
  }

  send(request: HostileRequest, lane: number): Promise<Exchange> {
    const session = this.#connection(request.credential, lane);
    return askHttp2(session, this.#sockets.get(session), request);
  }

  close(): void {
    for (const session of this.#open.values()) session.destroy();
  }

  #connection({ name, certificate }: Credential, lane: number): ClientHttp2Session {
    const localAddress = this.#from(lane);
    const key = `${certificate === undefined ? "" : name} ${localAddress}`;
    const held = this.#open.get(key);
    if (held !== undefined && !held.closed && !held.destroyed) return held;
    const { port, ca } = this.#place;
    const socket = tlsTo({ port, ca }, certificate, { localAddress, protocol: "h2" });
    const session = connectHttp2(`https://localhost:${port}`, {
      ...SESSION_MEMORY,
      createConnection: () => socket,
    });
    this.#sockets.set(session, socket);
    session.on("error", () => undefined);
    session.setMaxListeners(0);
    this.#open.set(key, session);
    return session;
  }
}

/**
 * Settles when the exchange has ended, or when the kernel has no such connection any more: Node sometimes misses that on a busy
 * machine, and waits for ever.
 */
async function endOf(ended: Promise<void>, socket: Socket | undefined): Promise<"ended" | "gone"> {
  const { promise: gone, resolve } = Promise.withResolvers<"gone">();
  const look = setInterval(() => {
    if (socket === undefined || !isOpen(socket)) resolve("gone");
  }, LOOK_MS);
  const over = ended.then(() => "ended" as const);
  return await Promise.race([over, gone]).finally(() => clearInterval(look));
}

function isOpen(socket: Socket): boolean {
  if (socket.destroyed) return false;
  // A Unix socket, or a connection that is only being made.
  if (socket.localPort === undefined) return true;
  return kernelStates(socket).some((state) => state === ESTABLISHED || state === SYN_SENT);
}

/** States of this end of a connection in the kernel; none if it has no such connection. Its other end has another address. */
function kernelStates({ localAddress = "", localPort = 0 }: Socket): string[] {
  const address = localAddress.split(".").toReversed();
  const hex = (number: number, digits: number) =>
    number.toString(16).toUpperCase().padStart(digits, "0");
  const own = `${address.map((byte) => hex(Number(byte), 2)).join("")}:${hex(localPort, 4)}`;
  const connections = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  return connections
    .map((line) => line.trim().split(/ +/))
    .filter(([, local]) => local === own)
    .map(([, , , state = ""]) => state);
}

async function askHttp2(
  session: ClientHttp2Session,
  socket: Socket | undefined,
  request: HostileRequest,
): Promise<Exchange> {
  const { verb, target, headers, body, end } = request;
  const hasBody = body.length > 0 || verb === "POST";
  const stream = session.request(
    // Of two fields of one name this client sends the last.
    { ":method": verb, ":path": target, ...Object.fromEntries(headers) },
    { endStream: !hasBody },
  );
  const [head, trailer] = [new Headers(), new Headers()];
  let status = 0;
  stream.on("response", (got) => {
    status = Number(got[":status"]);
    collect(head, got);
  });
  stream.on("trailers", (got) => collect(trailer, got));
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    // A watch lasts until its watcher leaves.
    if (isWatch(target)) stream.close();
  });
  stream.on("error", () => undefined);
  // RFC 9113 section 8.1: a server may answer, and want no more of the request. Node then leaves the stream open for ever.
  const ended = new Promise<void>((resolve) => {
    stream.once("end", resolve);
    stream.once("close", resolve);
  });
  const over = endOf(ended, socket);
  if (end === "reset") {
    stream.write(body.subarray(0, body.length >> 1));
    stream.close(constants.NGHTTP2_CANCEL);
  } else if (hasBody) stream.end(body);
  const outcome = await inTime(over, request, () => {
    const kernel = socket === undefined ? "none" : kernelStates(socket).join();
    const { closed, destroyed, pending, rstCode, readableEnded, writableFinished } = stream;
    const shown = { closed, destroyed, pending, rstCode, readableEnded, writableFinished };
    const ends = { session: { closed: session.closed, destroyed: session.destroyed }, kernel };
    return JSON.stringify({ status, ...shown, ...ends });
  });
  const told = { status, head, trailer, body: Buffer.concat(chunks) };
  stream.destroy();
  return { told, lost: outcome === "gone" || session.destroyed || session.closed };
}

function collect(into: Headers, got: object): void {
  for (const [name, value] of Object.entries(got)) {
    if (!name.startsWith(":")) into.set(name, String(value));
  }
}

function isWatch(target: string): boolean {
  return target.split("?")[0]?.endsWith("/Watch") === true;
}

export function addressFor(number: number): string {
  return ADDRESSES[number % ADDRESSES.length] ?? "";
}

/** One request on a connection of its own. */
export async function askHttp1(
  place: Place,
  request: HostileRequest,
  from: string,
): Promise<Exchange> {
  const { verb, target, headers, body, end } = request;
  const socket = dial(place, request.credential, from);
  socket.on("error", () => undefined);
  const fixed = [
    ["host", "localhost"],
    ["connection", "close"],
    ["content-length", `${end === "whole" ? body.length : body.length + 10}`],
  ];
  const lines = [...fixed, ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  // A refusal may close the connection before the body is read, and a write after that loses the answer: most bodies come with the head.
  socket.cork();
  socket.write(`${verb} ${target} HTTP/1.1\r\n${lines}\r\n`, "latin1");
  socket.write(body, () => {
    if (end === "reset") socket.destroy();
  });
  socket.uncork();
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    // A watch lasts until its watcher leaves, which an interim answer gives no reason for.
    if (isWatch(target) && readHttp1(Buffer.concat(chunks)).status !== 0) socket.destroy();
  });
  await inTime(
    endOf(new Promise((resolve) => socket.once("close", () => resolve())), socket),
    request,
  );
  return { told: readHttp1(Buffer.concat(chunks)), lost: chunks.length === 0 };
}

export function dial(
  place: Place,
  { certificate }: Credential,
  localAddress: string,
  protocol = "http/1.1",
): Socket {
  if ("socket" in place) return connectTcp(place.socket);
  return tlsTo(place, certificate, { localAddress, protocol });
}

function tlsTo(
  { port, ca }: TlsPlace,
  certificate: Credential["certificate"],
  { localAddress, protocol }: { readonly localAddress: string; readonly protocol: string },
): TLSSocket {
  const shown =
    certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key };
  const options: ConnectionOptions & { readonly localAddress: string } = {
    ...{ host: "127.0.0.1", port, localAddress, servername: "localhost", ca },
    ALPNProtocols: [protocol],
    ...shown,
  };
  const socket = connectTls(options);
  // Read once, Node keeps it: the kernel could not tell it any more when the connection is over.
  socket.once("connect", () => void socket.localPort);
  return socket;
}

function readHttp1(bytes: Buffer): Told {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  // RFC 9110 section 15.2: an interim answer comes before the answer.
  if (/^HTTP\/1\.1 1\d\d /.test(text) && end > 0) return readHttp1(bytes.subarray(end + 4));
  const [first = "", ...fields] = text.slice(0, Math.max(end, 0)).split("\r\n");
  const head = readFields(fields);
  const raw = bytes.subarray(end + 4);
  const isChunked = head.get("transfer-encoding") === "chunked";
  const { body, trailer } = isChunked ? readChunked(raw) : { body: raw, trailer: new Headers() };
  const status = Number(first.split(" ")[1] ?? 0);
  return { status, head, trailer, body };
}

async function inTime<T>(
  over: Promise<T>,
  request: HostileRequest,
  state: () => string = () => "",
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`neither answered nor ended: ${state()} ${describeRequest(request)}`)),
      ANSWER_MS,
    );
  });
  return await Promise.race([over, late]).finally(() => clearTimeout(timer));
}

export function describeRequest(request: HostileRequest): string {
  const { verb, target, headers, body, end, credential, encoding, call } = request;
  const shown = headers.filter(([name]) => name !== "authorization");
  return JSON.stringify({
    call: `${call.parent.typeName}/${call.name}`,
    ...{ credential: credential.name, encoding, verb, target: target.slice(0, 300), end },
    headers: JSON.stringify(shown).slice(0, 500),
    body: body.subarray(0, 200).toString("latin1"),
    bytes: body.length,
  });
}
