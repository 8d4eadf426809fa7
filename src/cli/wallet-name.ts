/** The form of names that users give to wallets: no name is taken for an id, an option, or another name. */

export const NAME_FORM =
  "1 to 32 letters a to z, digits, and single hyphens, dots or underscores between them; it begins with a letter, but not like an id";

const FORM = /^(?=.{1,32}$)[a-z][a-z0-9]*(?:[-._][a-z0-9]+)*$/;
/** The first group of an id. */
const LIKE_AN_ID = /^[0-9a-f]{8}(?:[-._]|$)/;

/**
 * ASCII alone, so that no letter of another script looks like one of these, and no character steers a terminal, a shell or a
 * spreadsheet.
 */
export function isWalletName(text: string): boolean {
  return FORM.test(text) && !LIKE_AN_ID.test(text);
}

/**
 * Equal for two names that a reader may confuse: the pairs of Unicode TS 39 that lower case and digits leave, and the three
 * separators.
 */
export function nameSkeleton(name: string): string {
  return name
    .replace(/[-._]/g, "-")
    .replaceAll("0", "o")
    .replaceAll("1", "l")
    .replaceAll("m", "rn")
    .replaceAll("w", "vv");
}
