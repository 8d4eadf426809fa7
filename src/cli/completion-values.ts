/**
 * Values that a shell offers behind an option: wallets whose keys are here, a network's assets and nodes. What is offered is
 * read from files without being checked, and only words of plain letters pass, for a shell expands what it is given.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By the name under which an option's or operand's value stands in the help. */
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

/** Nothing if the files are not there or do not read: a shell has nowhere to say so. */
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
  const parsed: unknown = JSON.parse(readFileSync(genesis, "utf8"));
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
