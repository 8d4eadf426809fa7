/** A range of ports for one test's network, free when asked and below those that the system hands out by itself. */
import { randomInt } from "node:crypto";
import { PEER_PORT_OFFSET } from "../../src/cli/devnet-options.ts";
import { takenPort } from "../../src/cli/taken-port.ts";

const FIRST = 20_000;
const LAST = 29_000;
const ATTEMPTS = 50;

/** The first client port of a network of `nodes`. */
export async function freePort(nodes: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST, LAST);
    if ((await takenPort(portsOf(port, nodes))) === undefined) return port;
  }
  throw new Error(`no free ports from ${FIRST} to ${LAST} in ${ATTEMPTS} attempts`);
}

export function portsOf(port: number, nodes: number): number[] {
  return Array.from({ length: nodes }, (_, i) => [port + i, port + PEER_PORT_OFFSET + i]).flat();
}
