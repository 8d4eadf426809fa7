/** Reads the amounts and currencies that options name. */
import type { Genesis } from "../ledger/genesis.ts";
import { type Amount, parseAmount } from "../primitives/amount.ts";
import { usage } from "./arguments.ts";

export function readAmount(what: string, text: string): Amount {
  const value = parseAmount(text);
  if (value !== undefined) return value;
  throw usage(
    `${what} is "${text}", but must be minor units: a whole number from 0 to 18446744073709551615`,
  );
}

/** The currency, one of the network's; its first if none is named. */
export function readAsset(command: string, { assets }: Genesis, given: string | undefined): string {
  const codes = assets.map(({ code }) => code);
  const asset = given ?? codes[0] ?? "";
  if (codes.includes(asset)) return asset;
  throw usage(`${command}: --asset is "${asset}", but the network has ${codes.join(", ")}`);
}
