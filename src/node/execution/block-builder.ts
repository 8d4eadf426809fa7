/** The leader's block: the operations of its pool that are valid at their place, executed as they are chosen (R8, L18). */
import type { Request } from "../../consensus/interface.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { BlockExecution, type SignaturesValid } from "../../ledger/execute.ts";
import { assembleHeader } from "../../ledger/header.ts";
import type { InvalidReason } from "../../ledger/invalid-reason.ts";
import { unknownRulesetAfter } from "../../ledger/rulesets.ts";
import { earliestDeadline, latestDeadline } from "../../ledger/window.ts";
import type { Pool } from "../../mempool/pool.ts";
import { assembleBlock, type Block } from "../../primitives/block.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { Application } from "./application.ts";

export type BuildRequest = Extract<Request, { kind: "build" }>;

/** Reasons why a block has no room for an operation: the operations behind it in the lane are of the same kind. */
const LANE_ENDS: ReadonlySet<InvalidReason> = new Set(["sponsorCapReached", "tooManyBytes"]);

export interface BlockBuilderParts {
  readonly context: LedgerContext;
  readonly pool: Pool;
  readonly application: Application;
  readonly signaturesValid: SignaturesValid;
  readonly traces?: TraceObserver | undefined;
}

export class BlockBuilder {
  readonly #parts: BlockBuilderParts;

  constructor(parts: BlockBuilderParts) {
    this.#parts = parts;
  }

  /**
   * The block to propose: operations valid at their places, from each kind and owner in turn; undefined if there are
   * none.
   */
  build(request: BuildRequest, now: number): Block | undefined {
    const { context, application, signaturesValid, traces } = this.#parts;
    const since = traces?.now();
    const parentHash = request.parent.hash;
    const parent = application.stateAfter(parentHash, request.ancestors);
    if (parent === undefined || unknownRulesetAfter(context, parent) !== undefined)
      return undefined;
    const time = Math.max(parent.time, now);
    const building = new BlockExecution(context, { state: parent, time, signaturesValid });
    const chosen = request.operations ? this.#choose(building, parentHash, time) : [];
    if (request.operations && chosen.length === 0) return undefined;
    const execution = building.finish();
    const { view, proposer } = request;
    const header = assembleHeader(context, { parentHash, execution, view, proposer });
    const bodies = chosen.map((operation) => operation.bytes);
    const block = assembleBlock(context.hash, header, bodies);
    application.keepProposal({ block, operations: chosen, execution });
    if (since !== undefined) traces?.executed("propose", block.hash, { operations: chosen, since });
    return block;
  }

  /**
   * The cost depends on the chosen operations: an operation that cannot be ordered now is set aside, or its lane is
   * left.
   */
  #choose(building: BlockExecution, parent: Digest, time: number): SignedOperation[] {
    const { context, pool, application } = this.#parts;
    const { timings } = context.genesis;
    pool.follow(application.ladenUpTo(parent));
    const window = {
      earliest: earliestDeadline(timings, time),
      latest: latestDeadline(timings, time),
    };
    const selection = pool.select(window);
    const chosen: SignedOperation[] = [];
    let refused = 0;
    while (refused < LIMITS.refusedPerBlockMax) {
      const operation = selection.next();
      if (operation === undefined) break;
      const outcome = building.add(operation);
      if (outcome.kind === "ordered") chosen.push(operation);
      else if (outcome.reason === "tooManyOperations") break;
      else if (LANE_ENDS.has(outcome.reason)) selection.leaveLane();
      else refused += 1;
    }
    return chosen;
  }
}
