/** Metrics of the group key and the seals. */
import { counter, type Family, flag, gauge } from "./family.ts";
import type { Observed } from "./observed.ts";

const outlookOf = ({ node }: Observed) => node.sealing.outlook;

export const SEAL_FAMILIES: readonly Family[] = [
  gauge("seal_key_final", "1 if there is a group key", ({ node }) =>
    flag(node.finalizer.committed.state.ceremony.kind === "final"),
  ),
  gauge(
    "seal_margin",
    "Share holders that may still fail while seals can be made; below 0: no seal can be " +
      "made; none until there is a group key",
    (observed) => outlookOf(observed).margin,
  ),
  gauge(
    "seal_holders",
    "Members that hold a share of the group key, as the ledger says",
    (observed) => outlookOf(observed).holders.length,
  ),
  gauge(
    "seal_holders_present",
    "Holders that can take part in a seal now, as this node sees it",
    (observed) => outlookOf(observed).present.length,
  ),
  gauge("seal_share_held", "1 if this node has its share of the group key", (observed) =>
    flag(outlookOf(observed).share === "held"),
  ),
  gauge(
    "seal_height",
    "The highest height with a seal that this node knows; 0 if there is none",
    ({ node }) => node.waiters.sealedHeight,
  ),
  gauge("seal_lag_blocks", "Blocks above the highest seal", ({ node }) =>
    Math.max(0, node.finalizer.committed.state.height - node.waiters.sealedHeight),
  ),
  counter(
    "seals_total",
    "New seals at this node: made here as coordinator, or received from peers",
    ({ node }) => {
      const { made, received } = node.sealing.driver.figures;
      return [
        { labels: { origin: "made" }, value: made },
        { labels: { origin: "received" }, value: received },
      ];
    },
    ["origin"],
  ),
  counter(
    "seal_requests_total",
    "Requests of coordinators for this node's part in a seal",
    ({ node }) => node.sealing.driver.figures.requests,
  ),
  gauge(
    "seal_targets",
    "Headers for which this node still needs a seal",
    ({ node }) => node.sealing.driver.wanted,
  ),
  gauge(
    "seal_blamed_members",
    "Members that sent a wrong share or seal and are not asked any more",
    ({ node }) => node.sealing.driver.blamedCount,
  ),
];
