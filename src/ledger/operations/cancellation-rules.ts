/** The rules of cancellations: to be ordered is their whole effect, because that takes the id (L28). */
import { amount } from "../../primitives/amount.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { Cancellation } from "../../primitives/operations/cancellation.ts";
import { RULESET_OF_CANCELLATIONS } from "../rulesets.ts";
import type { OperationRules } from "./rules.ts";

export const CANCELLATION_RULES: OperationRules<Cancellation> = {
  since: RULESET_OF_CANCELLATIONS,

  check: (_context, _cancellation, { sponsor }) =>
    sponsor === undefined ? undefined : "sponsorNotDue",

  checkPlace(_, place, { from, author }) {
    const payer = place.wallet(from);
    if (payer === undefined) return "unknownPayer";
    return equalBytes(payer.publicKey, author) ? undefined : "authorIsNotPayer";
  },

  whyDeclined: () => undefined,
  plan: () => ({ kind: "applied", wallets: [] }),
  payment: () => undefined,
  /** The least that a payment can cost: who holds money could as well pay that much to a wallet of its own. */
  backing: ({ from }) => ({ from, amount: amount(1n) }),
  movements: () => [],
  needsSponsor: () => false,
  creates: () => undefined,
  innerSignatures: () => [],
};
