// The network of a chaos run: shipped nodes as processes, with TLS and disks, and a proxied way between every two of
// them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDevnetFolder } from "../../src/cli/devnet-folder.ts";
import { PEER_PORT_OFFSET } from "../../src/cli/devnet-options.ts";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { freePort } from "../support/free-ports.ts";
import { ChaosNode } from "./chaos-node.ts";
import { Mesh } from "./mesh.ts";
import { SmallDisk } from "./small-disk.ts";

/** The longest time that a client waits for a gateway that hangs. */
export const CALL_MS = 6_000;
const TIMINGS = { pingMs: 1_000, pingTimeoutMs: 2_000 };
const READY_MS = 180_000;
/** Short enough for a node that was away to start from a snapshot; long enough for the deadlines that clients sign. */
const WINDOW = { lifetimeMsMax: 45_000, graceMs: 5_000 };
/** About the number of blocks that are ordered in a few seconds. */
const SNAPSHOT_BLOCKS_MIN = 50;
const POLL_MS = 100;

export interface ChaosNetwork {
  readonly nodes: readonly ChaosNode[];
  readonly mesh: Mesh;
  readonly clients: readonly GatewayClient[];
  readonly genesisFile: string;
  /** The disk of the last node, where a run may mount one. */
  readonly disk: SmallDisk | undefined;
}

export function storeFolderOf(folder: string, node: string): string {
  return join(folder, "network", node, "data");
}

export async function createNetwork(options: {
  readonly folder: string;
  readonly nodes: number;
  readonly mayMount: boolean;
}): Promise<ChaosNetwork> {
  const { folder, nodes: count, mayMount } = options;
  const port = await freePort(count);
  const path = join(folder, "network");
  const made = await openDevnetFolder(
    { nodes: count, port, folder: path, fresh: false },
    { now: Date.now, timings: WINDOW },
  );
  const names = made.validators.map(({ id }) => id);
  const mesh = await Mesh.open(names.map((_, index) => port + PEER_PORT_OFFSET + index));
  for (const [index, name] of names.entries()) configure(join(path, name), { index, names, mesh });
  const ca = readFileSync(made.caFile, "utf8");
  return {
    nodes: names.map((name) => {
      const file = (own: string): string => join(path, name, own);
      const [configFile, logFile] = [file("config.json"), file("node.log")];
      return new ChaosNode(name, { configFile, logFile, clockFile: file("clock-offset") });
    }),
    mesh,
    clients: made.validators.map(({ clientAddress }) =>
      createGatewayClient({
        baseUrl: `https://${clientAddress}`,
        ca,
        timeoutMs: CALL_MS,
        timings: TIMINGS,
      }),
    ),
    genesisFile: made.genesisFile,
    disk: mayMount ? SmallDisk.mount(storeFolderOf(folder, names.at(-1) ?? "")) : undefined,
  };
}

/** Each node dials the others through the mesh. */
function configure(
  folder: string,
  own: { readonly index: number; readonly names: readonly string[]; readonly mesh: Mesh },
): void {
  const file = join(folder, "config.json");
  const peers = own.names.flatMap((name, to) =>
    to === own.index ? [] : [[name, `127.0.0.1:${own.mesh.port(own.index, to)}`]],
  );
  const config: object = JSON.parse(readFileSync(file, "utf8"));
  const changed = { peers: Object.fromEntries(peers), snapshotBlocksMin: SNAPSHOT_BLOCKS_MIN };
  writeFileSync(file, JSON.stringify({ ...config, ...changed }));
}

/** Settles when every node takes payments and is linked to all others; the error names the nodes that are not. */
export async function untilReady({ clients, nodes }: ChaosNetwork): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const found = await Promise.all(
      clients.map(({ calls }) =>
        calls.getStatus({}, { timeoutMs: 2_000 }).then(
          ({ ready, keyFinal, connectedPeers, notReadyBecause }) =>
            ready && keyFinal && connectedPeers === nodes.length - 1
              ? ""
              : `${connectedPeers} peers, ${notReadyBecause}`,
          (error: unknown) => String(error),
        ),
      ),
    );
    if (found.every((why) => why === "")) return;
    if (performance.now() > deadline) {
      const who = found.map((why, index) => `${nodes[index]?.name}: ${why || "ready"}`).join("; ");
      throw new Error(`the network is not ready after ${READY_MS / 1000} s (${who})`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
