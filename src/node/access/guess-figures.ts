/** Counts of invalid credentials, by what became of each. */
import { KeyCounts } from "../../primitives/key-counts.ts";

/**
 * new: a credential that was not shown before, which may be a guess. repeated: shown before, such as by a program with an
 * old token. slowed: refused without its reason, because there were too many new ones. signed: an access token of an
 * authorization server or a signature by a wallet's key, new or not; neither can be guessed, and both soon expire.
 */
export const GUESS_RESULTS = ["new", "repeated", "slowed", "signed"] as const;
export type GuessResult = (typeof GUESS_RESULTS)[number];

export type GuessFigures = KeyCounts<GuessResult>;

export function createGuessFigures(): GuessFigures {
  return new KeyCounts<GuessResult>();
}
