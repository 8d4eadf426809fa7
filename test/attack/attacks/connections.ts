/**
 * Strangers at both ports of one node: silent connections, TLS handshakes that never end, and handshakes that end and
 * are dropped.
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ClientAttack } from "../attack.ts";
import { pause } from "../tools.ts";

/** Open connections at a time, of each kind at each port. */
const OPEN = 250;
const ROUND_MS = 250;
const NEW_PER_ROUND = 20;

export const connectionFloods: ClientAttack = {
  name: "connection-floods",
  by: "client",
  does: `up to ${4 * OPEN} connections at both ports, half of them silent, half idle after the handshake, always anew`,
  run: async (hand, signal) => {
    const { host } = hand;
    const kinds = [hand.clientPort, hand.peerPort].flatMap((port) => [
      () => connect({ host, port }),
      () => connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ["h2"] }),
    ]);
    const open = kinds.map((dial) => ({ dial, sockets: [] as Socket[] }));
    while (!signal.aborted) {
      for (const kind of open) {
        kind.sockets = kind.sockets.filter(({ destroyed }) => !destroyed);
        for (const old of kind.sockets.splice(0, kind.sockets.length - OPEN + NEW_PER_ROUND)) {
          old.destroy();
        }
        for (let i = 0; i < NEW_PER_ROUND; i++) {
          const socket = kind.dial();
          socket.on("error", () => undefined);
          kind.sockets.push(socket);
          hand.count("connections");
        }
      }
      await pause(ROUND_MS, signal);
    }
    for (const { sockets } of open) for (const socket of sockets) socket.destroy();
  },
};
