/** The figures of the chart, from the node's counts of the last minute. */

/** Seconds over which the shown rate is a mean. */
const RATE_S = 10;

/** Operations a second over the last ten. `perSecond`: of each whole second, the oldest first. */
export function rateOf(perSecond: readonly number[]): number {
  const last = perSecond.slice(-RATE_S);
  return last.reduce((sum, one) => sum + one, 0) / RATE_S;
}
