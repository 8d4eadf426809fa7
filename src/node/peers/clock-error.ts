/**
 * The error of the own clock, by the clocks of peers. A peer may lie, and its own clock may be wrong. So an error counts only if
 * f + 1 peers agree on it, one of whom is honest, and only if no more of all clocks, the own one included, say otherwise (T8).
 */

/** The own clock against that of one peer. */
export interface ClockReading {
  /** Lead of the own clock; negative if it is behind. */
  readonly aheadMs: number;
  /** Part of the lead that the delay of the answer may explain. */
  readonly errorMs: number;
}

/**
 * Lead of the own clock (negative: behind) if it certainly exceeds `limitMs`; undefined if it does not, or if too
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

/** The middle of what peers say, which one of them that is honest bounds on either side; undefined if too few say anything. */
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
