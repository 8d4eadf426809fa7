/** `countersign upgrade show` and `approve`: the operator's part in a change of the ledger's rules (L30). */
import { toJson } from "@bufbuild/protobuf";
import {
  ApproveRulesetResponseSchema,
  GetUpgradeResponseSchema,
  type MemberUpgrade,
  type RulesetPlan,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { printable } from "../primitives/printable.ts";
import { describeProtocol } from "../transport/capabilities.ts";
import { parseWhole, usage } from "./arguments.ts";
import { EXIT } from "./command.ts";
import { CONFIG_OPTION } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { withOperator } from "./operator-access.ts";
import { formatTable } from "./table.ts";

/** About a day of a network that is busy all the time. */
const DEFAULT_BLOCKS = 100_000;
const HEIGHT = { min: 1, max: Number.MAX_SAFE_INTEGER };

export const upgradeShow = defineCommand({
  name: "upgrade show",
  example: "countersign upgrade show --config node1/config.json",
  details:
    "protocol: the versions of the protocol between nodes that the member's software speaks. rules: the newest ruleset that it " +
    "knows, by its own statement. approved: the plan that the member has approved, as far as this node knows.",
  operands: [],
  options: { config: CONFIG_OPTION },
  run: async ({ values }, terminal) => {
    const answer = await withOperator("upgrade show", values.config, (calls) =>
      calls.getUpgrade({}),
    );
    const { height, ruleset, rulesetMax, members } = answer;
    const heads = ["member", "version", "protocol", "rules", "approved"];
    terminal.answer({
      value: toJson(GetUpgradeResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: [
        `The network has ruleset ${ruleset} at height ${height}; this node knows the rulesets up to ${rulesetMax}.`,
        "",
        formatTable(heads, members.map(rowOf)),
      ].join("\n"),
    });
    return EXIT.ok;
  },
});

export const upgradeApprove = defineCommand({
  name: "upgrade approve",
  example: "countersign upgrade approve --ruleset 2 --from 120000 --config node1/config.json",
  details:
    "All members approve the same ruleset and the same heights, each on its own node. Then the first block from --from on orders " +
    "the activation, and the block after it has the new rules. From now on until the activation or --until, do not run an older " +
    "version of the software on this node: it would stop. Approving again replaces the plan.",
  operands: [],
  options: {
    config: CONFIG_OPTION,
    ruleset: { kind: "text", value: "N", summary: "the new ruleset" },
    from: { kind: "text", value: "HEIGHT", summary: "first height that may order the activation" },
    until: {
      kind: "text",
      value: "HEIGHT",
      summary: `last height that may (default: ${DEFAULT_BLOCKS} blocks after --from)`,
    },
  },
  run: async ({ values }, terminal) => {
    const from = numberOf("--from", values.from, HEIGHT);
    const plan = {
      ruleset: numberOf("--ruleset", values.ruleset, { min: 2, max: LIMITS.rulesetMax }),
      fromHeight: BigInt(from),
      untilHeight: BigInt(
        values.until === undefined
          ? from + DEFAULT_BLOCKS
          : numberOf("--until", values.until, HEIGHT),
      ),
    };
    const answer = await withOperator("upgrade approve", values.config, (calls) =>
      calls.approveRuleset(plan),
    );
    const { missing } = answer;
    terminal.answer({
      value: toJson(ApproveRulesetResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: [
        `Approved: ${describePlan(answer.plan)}.`,
        missing.length === 0
          ? "All members have approved this plan."
          : `Not approved yet, as far as this node knows, by ${missing.join(", ")}.`,
      ].join("\n"),
    });
    return EXIT.ok;
  },
});

function numberOf(
  option: string,
  text: string | undefined,
  bounds: { readonly min: number; readonly max: number },
): number {
  if (text === undefined) {
    throw usage(
      `upgrade approve: ${option} is missing; all members name the same ruleset and heights (countersign upgrade show)`,
    );
  }
  return parseWhole(text, { what: `upgrade approve: ${option}`, ...bounds });
}

function rowOf({ nodeId, software, approved }: MemberUpgrade): string[] {
  const plan = approved === undefined ? "nothing" : describePlan(approved);
  if (software === undefined) return [nodeId, "not heard of", "", "", plan];
  const { protocolMin: min, protocolMax: max, protocol, rulesetMax, version } = software;
  const range = describeProtocol({ min, max });
  const spoken = protocol === 0 ? `${range} (no link)` : range;
  return [nodeId, version === "" ? "older" : printable(version), spoken, `${rulesetMax}`, plan];
}

function describePlan(plan: RulesetPlan | undefined): string {
  if (plan === undefined) return "nothing";
  return `ruleset ${plan.ruleset}, heights ${plan.fromHeight} to ${plan.untilHeight}`;
}
