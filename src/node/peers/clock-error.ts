/**
 * The error of this node's clock, derived from the clocks of its peers. A peer may lie, and its clock may be wrong.
 * So an error counts only if f + 1 peers agree on it, one of which is honest, and if no larger number of clocks, this
 * node's included, disagrees (T8).
 */

/** The comparison of this node's clock with one peer's. */
export interface ClockReading {
  /** Lead of this node's clock; negative if it is behind. */
  readonly aheadMs: number;
  /** The part of the lead that the delay of the answer may explain. */
  readonly errorMs: number;
}

/**
 * Lead of this node's clock (negative: behind) if it certainly exceeds `limitMs`; undefined if it does not, or if too
 * few peers say so.
 */
export function clockError(
  readings: readonly ClockReading[],
  { faults, limitMs }: { readonly faults: number; readonly limitMs: number },
): number | undefined {
  const needed = Math.max(faults + 1, Math.ceil((readings.length + 1) / 2));
  for (const sign of [1, -1]) {
    const beyond = readings
      .filter(({ aheadMs, errorMs }) => sign * aheadMs - errorMs > limitMs)
      .map(({ aheadMs }) => sign * aheadMs);
    if (beyond.length >= needed) return sign * lowerMedian(beyond);
  }
  return undefined;
}

/** The median of the peers' answers, which an honest peer bounds on either side; undefined if there are too few. */
export function clockOffset(
  readings: readonly ClockReading[],
  { faults }: { readonly faults: number },
): number | undefined {
  if (readings.length <= faults) return undefined;
  return lowerMedian(readings.map(({ aheadMs }) => aheadMs));
}

function lowerMedian(values: readonly number[]): number {
  const ascending = [...values].sort((left, right) => left - right);
  return ascending[Math.floor((ascending.length - 1) / 2)] ?? 0;
}
