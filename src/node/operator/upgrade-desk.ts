/** The operator's part in changes of the rules: it shows who is ready, and gives this member's approval (L30). */

import type { Caller } from "../../access/principal.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { rulesetAt, versionOfRuleset } from "../../ledger/rulesets.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { isSamePlan, type RulesetPlan } from "../../primitives/ruleset-plan.ts";
import type { Validator } from "../../primitives/validators.ts";
import type {
  ApprovedInfo,
  MemberUpgradeInfo,
  NewApproval,
  UpgradeInfo,
} from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Log } from "../base/log.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { ActivationRunner } from "../peers/activation-runner.ts";
import type { Approvals } from "../peers/approvals.ts";
import type { PeerContacts } from "../peers/peer-contacts.ts";

export interface UpgradeDeskParts {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly approvals: Pick<Approvals, "approve" | "planOf">;
  readonly contacts: Pick<PeerContacts, "software" | "tellApproval">;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly activation: Pick<ActivationRunner, "observe">;
  readonly log: Log;
}

export class UpgradeDesk {
  readonly #parts: UpgradeDeskParts;

  constructor(parts: UpgradeDeskParts) {
    this.#parts = parts;
  }

  show(): UpgradeInfo {
    const { context, finalizer } = this.#parts;
    const { height, activation } = finalizer.committed.state;
    return {
      height,
      ruleset: rulesetAt(context.genesis, activation, height + 1),
      rulesetMax: context.rulesetMax,
      members: this.#members.map((member) => this.#memberInfo(member)),
    };
  }

  /** Signs the approval and tells the peers; it is durable when this settles. */
  async approve(asked: NewApproval, caller: Caller): Promise<ApprovedInfo | Refusal> {
    const { approvals, contacts, activation, log } = this.#parts;
    const plan = this.#planOf(asked);
    if (plan instanceof Refusal) return plan;
    const { ruleset, from, until } = plan;
    log.warn(
      { principal: caller.principal, ruleset, from, until },
      "the operator approves a ruleset",
    );
    await approvals.approve(plan);
    contacts.tellApproval();
    activation.observe();
    const missing = this.#members.filter(({ index }) => {
      const approved = approvals.planOf(index);
      return approved === undefined || !isSamePlan(approved, plan);
    });
    return { plan, missing: missing.map(({ id }) => id) };
  }

  get #members(): readonly Validator[] {
    const { context, finalizer } = this.#parts;
    return context.members(finalizer.committed.state.epoch);
  }

  #planOf({ ruleset, from, until }: NewApproval): RulesetPlan | Refusal {
    const { context, finalizer } = this.#parts;
    const { height, activation } = finalizer.committed.state;
    const version = ruleset <= context.rulesetMax ? versionOfRuleset(ruleset) : undefined;
    const present = rulesetAt(context.genesis, activation, height + 1);
    if (version === undefined) {
      return wrong(
        "ruleset",
        `this node's software knows the rulesets up to ${context.rulesetMax}`,
        "Install a version that knows it on every member's node, then approve it.",
      );
    }
    if (ruleset <= present) {
      const problem = `the network has ruleset ${present} already`;
      return wrong("ruleset", problem, "Nothing is left to approve.");
    }
    if (from < 1) return wrong("fromHeight", "must be at least 1", HEIGHTS);
    // The last member to approve may come after the first height of the plan.
    const [earliest, latest] = [Math.max(from, height + 1), from + LIMITS.rulesetPlanBlocksMax];
    if (until < earliest || until > latest) {
      return wrong(
        "untilHeight",
        `must be ${earliest} to ${latest}, and the present height is ${height}`,
        HEIGHTS,
      );
    }
    return { ruleset, from, until, version };
  }

  #memberInfo({ index, id }: Validator): MemberUpgradeInfo {
    const { self, approvals, contacts } = this.#parts;
    const { own } = contacts.software;
    const ownSoftware = { ...own, agreed: own.protocol.max };
    return {
      nodeId: id,
      software: index === self.index ? ownSoftware : contacts.software.of(index),
      approved: approvals.planOf(index),
    };
  }
}

const HEIGHTS = "Name the heights that all members have agreed on, above the present one.";

function wrong(field: string, problem: string, remedy: string): Refusal {
  return new Refusal("MALFORMED", { message: `${field}: ${problem}`, field, remedy });
}
