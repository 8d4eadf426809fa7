/** Counts of committed blocks and of the operations in them. */
import { Distribution } from "../../primitives/distribution.ts";
import { KeyCounts } from "../../primitives/key-counts.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { OperationKind } from "../../primitives/operation-kinds.ts";
import type { Result } from "../../primitives/result.ts";
import type { System } from "../base/system.ts";
import type { ExecutedBlock } from "../execution/application.ts";

/** Seconds. */
const INTERVAL_BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const OPERATION_BOUNDS = [0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** "applied", or the reason of the decline. */
export type ResultName = "applied" | Extract<Result, { status: "declined" }>["reason"];

export class CommitFigures {
  readonly #monotonic: System["monotonic"];
  #committedAt: number | undefined;
  readonly proposers = new KeyCounts<ValidatorIndex>();
  readonly results = new Map<OperationKind, KeyCounts<ResultName>>();
  /** Operations in a block. */
  readonly operations = new Distribution(OPERATION_BOUNDS);
  /** Seconds from one commit to the next; a commit may hold several blocks. */
  readonly intervals = new Distribution(INTERVAL_BOUNDS);

  constructor(system: Pick<System, "monotonic">) {
    this.#monotonic = () => system.monotonic();
  }

  committed(blocks: readonly ExecutedBlock[]): void {
    const now = this.#monotonic();
    if (this.#committedAt !== undefined) this.intervals.observe((now - this.#committedAt) / 1000);
    this.#committedAt = now;
    for (const { block, operations, execution } of blocks) {
      this.proposers.add(block.header.proposer);
      this.operations.observe(operations.length);
      for (const [place, { operation }] of operations.entries()) {
        const result = execution.results[place];
        if (result !== undefined) this.#resultsOf(operation.kind).add(nameOf(result));
      }
    }
  }

  #resultsOf(kind: OperationKind): KeyCounts<ResultName> {
    const held = this.results.get(kind) ?? new KeyCounts<ResultName>();
    this.results.set(kind, held);
    return held;
  }
}

function nameOf(result: Result): ResultName {
  return result.status === "applied" ? "applied" : result.reason;
}
