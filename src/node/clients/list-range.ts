/** The heights that a list covers: those asked for by height or by time, of the blocks that this node holds without a gap. */
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { OperationLocation, PlaceRange, Store } from "../../storage/contracts.ts";
import { isBefore, PLACE_LENGTH, readPlace } from "../../transport/cursor-place.ts";
import type { ChainRange, PageAnswer } from "../../transport/ledger-lists.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Committed } from "../execution/finalizer.ts";
import { storedHeader } from "../sync/stored-header.ts";
import { type ListCursors, type ListIdentity, wrongCursor } from "./list-cursor.ts";

/** Both ends are included. If `from` is above `to`, the list is empty. */
export interface HeightRange {
  readonly from: number;
  readonly to: number;
  /** The lowest height that a list may have. */
  readonly completeFrom: Height;
}

type Held = Pick<Store["blocks"], "history" | "loadHeader">;

/** No operation has a higher one. */
const INDEX_MAX = LIMITS.blockOperationsMax;

/** Heights are safe integers. */
const HEIGHT_BITS = 53;

/** The most headers that the search for the times of a range reads: one for each bit of a height. */
export function searchReads({ fromTime, toTime }: ChainRange): number {
  return [fromTime, toTime].filter((time) => time !== undefined).length * HEIGHT_BITS;
}

/** `lowest`: the list has nothing below it. */
export async function heightRange(
  blocks: Held,
  { state }: Pick<Committed, "state">,
  { fromHeight, toHeight, fromTime, toTime }: ChainRange,
  { lowest = height(1) }: { readonly lowest?: Height } = {},
): Promise<HeightRange> {
  const completeFrom = height(Math.max(blocks.history.from, lowest));
  let from: number = Math.max(completeFrom, fromHeight ?? 0);
  let to: number = Math.min(state.height, toHeight ?? Number.POSITIVE_INFINITY);
  if (fromTime !== undefined)
    from = await firstHeight(blocks, from, to, (time) => time >= fromTime);
  if (toTime !== undefined) to = (await firstHeight(blocks, from, to, (time) => time > toTime)) - 1;
  return { from, to, completeFrom };
}

/** The lowest height from `from` to `to` whose block time has passed; `to` + 1 if none has. Block times never go back. */
async function firstHeight(
  blocks: Held,
  from: number,
  to: number,
  hasPassed: (time: number) => boolean,
): Promise<number> {
  let [low, high] = [from, Math.max(from, to + 1)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { time } = await storedHeader(blocks, height(middle));
    if (hasPassed(time)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The state that a page was read from. */
export function stateOf(
  { state, header }: Pick<Committed, "state" | "header">,
  { isLagging }: { readonly isLagging: boolean },
): Omit<PageAnswer, "nextCursor" | "completeFrom"> {
  return { height: state.height, blockTime: header.time, lagging: isLagging };
}

/** The place where the page before ended, by its cursor; undefined if there was none. It is at this height at least. */
export function placeIn(
  cursors: ListCursors,
  list: ListIdentity,
  cursor: string | undefined,
  { lowest }: { readonly lowest: number } = { lowest: 1 },
): OperationLocation | Refusal | undefined {
  if (cursor === undefined) return undefined;
  const bytes = cursors.read(list, cursor, PLACE_LENGTH);
  if (bytes instanceof Refusal) return bytes;
  const place = readPlace(bytes);
  return place === undefined || place.height < lowest ? wrongCursor(list) : place;
}

/** A place at or behind the last operation of a block in this direction. */
export function endOf(at: Height, newestFirst: boolean): OperationLocation {
  return { height: at, index: newestFirst ? 0 : LIMITS.blockOperationsMax - 1 };
}

/** The places of a range that follow `after` in this direction; undefined if there are none. */
export function placesAfter(
  range: Pick<HeightRange, "from" | "to">,
  newestFirst: boolean,
  after: OperationLocation | undefined,
): Omit<PlaceRange, "limit"> | undefined {
  if (range.from > range.to) return undefined;
  let from: OperationLocation = { height: height(range.from), index: 0 };
  let to: OperationLocation = { height: height(range.to), index: INDEX_MAX };
  if (after !== undefined) {
    const start = newestFirst ? placeBefore(after) : placeAfter(after);
    if (newestFirst && isBefore(start, to)) to = start;
    if (!newestFirst && isBefore(from, start)) from = start;
  }
  return isBefore(to, from) ? undefined : { from, to, newestFirst };
}

function placeAfter({ height: at, index }: OperationLocation): OperationLocation {
  return { height: at, index: index + 1 };
}

/** The lowest block that may hold an operation behind this place. */
export function heightBehind({ height: at, index }: OperationLocation): number {
  return index + 1 < LIMITS.blockOperationsMax ? at : at + 1;
}

function placeBefore({ height: at, index }: OperationLocation): OperationLocation {
  if (index > 0) return { height: at, index: index - 1 };
  return { height: height(at - 1), index: INDEX_MAX };
}
