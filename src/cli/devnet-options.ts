/** The flags of `countersign devnet`, read strictly. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CommandError, EXIT } from "./command.ts";

export interface DevnetOptions {
  readonly nodes: number;
  /** First client port; node k listens on port + k, and for its peers on port + 100 + k. */
  readonly port: number;
  /** Absolute path of the folder that holds the whole network. */
  readonly folder: string;
  /** Forget what the folder holds and begin anew. */
  readonly fresh: boolean;
}

export const DEVNET_NODES_MAX = 31;
export const PEER_PORT_OFFSET = 100;
const DEFAULTS = { nodes: "4", port: "7001", data: ".countersign" } as const;

export function parseDevnetOptions(args: readonly string[]): DevnetOptions {
  const values = parse(args);
  return {
    nodes: integer("--nodes", values.nodes ?? DEFAULTS.nodes, 2, DEVNET_NODES_MAX),
    port: integer("--port", values.port ?? DEFAULTS.port, 1024, 65_535 - 2 * PEER_PORT_OFFSET),
    folder: resolve(values.data ?? DEFAULTS.data),
    fresh: values.fresh ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        nodes: { type: "string" },
        port: { type: "string" },
        data: { type: "string" },
        fresh: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `devnet: ${why}. The flags are --nodes N, --port P, --data DIR and --fresh`,
      EXIT.usage,
    );
  }
}

function integer(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max) {
    throw new CommandError(
      `devnet: ${flag} is "${text}", but must be a whole number from ${min} to ${max}`,
      EXIT.usage,
    );
  }
  return value;
}
