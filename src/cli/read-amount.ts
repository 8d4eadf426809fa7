/** Reads amounts in minor units, and prints them in both forms. */
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

/** "12.50 EUR", by the scale of the asset. */
export function formatMoney(genesis: Genesis, code: string, minor: bigint): string {
  const decimal = formatDecimal(genesis, code, minor);
  return decimal === undefined
    ? `${minor} minor units of ${JSON.stringify(code)}`
    : `${decimal} ${code}`;
}

/** "12.50", by the scale of the asset; undefined if the network does not have it. */
export function formatDecimal(
  { assets }: Genesis,
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
