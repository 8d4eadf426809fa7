/**
 * Values that a shell offers after an option: local wallets, and the assets and nodes of a network. They are
 * read from files without checks, and only words of plain letters pass, because a shell expands the others.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../primitives/limits.ts";
import { readTextBounded } from "../storage/bounded-file.ts";

/** Keyed by the name that the help gives to the value of an option or operand. */
export const VALUES_OF: Readonly<Record<string, ValueKind>> = {
  WALLET: "wallets",
  CODE: "assets",
  NODE: "nodes",
};

export const VALUE_KINDS = ["wallets", "assets", "nodes"] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

export interface ValuePlaces {
  readonly wallets: string;
  readonly genesis: string;
}

/** Empty if the files are missing or unreadable: a shell has no place to report it. */
export function valuesOf(kind: ValueKind, { wallets, genesis }: ValuePlaces): readonly string[] {
  try {
    const found = kind === "wallets" ? walletsIn(wallets) : namesIn(genesis, kind);
    return found.filter((word) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(word));
  } catch {
    return [];
  }
}

function walletsIn(folder: string): readonly string[] {
  return readdirSync(join(folder, "keys")).flatMap((file) => {
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
