/** Metrics of consensus: views, blocks, operations, and how far this node is behind. */
import { counter, type Family, flag, gauge, histogram, seconds } from "./family.ts";
import type { Observed } from "./observed.ts";

const coreOf = ({ node }: Observed) => node.consensus.core.status();
const committedOf = ({ node }: Observed) => node.finalizer.committed;

export const CONSENSUS_FAMILIES: readonly Family[] = [
  gauge("consensus_view", "The view that this node is in", (observed) => coreOf(observed).view),
  gauge(
    "consensus_view_timeout_seconds",
    "The timeout of the present view; it doubles while views end without a block",
    (observed) => seconds(coreOf(observed).timeoutMs),
  ),
  gauge(
    "consensus_working",
    "1 if there is work: something to order or to make final",
    (observed) => flag(coreOf(observed).working),
  ),
  gauge("consensus_unfinal", "1 if a block is notarized and not final yet", (observed) =>
    flag(coreOf(observed).hasUnfinal),
  ),
  counter(
    "consensus_timed_out_views_total",
    "Views that ended by this node's timeout",
    (observed) => coreOf(observed).timedOutViews,
  ),
  counter(
    "consensus_skipped_views_total",
    "Views nullified before this node's timeout whose leader it did not wait for",
    (observed) => coreOf(observed).skippedViews,
  ),
  gauge(
    "consensus_skipped_leaders",
    "Members that are silent or failing as leaders",
    (observed) => coreOf(observed).skippedLeaders,
  ),
  gauge(
    "consensus_known_final_height",
    "The highest height that this node knows to be final",
    (observed) => coreOf(observed).knownFinalHeight,
  ),
  gauge(
    "consensus_checks_waiting",
    "Waiting signature checks of consensus messages",
    ({ node }) => node.receiver.checksWaiting,
  ),
  gauge(
    "block_height",
    "Height of the last block that is stored here",
    (observed) => committedOf(observed).state.height,
  ),
  gauge("block_timestamp_seconds", "Block time of the last block, seconds since 1970", (observed) =>
    seconds(committedOf(observed).header.time),
  ),
  gauge(
    "block_lag",
    "Blocks that are known to be final but not stored here yet",
    (observed) => coreOf(observed).knownFinalHeight - committedOf(observed).state.height,
  ),
  counter(
    "blocks_total",
    "Blocks that became final, by the member that proposed them",
    ({ node }) => {
      const { context, finalizer, commits } = node;
      return context.members(finalizer.committed.state.epoch).map(({ index, id }) => ({
        labels: { proposer: id },
        value: commits.proposers.of(index),
      }));
    },
    ["proposer"],
  ),
  counter(
    "operations_total",
    "Operations in final blocks, by kind and result; the result is applied or the reason of the decline",
    ({ node }) =>
      [...node.commits.results].flatMap(([kind, results]) =>
        [...results].map(([result, value]) => ({ labels: { kind, result }, value })),
      ),
    ["kind", "result"],
  ),
  histogram("block_operations", "Operations in a final block", ({ node }) => [
    { labels: {}, distribution: node.commits.operations },
  ]),
  histogram("block_interval_seconds", "Time from one commit to the next", ({ node }) => [
    { labels: {}, distribution: node.commits.intervals },
  ]),
  gauge(
    "catch_up_running",
    "1 while this node fetches ranges of blocks from its peers",
    ({ node }) => flag(node.catchUp.isSyncing),
  ),
  gauge(
    "history_missing_blocks",
    "Blocks below this node's snapshot that are still missing",
    ({ node }) => {
      const { from, below } = node.store.blocks.history;
      return Math.max(0, from - 1 - below);
    },
  ),
];
