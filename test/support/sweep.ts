/**
 * The size of a long sweep: a share of it in `npm test`, all of it if COUNTERSIGN_TESTS is "all", as in `npm run
 * test:all` and CI. Both test the same claim.
 */
const ALL = process.env["COUNTERSIGN_TESTS"] === "all";

export function sweep<T>(how: { readonly all: T; readonly share: T }): T {
  return ALL ? how.all : how.share;
}
