/** The flags of `countersign devnet`, read strictly. */
import { resolve } from "node:path";
import { parseWhole } from "./arguments.ts";
import type { Options, Values } from "./command.ts";
import { NETWORK_FOLDER } from "./default-folders.ts";

export interface DevnetOptions {
  readonly nodes: number;
  /** First client port; node k listens on port + k, and for its peers on port + 100 + k. */
  readonly port: number;
  /** Absolute path of the folder that holds the whole network. */
  readonly folder: string;
  /** Remove the network in the folder and begin anew. */
  readonly fresh: boolean;
}

export const DEVNET_NODES_MAX = 31;
export const PEER_PORT_OFFSET = 100;

export const DEVNET_OPTIONS = {
  nodes: { kind: "text", value: "N", summary: "number of nodes", fallback: "4" },
  port: {
    kind: "text",
    value: "P",
    summary: `first client port; peers listen from P + ${PEER_PORT_OFFSET} on`,
    fallback: "7001",
  },
  data: {
    kind: "text",
    value: "DIR",
    summary: "folder of the whole network, resumed if it exists",
    fallback: NETWORK_FOLDER,
  },
  fresh: { kind: "flag", summary: "delete the network in the folder and make a new one" },
} as const satisfies Options;

export function readDevnetOptions(values: Values<typeof DEVNET_OPTIONS>): DevnetOptions {
  const ports = { min: 1024, max: 65_535 - 2 * PEER_PORT_OFFSET };
  return {
    nodes: parseWhole(values.nodes, { what: "devnet: --nodes", min: 2, max: DEVNET_NODES_MAX }),
    port: parseWhole(values.port, { what: "devnet: --port", ...ports }),
    folder: resolve(values.data),
    fresh: values.fresh,
  };
}
