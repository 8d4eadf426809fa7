/** The rules of activations: all members have approved the plan, and it is the plan's time (L30). */
import { height } from "../../primitives/numbers.ts";
import type { RulesetActivation } from "../../primitives/operations/ruleset-activation.ts";
import { activationId, encodeApproval } from "../../primitives/ruleset-plan.ts";
import type { LedgerContext } from "../context.ts";
import { FIRST_RULESET } from "../rulesets.ts";
import type { OperationRules } from "./rules.ts";

export const RULESET_ACTIVATION_RULES: OperationRules<RulesetActivation> = {
  since: FIRST_RULESET,

  check(context, activation, { sponsor }) {
    const { author, id, plan, approvals } = activation;
    if (sponsor !== undefined) return "sponsorNotDue";
    if (!context.isValidator(author)) return "authorIsNotValidator";
    if (id !== activationId(context.hash, context.networkId, plan)) return "activationIdIsNotPlans";
    return approvals.length === membersOf(context, activation).length
      ? undefined
      : "approvalMissing";
  },

  checkPlace(_, place, { plan }) {
    if (place.height < plan.from || place.height > plan.until) return "activationNotDue";
    return plan.ruleset > place.nextRuleset ? undefined : "rulesetNotNew";
  },

  whyDeclined: () => undefined,

  plan(_, place, { plan: { ruleset, version } }) {
    const activation = { ruleset, height: place.height + 1, version };
    return { kind: "applied", wallets: [], activation };
  },

  /** The approvals. All members of the height from which the plan may be ordered have signed one. */
  innerSignatures(context, activation) {
    const message = encodeApproval(context.networkId, activation.plan);
    return membersOf(context, activation).map(({ identityKey: publicKey }, i) => {
      return { publicKey, message, signature: activation.approvals[i] ?? new Uint8Array(64) };
    });
  },

  payment: () => undefined,
  backing: () => undefined,
  movements: () => [],
  needsSponsor: () => false,
  creates: () => undefined,
};

function membersOf(context: LedgerContext, { plan }: RulesetActivation) {
  return context.membersAt(height(plan.from));
}
