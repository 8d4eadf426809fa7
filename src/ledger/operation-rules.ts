/** The ledger's rules of every kind of operation. */
import type { Operation, OperationKind, OperationOf } from "../primitives/operation-kinds.ts";
import { RULESET_ACTIVATION_RULES } from "./operations/activation-rules.ts";
import { CANCELLATION_RULES } from "./operations/cancellation-rules.ts";
import { CEREMONY_CONFIRM_RULES, CEREMONY_STEP_RULES } from "./operations/ceremony-rules.ts";
import type { OperationRules } from "./operations/rules.ts";
import { TRANSFER_RULES } from "./operations/transfer-rules.ts";
import { WALLET_CREATION_RULES } from "./operations/wallet-creation-rules.ts";

const RULES: { readonly [K in OperationKind]: OperationRules<OperationOf<K>> } = {
  walletCreation: WALLET_CREATION_RULES,
  transfer: TRANSFER_RULES,
  cancellation: CANCELLATION_RULES,
  ceremonyOpen: CEREMONY_STEP_RULES,
  ceremonyRound1: CEREMONY_STEP_RULES,
  ceremonyShares: CEREMONY_STEP_RULES,
  ceremonyConfirm: CEREMONY_CONFIRM_RULES,
  ceremonyComplaint: CEREMONY_STEP_RULES,
  rulesetActivation: RULESET_ACTIVATION_RULES,
};

/** Each kind has the rules of its own operations in this record, so `operation.kind` selects the right ones. */
export function rulesOf({ kind }: Operation): OperationRules<Operation> {
  return RULES[kind];
}
