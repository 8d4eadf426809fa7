/**
 * Values that a shell offers after an option: local wallets and their names, and the assets and nodes of a network. They are
 * read from files without checks, and only words of plain letters pass, because a shell expands the others.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { unreachable } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { namesFileIn, readNamesFile } from "./wallet-names-file.ts";

/** Keyed by the name that the help gives to the value of an option or operand. */
export const VALUES_OF: Readonly<Record<string, ValueKind>> = {
  WALLET: "wallets",
  NAMED: "names",
  CODE: "assets",
  NODE: "nodes",
};

export const VALUE_KINDS = ["wallets", "names", "assets", "nodes"] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

export interface ValuePlaces {
  readonly wallets: string;
  readonly genesis: string;
}

/** Empty if the files are missing or unreadable: a shell has no place to report it. */
export function valuesOf(kind: ValueKind, { wallets, genesis }: ValuePlaces): readonly string[] {
  try {
    const found = findAll(kind, { wallets, genesis });
    return found.filter((word) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(word));
  } catch {
    return [];
  }
}

function findAll(kind: ValueKind, { wallets, genesis }: ValuePlaces): readonly string[] {
  switch (kind) {
    case "wallets":
      return [...userNamesIn(wallets), ...walletsIn(wallets)];
    case "names":
      return userNamesIn(wallets);
    case "assets":
    case "nodes":
      return namesIn(genesis, kind);
    default:
      return unreachable(kind);
  }
}

function userNamesIn(folder: string): readonly string[] {
  try {
    const names = readNamesFile(namesFileIn(folder));
    return "badLine" in names ? [] : [...names.keys()];
  } catch {
    return [];
  }
}

function walletsIn(folder: string): readonly string[] {
  const keys = join(folder, "keys");
  // The user may have names for wallets, and no keys.
  return (existsSync(keys) ? readdirSync(keys) : []).flatMap((file) => {
    return /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.key\.json$/.exec(file)?.[1] ?? [];
  });
}

function namesIn(genesis: string, kind: "assets" | "nodes"): readonly string[] {
  const parsed: unknown = JSON.parse(readTextBounded(genesis, LIMITS.files.genesisBytesMax));
  const lists = new Map(Object.entries((parsed ?? {}) as object));
  const list = lists.get(kind === "assets" ? "assets" : "validators");
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const name = new Map(Object.entries((one ?? {}) as object)).get(
      kind === "assets" ? "code" : "id",
    );
    return typeof name === "string" ? name : [];
  });
}
