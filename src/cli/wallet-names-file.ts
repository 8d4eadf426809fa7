/** Reads the file of the user's names for wallets: a line for each, NAME and ID. */
import { join } from "node:path";
import { parseUuid, type WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { isWalletName, nameSkeleton } from "./wallet-name.ts";

export function namesFileIn(folder: string): string {
  return join(folder, "names");
}

/** The names in their order, or the number of the first line that is not one, counted from 1, and why. */
export type NamesRead =
  | ReadonlyMap<string, WalletId>
  | { readonly badLine: number; readonly why: string };

/** Throws FileTooLarge, or the error of the operating system. */
export function readNamesFile(path: string): NamesRead {
  const names = new Map<string, WalletId>();
  const [skeletons, ids] = [new Set<string>(), new Set<string>()];
  const text = readTextBounded(path, LIMITS.files.walletNamesBytesMax);
  for (const [place, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const bad = (why: string) => ({ badLine: place + 1, why });
    const [name = "", given = "", ...more] = line.split(" ");
    const id = parseUuid(given);
    if (!isWalletName(name) || id === undefined || more.length > 0) return bad("is not NAME ID");
    if (skeletons.has(nameSkeleton(name))) return bad("has a name like another one");
    if (ids.has(id)) return bad("has the id of another name");
    names.set(name, id);
    skeletons.add(nameSkeleton(name));
    ids.add(id);
  }
  return names;
}
