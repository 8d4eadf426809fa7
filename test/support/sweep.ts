/**
 * How much of a long sweep is run: a share of it in `npm test`, all of it where COUNTERSIGN_TESTS is "all", as in
 * `npm run test:all` and CI. The claim is the same in both.
 */
const ALL = process.env["COUNTERSIGN_TESTS"] === "all";

export function sweep<T>(how: { readonly all: T; readonly share: T }): T {
  return ALL ? how.all : how.share;
}
