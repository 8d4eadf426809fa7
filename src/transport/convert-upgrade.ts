/** The operator's calls about rulesets: requests become values, answers become generated messages. */
import { create } from "@bufbuild/protobuf";
import {
  type ApproveRulesetRequest,
  type ApproveRulesetResponse,
  ApproveRulesetResponseSchema,
  type GetUpgradeResponse,
  GetUpgradeResponseSchema,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import type { RulesetPlan } from "../primitives/ruleset-plan.ts";
import { convert, readCounter, readU16 } from "./convert-fields.ts";
import { softwareToMessage } from "./convert-node.ts";
import type { ApprovedInfo, NewApproval, UpgradeInfo } from "./operator-api.ts";
import type { Refusal } from "./refusal.ts";

export function approvalFromMessage(request: ApproveRulesetRequest): NewApproval | Refusal {
  return convert(() => ({
    ruleset: readU16(request.ruleset, "ruleset"),
    from: readCounter(request.fromHeight, "fromHeight"),
    until: readCounter(request.untilHeight, "untilHeight"),
  }));
}

export function approvedToMessage({ plan, missing }: ApprovedInfo): ApproveRulesetResponse {
  return create(ApproveRulesetResponseSchema, { plan: planToMessage(plan), missing: [...missing] });
}

export function upgradeToMessage({ height, members, ...info }: UpgradeInfo): GetUpgradeResponse {
  return create(GetUpgradeResponseSchema, {
    ...info,
    height: BigInt(height),
    members: members.map(({ nodeId, software, approved }) => ({
      nodeId,
      ...(software === undefined ? {} : { software: softwareToMessage(software) }),
      ...(approved === undefined ? {} : { approved: planToMessage(approved) }),
    })),
  });
}

function planToMessage({ ruleset, from, until, version }: RulesetPlan) {
  return { ruleset, fromHeight: BigInt(from), untilHeight: BigInt(until), version };
}
