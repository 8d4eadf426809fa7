/**
 * Log lines about final blocks: one for each block and, at level `debug`, one for each operation. All nodes name an
 * operation by its hash, so one payment can be followed through their logs.
 */
import type { LedgerContext } from "../ledger/context.ts";
import { toHex } from "../primitives/bytes.ts";
import type { Result } from "../primitives/result.ts";
import { isDebugged, type Log } from "./base/log.ts";
import type { ExecutedBlock } from "./execution/application.ts";

export interface CommitLogParts {
  readonly context: LedgerContext;
  readonly log: Log;
}

export class CommitLog {
  readonly #parts: CommitLogParts;

  constructor(parts: CommitLogParts) {
    this.#parts = parts;
  }

  committed(blocks: readonly ExecutedBlock[]): void {
    for (const executed of blocks) {
      this.#tellBlock(executed);
      if (isDebugged(this.#parts.log)) this.#tellOperations(executed);
    }
  }

  #tellBlock({ block, operations, execution }: ExecutedBlock): void {
    const { context, log } = this.#parts;
    const { height, view, epoch, proposer } = block.header;
    const declined = execution.results.filter(({ status }) => status === "declined").length;
    log.info(
      {
        height,
        hash: toHex(block.hash),
        view,
        proposer: context.members(epoch)[proposer]?.id,
        operations: operations.length,
        declined,
      },
      "a block is final",
    );
  }

  #tellOperations({ block, operations, execution }: ExecutedBlock): void {
    const { height } = block.header;
    for (const [place, { hash, operation }] of operations.entries()) {
      const result = execution.results[place];
      const fields = { operation: toHex(hash), kind: operation.kind, height };
      this.#parts.log.debug(
        { ...fields, result: result && nameOf(result) },
        "an operation is final",
      );
    }
  }
}

function nameOf(result: Result): string {
  return result.status === "applied" ? "applied" : result.reason;
}
