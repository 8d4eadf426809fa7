/** The rules that the steps of the key ceremony share, and the one that a confirm adds (K1, K9). */
import { encodeKeyCertificateBody } from "../../primitives/key-certificate.ts";
import type {
  CeremonyConfirm,
  CeremonyStep,
} from "../../primitives/operations/ceremony-operations.ts";
import { applyCeremonyStep } from "../ceremony-steps.ts";
import { FIRST_RULESET } from "../rulesets.ts";
import { decline, type OperationRules } from "./rules.ts";

export const CEREMONY_STEP_RULES: OperationRules<CeremonyStep> = {
  since: FIRST_RULESET,

  check(context, { author }, { sponsor }) {
    if (sponsor !== undefined) return "sponsorNotDue";
    return context.isValidator(author) ? undefined : "authorIsNotValidator";
  },

  checkPlace: () => undefined,

  /** Only the effects of a step show whether it is in its place. */
  whyDeclined(context, place, step, signed) {
    const plan = this.plan(context, place, step, signed);
    return plan.kind === "declined" ? plan.reason : undefined;
  },

  plan(context, place, step) {
    const member = context.validatorOf(place.ceremony.epoch, step.author);
    // A validator of another epoch.
    if (member === undefined) return decline("ceremonyStepOutOfPlace");
    const ceremony = applyCeremonyStep(context, place.ceremony, step, { member, time: place.time });
    if (ceremony === "outOfPlace") return decline("ceremonyStepOutOfPlace");
    return { kind: "applied", wallets: [], ceremony };
  },

  payment: () => undefined,
  backing: () => undefined,
  movements: () => [],
  needsSponsor: () => false,
  creates: () => undefined,
  innerSignatures: () => [],
};

export const CEREMONY_CONFIRM_RULES: OperationRules<CeremonyConfirm> = {
  ...CEREMONY_STEP_RULES,

  innerSignatures(context, confirm, ceremonyEpoch) {
    const { author: publicKey, groupKey, transcriptHash, certificateSignature } = confirm;
    const { networkId } = context;
    const threshold = context.thresholdOf(ceremonyEpoch);
    const certificate = { networkId, epoch: ceremonyEpoch, groupKey, threshold, transcriptHash };
    const message = encodeKeyCertificateBody(certificate);
    return [{ publicKey, message, signature: certificateSignature }];
  },
};
