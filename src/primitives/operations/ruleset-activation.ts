/** Activations of rulesets: a plan with the approvals of all members. Any member may submit it (L30). */
import { LIMITS } from "../limits.ts";
import { type RulesetPlan, readPlan, writePlan } from "../ruleset-plan.ts";
import { SIGNATURE_LENGTH, type Signature } from "../signature.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";

/** Its id follows from the plan. The author is the member that submits it, with its identity key. */
export interface RulesetActivation extends CommonFields {
  readonly kind: "rulesetActivation";
  readonly plan: RulesetPlan;
  /** Of all members in the order of their indices, each over the approval of the plan. */
  readonly approvals: readonly Signature[];
}

/** In place of an author: the ids of activations belong to no key, because no point of the curve has this encoding's order. */
const SCOPE = "0".repeat(64);

export const RULESET_ACTIVATION: OperationEncoding<RulesetActivation> = {
  code: 9,
  scope: () => SCOPE,
  write(encoder, { plan, approvals }) {
    writePlan(encoder, plan);
    encoder.list(approvals, (approval) => encoder.fixed(approval, SIGNATURE_LENGTH));
  },
  read: (decoder) => ({
    plan: readPlan(decoder),
    approvals: decoder.list(LIMITS.validatorsMax, (inner) => inner.fixed(SIGNATURE_LENGTH)),
  }),
};
