/** Reads the amounts and currencies that options and files name. */
import type { Genesis } from "../ledger/genesis.ts";
import { type Money, MoneyProblem, parseMoney } from "../ledger/money.ts";
import { type Amount, parseAmount } from "../primitives/amount.ts";
import { printable } from "../primitives/printable.ts";
import { usage } from "./arguments.ts";

/** In minor units, or with its currency, whose digits only the genesis tells. */
export type AskedAmount = Amount | { readonly text: string };

export const AMOUNT_FORM =
  'an amount with its currency such as "0.25 EUR", or minor units, a whole number from 0 to 18446744073709551615';

/**
 * Digits alone are minor units, as they always were; a point without a currency has no meaning here. Undefined for what is
 * neither.
 */
export function parseAsked(text: string): AskedAmount | undefined {
  return parseAmount(text) ?? (text.includes(" ") ? { text } : undefined);
}

export function readAmount(what: string, text: string): AskedAmount {
  const asked = parseAsked(text);
  if (asked !== undefined) return asked;
  throw usage(`${what} is "${printable(text)}", but must be ${AMOUNT_FORM}`);
}

/** The amount in `asset`, or why it is none. */
export function amountIn(genesis: Genesis, asset: string, asked: AskedAmount): Amount | string {
  if (typeof asked === "bigint") return asked;
  const money = parseMoney(genesis, asked.text);
  if (money instanceof MoneyProblem) return money.message;
  if (money.asset === asset) return money.amount;
  return `"${printable(asked.text)}" is not in ${asset}`;
}

interface Options {
  /** The option of the amount, as in "transfer: --amount". */
  readonly what: string;
  /** The value of --asset, if it is given. */
  readonly given: string | undefined;
}

/** The amount and its currency: that of the amount or of --asset, which must not contradict one another, or the network's first. */
export function readMoney(
  command: string,
  genesis: Genesis,
  { what, given, asked }: Options & { readonly asked: AskedAmount },
): Money {
  const money = typeof asked === "bigint" ? undefined : parseMoney(genesis, asked.text);
  if (money instanceof MoneyProblem) throw usage(`${what} ${money.message}`);
  const asset = readAsset(command, genesis, given ?? money?.asset);
  if (typeof asked === "bigint") return { asset, amount: asked };
  const amount = amountIn(genesis, asset, asked);
  if (typeof amount !== "string") return { asset, amount };
  throw usage(`${what} ${amount}, which --asset names; leave --asset out`);
}

/** The currency, one of the network's; its first if none is named. */
export function readAsset(command: string, { assets }: Genesis, given: string | undefined): string {
  const codes = assets.map(({ code }) => code);
  const asset = given ?? codes[0] ?? "";
  if (codes.includes(asset)) return asset;
  throw usage(
    `${command}: --asset is "${printable(asset)}", but the network has ${codes.join(", ")}`,
  );
}
