/**
 * Submits the activation of a ruleset once all members have approved the plan and its first height has come (L30). Every node
 * does, one after another; the plan's id is the same for all, so only one is ordered.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { rulesetAt } from "../../ledger/rulesets.ts";
import type { State } from "../../ledger/state.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { assembleOperation, encodeOperation } from "../../primitives/operation.ts";
import type { RulesetActivation } from "../../primitives/operations/ruleset-activation.ts";
import { activationId, type RulesetPlan } from "../../primitives/ruleset-plan.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Intake } from "../intake/intake.ts";
import type { Approvals, ApprovedPlan } from "./approvals.ts";

export interface ActivationRunnerParts {
  readonly context: LedgerContext;
  readonly self: ValidatorIndex;
  readonly identity: SigningKey;
  readonly approvals: Pick<Approvals, "complete">;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly intake: Pick<Intake, "fromClient">;
  readonly system: Pick<System, "wall" | "after">;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

/** The member of the next rank steps in after this, in case the ones before it are away. */
const RANK_MS = 500;
/** An activation that is still due is submitted again after this, in case its operation was lost. */
const REPEAT_MS = 5_000;
/** Longer than a leader's turn, and no longer than the shortest lifetime of a network allows. */
const LIFETIME_MS = 60_000;

export class ActivationRunner {
  readonly #parts: ActivationRunnerParts;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: ActivationRunnerParts) {
    this.#parts = parts;
  }

  /** A block is final, or an approval has come in. */
  observe(): void {
    if (this.#isStopped || this.#cancel !== undefined || this.#due() === undefined) return;
    this.#after(this.#parts.self * RANK_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #after(delayMs: number): void {
    this.#cancel = this.#parts.system.after(delayMs, () => {
      this.#cancel = undefined;
      const due = this.#isStopped ? undefined : this.#due();
      if (due === undefined) return;
      this.#after(REPEAT_MS);
      this.#submit(due).catch((error: unknown) => this.#parts.fail(error));
    });
  }

  /** The approved plan that the next block may order. */
  #due(): ApprovedPlan | undefined {
    const { approvals, finalizer } = this.#parts;
    const { complete } = approvals;
    return complete !== undefined && this.#isDue(complete.plan, finalizer.committed.state)
      ? complete
      : undefined;
  }

  #isDue({ from, until, ruleset }: RulesetPlan, { height, activation }: State): boolean {
    const next = height + 1;
    if (next < from || next > until) return false;
    return rulesetAt(this.#parts.context.genesis, activation, next + 1) < ruleset;
  }

  async #submit({ plan, approvals }: ApprovedPlan): Promise<void> {
    const { context, identity, intake, finalizer, system, log } = this.#parts;
    const { hash, networkId } = context;
    const { lifetimeMsMax, clockSkewMs } = context.genesis.timings;
    const now = Math.max(system.wall(), finalizer.committed.state.time);
    const lifetimeMs = Math.max(1, Math.min(LIFETIME_MS, lifetimeMsMax - 2 * clockSkewMs));
    const operation: RulesetActivation = {
      kind: "rulesetActivation",
      author: identity.publicKey,
      id: activationId(hash, networkId, plan),
      validUntil: now + lifetimeMs,
      plan,
      approvals,
    };
    const signature = identity.sign(encodeOperation(networkId, operation));
    const signed = assembleOperation(hash, networkId, { operation, signature });
    const verdict = await intake.fromClient(signed, "this node");
    log.info({ ruleset: plan.ruleset, verdict: verdict.kind }, "activation of a ruleset submitted");
  }
}
