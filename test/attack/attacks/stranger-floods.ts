/**
 * Strangers at the peer port of one node, from many addresses: thousands of connections at a time, which say nothing, or half
 * a handshake, or prove an identity that is no member's. Each one that is ended is made anew.
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { entropy, signingKeyOf } from "../../../src/node/base/crypto.ts";
import { createPeerCertificate } from "../../../src/transport/peer-certificate.ts";
import type { ClientAttack, ClientHand } from "../attack.ts";
import { pause } from "../tools.ts";

/** Wanted at a time. */
const OPEN = 5_000;
/** Addresses of loopback that the strangers come from; the members are at 127.0.0.1. */
const ADDRESSES = 250;
const ROUND_MS = 50;
const NEW_PER_ROUND = 50;
/** A connection that is open for so long holds a place. */
const HELD_MS = 1_000;
/** The beginning of a TLS record that never comes to its end. */
const HALF_HELLO = Buffer.from("16030102000100", "hex");

type Dial = (at: {
  readonly host: string;
  readonly port: number;
  readonly localAddress: string;
}) => Socket;

export const strangerFloods: ClientAttack = {
  name: "stranger-floods",
  by: "client",
  does: `${OPEN} connections of strangers at the peer port, from ${ADDRESSES} addresses, silent, half-open or proving themselves strangers, always anew`,
  // The peer port is for members: what goes on there must not be felt.
  shareMin: 0.9,
  prepare: async (hand) => {
    const { certificate: cert, key } = await createPeerCertificate({
      networkId: hand.networkId,
      ...signingKeyOf(entropy(32)),
    });
    const tls = {
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
      minVersion: "TLSv1.3",
    } as const;
    const kinds: readonly Dial[] = [
      (at) => connect(at),
      (at) =>
        connect(at).once("connect", function (this: Socket) {
          this.write(HALF_HELLO);
        }),
      (at) => connectTls({ ...at, ...tls }),
      (at) => connectTls({ ...at, ...tls, cert, key }),
    ];
    return (acting, signal) => flood(acting, kinds, signal);
  },
};

async function flood(hand: ClientHand, kinds: readonly Dial[], signal: AbortSignal): Promise<void> {
  /** With the time since when. */
  const open = new Map<Socket, number>();
  let dialled = 0;
  let held = 0;
  while (!signal.aborted) {
    for (let i = 0; i < NEW_PER_ROUND && open.size < OPEN; i++, dialled++) {
      const dial = kinds[dialled % kinds.length];
      const localAddress = `127.0.1.${1 + (dialled % ADDRESSES)}`;
      const socket = dial?.({ host: hand.host, port: hand.peerPort, localAddress });
      if (socket === undefined) return;
      open.set(socket, performance.now());
      socket.on("error", () => undefined);
      socket.resume();
      socket.once("close", () => open.delete(socket));
      hand.count("connections");
    }
    await pause(ROUND_MS, signal);
    const since = performance.now() - HELD_MS;
    held = Math.max(held, [...open.values()].filter((at) => at < since).length);
  }
  hand.count("held for a second, at most", held);
  for (const socket of open.keys()) socket.destroy();
}
