/** Counts of invalid credentials, by what became of each. */
import { KeyCounts } from "../../primitives/key-counts.ts";

/**
 * new: a credential that was not shown before, which may be a guess. repeated: shown before, such as by a program with an
 * old token. slowed: refused without its reason, because there were too many new ones. signed: a token of an authorization
 * server, new or not; it cannot be guessed, and after a few minutes each one has expired.
 */
export const GUESS_RESULTS = ["new", "repeated", "slowed", "signed"] as const;
export type GuessResult = (typeof GUESS_RESULTS)[number];

export type GuessFigures = KeyCounts<GuessResult>;

export function createGuessFigures(): GuessFigures {
  return new KeyCounts<GuessResult>();
}
