/**
 * The approvals of rulesets: this node's own, which its operator orders, and the newest of every peer, durable (L30). Each
 * member hands its own approval to each peer; none passes on that of another.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import {
  decodeSignedApproval,
  encodeApproval,
  encodeSignedApproval,
  isSamePlan,
  type RulesetPlan,
  type SignedApproval,
} from "../../primitives/ruleset-plan.ts";
import type { Signature } from "../../primitives/signature.ts";
import type { ApprovalRecords } from "../../storage/contracts.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";

export interface ApprovalsParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly self: ValidatorIndex;
  readonly identity: SigningKey;
  readonly records: ApprovalRecords;
  readonly checker: SignatureChecker;
  readonly log: Log;
}

/** A plan that all members have approved. */
export interface ApprovedPlan {
  readonly plan: RulesetPlan;
  /** In the order of the members' indices. */
  readonly approvals: readonly Signature[];
}

export class Approvals {
  readonly #parts: ApprovalsParts;
  readonly #held = new Map<ValidatorIndex, SignedApproval>();

  private constructor(parts: ApprovalsParts) {
    this.#parts = parts;
  }

  static async open(parts: ApprovalsParts): Promise<Approvals> {
    const opened = new Approvals(parts);
    for (const [member, bytes] of await parts.records.load()) {
      const approval = decodeSignedApproval(parts.context.networkId, bytes);
      if (!(approval instanceof EncodingError)) opened.#held.set(member, approval);
    }
    return opened;
  }

  /** This node's own, for its peers. */
  get own(): Bytes | undefined {
    const { context, self } = this.#parts;
    const own = this.#held.get(self);
    return own && encodeSignedApproval(context.networkId, own);
  }

  planOf(member: ValidatorIndex): RulesetPlan | undefined {
    return this.#held.get(member)?.plan;
  }

  /** Signs a plan for this member; it replaces the one approved before. Durable when it settles. */
  async approve(plan: RulesetPlan): Promise<void> {
    const { context, self, identity } = this.#parts;
    const signature = identity.sign(encodeApproval(context.networkId, plan));
    await this.#keep(self, { plan, signature });
  }

  /** Takes a peer's own approval. One that it did not sign says nothing, and is dropped. */
  async receive(member: ValidatorIndex, bytes: Bytes): Promise<void> {
    const { context, epoch, checker, log } = this.#parts;
    const approval = decodeSignedApproval(context.networkId, bytes);
    const validator = context.members(epoch)[member];
    if (approval instanceof EncodingError || validator === undefined) return;
    const held = this.#held.get(member);
    if (held !== undefined && isSamePlan(held.plan, approval.plan)) return;
    const message = encodeApproval(context.networkId, approval.plan);
    const { identityKey: publicKey } = validator;
    const holds = await checker.check([{ publicKey, message, signature: approval.signature }]);
    if (!holds) {
      log.debug({ peer: validator.id }, "an approval that its member did not sign");
      return;
    }
    await this.#keep(member, approval);
    const { ruleset, from, until } = approval.plan;
    log.info({ peer: validator.id, ruleset, from, until }, "a member approves a ruleset");
  }

  /** Undefined until all members have approved one plan. */
  get complete(): ApprovedPlan | undefined {
    const { context, epoch, self } = this.#parts;
    const own = this.planOf(self);
    if (own === undefined) return undefined;
    const approvals: Signature[] = [];
    for (const { index } of context.members(epoch)) {
      const held = this.#held.get(index);
      if (held === undefined || !isSamePlan(held.plan, own)) return undefined;
      approvals.push(held.signature);
    }
    return { plan: own, approvals };
  }

  async #keep(member: ValidatorIndex, approval: SignedApproval): Promise<void> {
    const { context, records } = this.#parts;
    await records.save(member, encodeSignedApproval(context.networkId, approval));
    this.#held.set(member, approval);
  }
}
