/** Options of the commands that list what the ledger holds, and what they say besides the list. */
import type { PageState } from "../client/lists.ts";
import { parseWhole, usage } from "./arguments.ts";
import type { Options, Values } from "./command.ts";

export const RANGE_OPTIONS = {
  since: {
    kind: "text",
    value: "TIME",
    summary:
      "the earliest block time: a day (UTC) such as 2026-11-29, or a time such as 2026-11-29T12:00:00Z",
  },
  until: {
    kind: "text",
    value: "TIME",
    summary: "the latest block time, in the same forms; of a day: its end",
  },
} as const satisfies Options;

export const LIST_OPTIONS = {
  limit: { kind: "text", value: "N", summary: "how many at most", fallback: "50" },
  "oldest-first": { kind: "flag", summary: "from the beginning of the chain on" },
  ...RANGE_OPTIONS,
} as const satisfies Options;

/** A list on the terminal is held in memory whole. */
export const LIMIT_MAX = 1_000_000;
const DAY_MS = 86_400_000;

export interface TimeRange {
  readonly fromTime?: bigint;
  readonly toTime?: bigint;
}

export interface ListTerms extends TimeRange {
  readonly limit: number;
  readonly oldestFirst: boolean;
}

export function readListTerms(name: string, values: Values<typeof LIST_OPTIONS>): ListTerms {
  return {
    limit: parseWhole(values.limit, { what: `${name}: --limit`, min: 1, max: LIMIT_MAX }),
    oldestFirst: values["oldest-first"],
    ...readRange(name, values),
  };
}

export function readRange(name: string, { since, until }: Values<typeof RANGE_OPTIONS>): TimeRange {
  return {
    ...(since !== undefined && { fromTime: BigInt(readTime(`${name}: --since`, since).from) }),
    ...(until !== undefined && { toTime: BigInt(readTime(`${name}: --until`, until).to) }),
  };
}

/** The first and the last millisecond that the text means. A day is in UTC; a time names its offset. */
function readTime(what: string, text: string): { readonly from: number; readonly to: number } {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(
    text,
  );
  const from = (isDay || isMoment) && isRealDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(from) || from < 0) {
    throw usage(
      `${what} is "${text}", but must be a day (UTC) such as 2026-11-29, or a time such as 2026-11-29T12:00:00Z`,
    );
  }
  return { from, to: isDay ? from + DAY_MS - 1 : from };
}

/** False for February 30, which JavaScript takes for March 2. */
function isRealDay(day: string): boolean {
  const start = Date.parse(day);
  return Number.isFinite(start) && new Date(start).toISOString().startsWith(day);
}

/** The first `limit` items, and whether there are more. */
export async function takeFirst<T>(
  items: AsyncIterable<T>,
  limit: number,
): Promise<{ readonly taken: readonly T[]; readonly hasMore: boolean }> {
  const taken: T[] = [];
  for await (const item of items) {
    if (taken.length === limit) return { taken, hasMore: true };
    taken.push(item);
  }
  return { taken, hasMore: false };
}

/** The gap in a list while its node fills in its history: all that is older, or some of the node's own wallets. */
export type Lacking = "older items" | "own wallets";

/** Sentences that a reader needs to understand the list. */
export function listNotes(
  name: string,
  page: PageState | undefined,
  more: {
    readonly hasMore: boolean;
    readonly limit: number;
    readonly lacks?: Lacking | undefined;
  },
): string[] {
  const notes: string[] = [];
  if (page !== undefined && page.completeFrom > 1n) {
    const lack =
      more.lacks === "own wallets"
        ? `wallets created below height ${page.completeFrom} may be missing; ask again later`
        : `nothing below height ${page.completeFrom} is listed; another node may have it (--node)`;
    notes.push(`${name}: this node still fills in its history; ${lack}`);
  }
  if (page?.lagging === true) notes.push(`${name}: this node lags behind the network`);
  if (more.hasMore) notes.push(`${name}: there are more than ${more.limit}; --limit N shows more`);
  return notes;
}
