/** Values as readers see them: amounts, times, ids, counts. */
import type { Genesis } from "../src/ledger/genesis.ts";
import { formatDecimal } from "../src/ledger/money.ts";
import { printable } from "../src/primitives/printable.ts";

/** Text of another, with what cannot be seen written out. */
export const quoted = printable;

export function money(
  network: Pick<Genesis, "assets"> | undefined,
  asset: string,
  minor: bigint,
): string {
  const assets = network?.assets ?? [];
  const decimal = formatDecimal({ assets }, asset, minor);
  if (decimal === undefined) return `${minor} minor units of ${printable(asset)}`;
  const [whole = "", fraction] = decimal.split(".");
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, "\u202f");
  return `${grouped}${fraction === undefined ? "" : `.${fraction}`} ${asset}`;
}

/** Local time to the second; a block time may be beyond the calendar. */
export function time(ms: bigint | number): string {
  const date = new Date(Number(ms));
  if (Number.isNaN(date.getTime())) return `${ms} ms after 1970`;
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

export function count(value: bigint | number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, "\u202f");
}

/** The two ends of an id or a hash. */
export function short(text: string): string {
  return text.length <= 16 ? text : `${text.slice(0, 8)}…${text.slice(-4)}`;
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}
