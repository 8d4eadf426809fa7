/** A follower's verdict on a proposed block: the node executes it itself, and the header must fit the outcome (R12, L20). */
import type { Verdict } from "../../consensus/interface.ts";
import type { Proposal } from "../../consensus/message.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { execute, type SignaturesValid } from "../../ledger/execute.ts";
import { fitsExecution } from "../../ledger/header.ts";
import type { Block } from "../../primitives/block.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { Application } from "./application.ts";

export interface BlockJudgeParts {
  readonly context: LedgerContext;
  readonly application: Application;
  readonly signaturesValid: SignaturesValid;
  readonly traces?: TraceObserver | undefined;
}

export class BlockJudge {
  readonly #parts: BlockJudgeParts;

  constructor(parts: BlockJudgeParts) {
    this.#parts = parts;
  }

  /** The verdict on a proposal whose operations, in the order of its leaf hashes, are `operations`. */
  judge(
    proposal: Proposal,
    ancestors: readonly Block[],
    operations: readonly SignedOperation[],
  ): Verdict {
    const { context, application, signaturesValid, traces } = this.#parts;
    const { header, headerBytes, hash } = proposal;
    const bodies = operations.map((operation) => operation.bytes);
    const block: Block = { header, headerBytes, hash, operations: bodies };
    if (application.holds(hash)) return { kind: "valid", block };
    const state = application.stateAfter(header.parentHash, ancestors);
    if (state === undefined) return { kind: "notYetKnown" };
    const input = { state, time: header.time, signaturesValid, operations };
    const since = traces?.now();
    const execution = execute(context, input);
    if (execution.kind === "invalid") return { kind: "invalid" };
    if (!fitsExecution(context, block, execution)) return { kind: "invalid" };
    application.keepProposal({ block, operations, execution });
    if (since !== undefined) traces?.executed("execute", hash, { operations, since });
    return { kind: "valid", block };
  }
}
