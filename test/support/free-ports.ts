/**
 * A range of ports for one test's network, free when asked and below those that the system assigns itself. Each
 * worker has ports of its own, because the ports of a stopped node look free to every other worker.
 */
import { randomInt } from "node:crypto";
import { PEER_PORT_OFFSET } from "../../src/cli/devnet-options.ts";
import { takenPort } from "../../src/cli/taken-port.ts";

const FIRST = 20_000;
const LAST = 29_000;
const ATTEMPTS = 50;
/** More than the number of workers at a time. */
const SLICES = 16;
const SLICE = Math.floor((LAST - FIRST) / SLICES);

/** The first client port of a network of `nodes`. */
export async function freePort(nodes: number): Promise<number> {
  const worker = Number(process.env["VITEST_POOL_ID"] ?? 0) % SLICES;
  const first = FIRST + worker * SLICE;
  const last = first + SLICE - PEER_PORT_OFFSET - nodes;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(first, last);
    if ((await takenPort(portsOf(port, nodes))) === undefined) return port;
  }
  throw new Error(`no free ports from ${first} to ${last} in ${ATTEMPTS} attempts`);
}

export function portsOf(port: number, nodes: number): number[] {
  return Array.from({ length: nodes }, (_, i) => [port + i, port + PEER_PORT_OFFSET + i]).flat();
}
