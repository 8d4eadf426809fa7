/**
 * The size of a long sweep. Each size tests the same claim; COUNTERSIGN_TESTS selects one:
 *
 * share  `npm test`, which a change is tried with
 * all    `npm run test:all`, which CI runs
 * whole  `npm run test:whole`, before a release; far more than an hour
 */
const TESTS = process.env["COUNTERSIGN_TESTS"];

/** A size that is not given is that of the next smaller run. */
export function sweep<T>(how: { readonly share: T; readonly all?: T; readonly whole?: T }): T {
  const { share, all = share, whole = all } = how;
  if (TESTS === "whole") return whole;
  return TESTS === "all" ? all : share;
}
