/** Announces each commit once its blocks are durable (A5). The order of the calls below is the order of announcement. */
import type { LedgerContext } from "../ledger/context.ts";
import type { TraceObserver } from "./base/trace-observer.ts";
import type { Followers } from "./clients/followers.ts";
import type { Receipts } from "./clients/receipts.ts";
import type { Throughput } from "./clients/throughput.ts";
import type { ToleranceWatch } from "./clients/tolerance-watch.ts";
import type { Waiters } from "./clients/waiters.ts";
import type { CommitLog } from "./commit-log.ts";
import type { ExecutedBlock } from "./execution/application.ts";
import { type CommitListener, earliestDeadlineAfter } from "./execution/finalizer.ts";
import type { RecentStates } from "./execution/recent-states.ts";
import type { Intake } from "./intake/intake.ts";
import type { CommitFigures } from "./metrics/commit-figures.ts";
import type { ConsensusDriver } from "./ordering/consensus-driver.ts";
import type { WorkReports } from "./ordering/work-reports.ts";
import type { ActivationRunner } from "./peers/activation-runner.ts";
import type { Sealing } from "./sealing/sealing.ts";

export interface CommitAnnouncerParts {
  readonly context: LedgerContext;
  readonly receipts: Pick<Receipts, "remember">;
  readonly states: Pick<RecentStates, "remember">;
  readonly waiters: Pick<Waiters, "committed">;
  readonly followers: Pick<Followers, "committed">;
  readonly throughput: Pick<Throughput, "committed">;
  readonly driver: Pick<ConsensusDriver, "push">;
  readonly work: Pick<WorkReports, "reassess">;
  readonly intake: Pick<Intake, "release">;
  readonly sealing: Pick<Sealing, "committed">;
  readonly activation: Pick<ActivationRunner, "observe">;
  readonly toleranceWatch: Pick<ToleranceWatch, "observe">;
  readonly commits: Pick<CommitFigures, "committed">;
  readonly commitLog: Pick<CommitLog, "committed">;
  readonly traces?: TraceObserver | undefined;
  readonly fail: (error: unknown) => void;
}

export class CommitAnnouncer implements CommitListener {
  readonly #parts: CommitAnnouncerParts;

  constructor(parts: CommitAnnouncerParts) {
    this.#parts = parts;
  }

  committed(blocks: readonly ExecutedBlock[]): void {
    const { receipts, followers, throughput, driver, work, intake, sealing, fail } = this.#parts;
    const { activation, toleranceWatch, commits, commitLog, traces } = this.#parts;
    // Before its waiters answer.
    traces?.committed(blocks);
    for (const executed of blocks) {
      receipts.remember(executed);
      this.#parts.states.remember(executed);
      this.#wake(executed);
    }
    const height = blocks.at(-1)?.block.header.height;
    if (height !== undefined) void driver.push({ kind: "committed", height });
    const wallets = blocks.flatMap(({ execution }) => execution.touched.map(({ id }) => id));
    intake.release(wallets).catch(fail);
    followers.committed(wallets);
    throughput.committed(blocks);
    work.reassess();
    sealing.committed(blocks);
    activation.observe();
    toleranceWatch.observe();
    commits.committed(blocks);
    commitLog.committed(blocks);
  }

  /** Wakes the calls that wait for an operation of this block, or for its height. */
  #wake({ block, operations }: ExecutedBlock): void {
    const { context, waiters } = this.#parts;
    const { height } = block.header;
    const locations = operations.map(({ key }, index) => [key, { height, index }] as const);
    const earliestDeadline = earliestDeadlineAfter(context, block);
    waiters.committed({ height, earliestDeadline, locations: new Map(locations) });
  }
}
