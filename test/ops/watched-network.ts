/**
 * Four whole nodes in one process, each with its real listeners: TLS between the nodes and for clients, and the socket of
 * the operator, where its metrics are scraped. What a test may break is behind the seams of a node: its wall clock, its
 * disk, the reading of its memory, and its answers to peers; and the answers of an authorization server.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PEER_PORT_OFFSET } from "../../src/cli/devnet-options.ts";
import { MemoryDisk } from "../../src/storage/memory-store.ts";
import { createDevelopmentAuthority } from "../../src/transport/development-certificates.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import {
  generateServerKey,
  type KeySetServer,
  keySetText,
  openKeySetServer,
} from "../node/access/authorization-server.ts";
import { stopNetwork, untilKey } from "../node/network.ts";
import { Cluster, type ClusterOptions } from "../support/cluster.ts";
import { freePort } from "../support/free-ports.ts";
import { SetClocks } from "../support/set-clocks.ts";
import { WatchedNode } from "./watched-node.ts";

const NODES = 4;

/** On a busy machine an honest leader is late: with short views, others would not wait for it. The quota is soon used up. */
const OPTIONS: ClusterOptions = {
  nodes: NODES,
  timings: { viewTimeoutMs: 2_000 },
  limits: { unfundedPerSponsorMax: 60 },
};

export class WatchedNetwork {
  readonly cluster: Cluster;
  readonly clocks: SetClocks;
  readonly nodes: readonly WatchedNode[];
  /** The authorization server that a node may be told to trust. */
  readonly keyServer: KeySetServer;
  readonly #home: string;

  private constructor(parts: {
    readonly cluster: Cluster;
    readonly clocks: SetClocks;
    readonly nodes: readonly WatchedNode[];
    readonly keyServer: KeySetServer;
    readonly home: string;
  }) {
    this.cluster = parts.cluster;
    this.clocks = parts.clocks;
    this.nodes = parts.nodes;
    this.keyServer = parts.keyServer;
    this.#home = parts.home;
  }

  /** Settles when the network has its key and the first seal. */
  static async start(): Promise<WatchedNetwork> {
    const home = await mkdtemp(join(tmpdir(), "countersign-watched-"));
    const port = await freePort(NODES);
    const clocks = new SetClocks();
    const nodes: WatchedNode[] = [];
    const cluster = await Cluster.prepare({
      ...OPTIONS,
      diskOf: () => new MemoryDisk(),
      systemOf: clocks.systemOf,
      auditOf: (index) => nodes[index]?.audit ?? failed(`there is no node ${index}`),
      certificateEndsAt: (index) => nodes[index]?.certificateEndsAt ?? failed(`no node ${index}`),
      clientOf: (index, peer, onAnswer) =>
        nodes[index]?.clientOf(peer, onAnswer) ?? failed(`there is no node ${index}`),
    });
    const authority = await createDevelopmentAuthority({ now: Date.now(), days: 400 });
    const addresses = new Map(
      cluster.genesis.validators.map(({ id, index }) => [
        id,
        `127.0.0.1:${port + PEER_PORT_OFFSET + index}`,
      ]),
    );
    for (let index = 0; index < NODES; index++) {
      const place = { clientPort: port + index, peerPort: port + PEER_PORT_OFFSET + index };
      nodes.push(
        await WatchedNode.prepare({ cluster, index, home, authority, addresses, ...place }),
      );
    }
    const keyServer = await openKeySetServer(keySetText(await generateServerKey("first")));
    const network = new WatchedNetwork({ cluster, clocks, nodes, keyServer, home });
    try {
      for (const node of nodes) await node.start();
      await untilKey(cluster);
    } catch (error) {
      await network.stop();
      throw error;
    }
    return network;
  }

  node(index: number): WatchedNode {
    return this.nodes[index] ?? failed(`there is no node ${index}`);
  }

  /** These nodes answer their peers so from now on, until the returned function is called. */
  twist(indexes: readonly number[], twisted: (honest: PeerApi) => Partial<PeerApi>): () => void {
    for (const index of indexes) this.node(index).twist = twisted;
    return () => {
      for (const index of indexes) this.node(index).twist = undefined;
    };
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
    await this.keyServer.close();
    await stopNetwork(this.cluster);
    await rm(this.#home, { recursive: true, force: true });
  }
}

function failed(why: string): never {
  throw new Error(why);
}
