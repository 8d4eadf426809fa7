/** Rulesets: the versions of the ledger's rules. Each has all rules of the ones before it. */

/** The newest ruleset that this software can execute: 2 has cancellations (L28). */
export const NEWEST_RULESET = 2;
