/** Amounts with their currency, as people write and read them: "0.25 EUR" is 25 minor units of an asset of scale 2. */
import { AMOUNT_MAX, type Amount, parseAmount } from "../primitives/amount.ts";
import { printable } from "../primitives/printable.ts";
import type { Genesis } from "./genesis.ts";

export interface Money {
  /** Code of an asset of the genesis. */
  readonly asset: string;
  readonly amount: Amount;
}

/** Why a text is no amount, as a clause that follows it. */
export class MoneyProblem extends Error {
  override readonly name = "MoneyProblem";
}

/** A whole number without leading zeros, digits behind a point, one space, and a code. */
const MONEY = /^(0|[1-9]\d{0,39})(?:\.(\d{1,18}))? (\S{1,64})$/;
/** Characters of a wrong text that a message shows. */
const SHOWN_MAX = 80;

/**
 * Reads "0.25 EUR". Missing digits behind the point are zeros; more than the asset has are a problem, never rounded. Signs,
 * commas and separators of thousands are not read: they mean different things to different people.
 */
export function parseMoney(
  { assets }: Pick<Genesis, "assets">,
  text: string,
): Money | MoneyProblem {
  const shown = `"${printable(text.slice(0, SHOWN_MAX))}"`;
  const [, whole = "", fraction = "", code = ""] = MONEY.exec(text) ?? [];
  if (code === "") {
    return new MoneyProblem(
      `${shown} is no amount: write a number, a point if it has a fraction, a space and the currency, as in "0.25 EUR"`,
    );
  }
  const asset = assets.find((one) => one.code === code);
  if (asset === undefined) {
    const codes = assets.map((one) => one.code).join(", ");
    return new MoneyProblem(`${shown} names another currency than the network has: ${codes}`);
  }
  if (fraction.length > asset.scale) {
    return new MoneyProblem(
      `${shown} has ${fraction.length} digits behind the point, but ${code} has ${asset.scale}`,
    );
  }
  const digits = `${whole}${fraction.padEnd(asset.scale, "0")}`.replace(/^0+(?=\d)/, "");
  const amount = parseAmount(digits);
  if (amount !== undefined) return { asset: code, amount };
  const most = formatMoney({ assets }, code, AMOUNT_MAX);
  return new MoneyProblem(`${shown} is above the largest amount, ${most}`);
}

/** "12.50 EUR", by the scale of the asset. */
export function formatMoney(network: Pick<Genesis, "assets">, code: string, minor: bigint): string {
  const decimal = formatDecimal(network, code, minor);
  return decimal === undefined
    ? `${minor} minor units of ${JSON.stringify(code)}`
    : `${decimal} ${code}`;
}

/** "12.50", by the scale of the asset; undefined if the network does not have it. */
export function formatDecimal(
  { assets }: Pick<Genesis, "assets">,
  code: string,
  minor: bigint,
): string | undefined {
  const asset = assets.find((one) => one.code === code);
  if (asset === undefined) return undefined;
  const sign = minor < 0n ? "-" : "";
  const digits = `${minor < 0n ? -minor : minor}`.padStart(asset.scale + 1, "0");
  const whole = digits.slice(0, digits.length - asset.scale);
  const fraction = digits.slice(digits.length - asset.scale);
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
