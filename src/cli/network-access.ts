/** Gives client commands access to a network: its genesis, the authority of its certificates, and its nodes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createGatewayClient, type GatewayClient } from "../client/gateway-client.ts";
import { type Trust, trustGenesis } from "../client/receipt-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { isValidPoint, sha256, verify } from "../node/base/crypto.ts";
import { ConfigError } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { LIMITS } from "../primitives/limits.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { chainProblem } from "../transport/certificate-chain.ts";
import { usage } from "./arguments.ts";
import { CommandError, type Options, type Values } from "./command.ts";
import { NETWORK_FOLDER } from "./default-folders.ts";
import { readTokens } from "./tokens-file.ts";

export const NETWORK_OPTIONS = {
  network: {
    kind: "text",
    value: "DIR",
    summary: "folder with the network's genesis.json and ca.pem",
    fallback: NETWORK_FOLDER,
  },
  genesis: { kind: "text", value: "FILE", summary: "the genesis, if it is not in --network" },
  ca: {
    kind: "text",
    value: "FILE",
    summary: "the authority of the nodes' client certificates, if it is not in --network",
  },
  tokens: {
    kind: "text",
    value: "FILE",
    summary:
      "tokens to show, one line each: NODE TOKEN; by default tokens in --network, if it is there",
  },
} as const satisfies Options;

export const NODE_OPTION = {
  node: {
    kind: "text",
    value: "NODE",
    summary:
      "the node to ask: its id in the genesis, or host:port (default: the first that answers)",
  },
} as const satisfies Options;

/** A member with its client. */
export interface Member {
  readonly id: string;
  /** host:port of its client listener. */
  readonly address: string;
  readonly client: GatewayClient;
}

export interface NetworkAccess {
  readonly genesis: Genesis;
  readonly trust: Trust;
  readonly members: readonly Member[];
  readonly close: () => void;
}

export function openNetwork(
  command: string,
  values: Values<typeof NETWORK_OPTIONS>,
): NetworkAccess {
  const genesis = readGenesis(command, values);
  const ca = readAuthority(command, values);
  const nodes = genesis.validators.map(({ id }) => id);
  const tokens = readTokens(command, values, nodes);
  const members = genesis.validators.map(({ id, clientAddress: address }) => {
    const baseUrl = `https://${address}`;
    return {
      id,
      address,
      client: createGatewayClient({ baseUrl, ca, token: tokens.get(id), node: id }),
    };
  });
  return {
    genesis,
    trust: trustGenesis(genesis, { hash: sha256, verify, isValidPoint }),
    members,
    close: () => {
      for (const { client } of members) client.close();
    },
  };
}

/** Public, for commands that need no node. */
export function readGenesis(
  command: string,
  { network, genesis }: Pick<Values<typeof NETWORK_OPTIONS>, "network" | "genesis">,
): Genesis {
  try {
    return loadGenesis(genesis ?? join(network, "genesis.json"));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(
      `${command}: ${error.message}; start a network (npm start), or name one by --network DIR or --genesis FILE`,
    );
  }
}

/** The members to ask, in order: the named one, or all. */
export function membersFor(
  command: string,
  { members }: NetworkAccess,
  node: string | undefined,
): readonly Member[] {
  if (node === undefined) return members;
  const named = members.filter(({ id, address }) => id === node || address === node);
  if (named.length > 0) return named;
  const names = members.map(({ id, address }) => `${id} (${address})`).join(", ");
  throw usage(`${command}: --node is "${node}", but the genesis knows ${names}`);
}

/** If absent, the system's authorities are trusted. */
function readAuthority(
  command: string,
  { network, ca }: Values<typeof NETWORK_OPTIONS>,
): string | undefined {
  const file = ca ?? join(network, "ca.pem");
  if (ca === undefined && !existsSync(file)) return undefined;
  let pem: string;
  try {
    pem = readTextBounded(file, LIMITS.files.certificatesBytesMax);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `${command}: the authority ${file} cannot be read (${why}); name the right file by --ca FILE`,
    );
  }
  // A file without a certificate would silently make Node trust the system's authorities.
  const problem = chainProblem(pem);
  if (problem === undefined) return pem;
  throw new CommandError(
    `${command}: the authority is ${file}, ${problem}; name the right file by --ca FILE`,
  );
}
