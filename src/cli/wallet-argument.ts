/** Reads a wallet that a user names, by its id or by a name of the user's own. */
import { parseUuid, type WalletId } from "../primitives/ids.ts";
import { printable } from "../primitives/printable.ts";
import { usage } from "./arguments.ts";
import { nearest } from "./nearest.ts";
import { isWalletName } from "./wallet-name.ts";
import type { WalletNames } from "./wallet-names.ts";

export function readWallet(what: string, text: string, names: WalletNames): WalletId {
  const found = findWallet(text, names);
  if (found !== undefined) return found;
  const meant = isWalletName(text)
    ? nearest(
        text,
        names.all.map(([name]) => name),
      )
    : undefined;
  const suggestion = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw usage(
    `${what} is "${printable(text)}", but must be a wallet's id, a UUID in lower case, or a name of yours (see countersign wallet names)${suggestion}`,
  );
}

/** Undefined if the text is neither an id nor a name. */
export function findWallet(text: string, names: WalletNames): WalletId | undefined {
  // No name has the form of an id.
  return parseUuid(text) ?? names.idOf(text);
}
