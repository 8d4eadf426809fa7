/** Metrics of the node as a whole: the program, its standing, its certificate, its ledger. */
import { faultsTolerated } from "../../primitives/validators.ts";
import { type Family, flag, gauge, seconds } from "./family.ts";
import type { Observed } from "./observed.ts";

const stateOf = ({ node }: Observed) => node.finalizer.committed.state;

export const NODE_FAMILIES: readonly Family[] = [
  gauge(
    "build_info",
    "Always 1; the labels name the program's version and the node",
    ({ node }) => [{ labels: { version: node.version, node: node.self.id }, value: 1 }],
    ["version", "node"],
  ),
  gauge(
    "start_time_seconds",
    "Start time of this node, seconds since 1970",
    ({ node }) => node.startedAt / 1000,
  ),
  gauge("ready", "1 if this node takes payments, as GetStatus says", ({ node }) =>
    flag(node.view.isReady),
  ),
  gauge(
    "shortfalls",
    "Reasons why the network tolerates fewer failures than it promises, as far as this node knows; reduced_because of GetStatus names them",
    ({ node }) => node.view.shortfalls().length,
  ),
  gauge(
    "ruleset",
    "Ruleset of the next block: the version of the ledger's rules",
    ({ node }) => node.view.getStatus().ruleset,
  ),
  gauge(
    "ruleset_known",
    "The newest ruleset that this node can execute; it stops before a block with a newer one",
    ({ node }) => node.context.rulesetMax,
  ),
  gauge("members", "Members of the network", ({ node }) => members(node).length),
  gauge("faults_tolerated", "f: the number of members that may fail", ({ node }) =>
    faultsTolerated(members(node).length),
  ),
  gauge(
    "certificate_expiry_timestamp_seconds",
    "Expiry of the certificate that clients see, seconds since 1970; none if it never expires",
    ({ node }) => seconds(node.certificate?.endsAt),
  ),
  gauge(
    "evidence_records",
    "Proofs of members' faults that this node keeps",
    ({ node }) => node.store.evidence.size,
  ),
  gauge("ledger_wallets", "Wallets in the ledger", (observed) => stateOf(observed).wallets.size),
  gauge(
    "ledger_unfunded_wallets",
    "Wallets without money, by the member that sponsors them",
    (observed) => {
      const { unfunded } = stateOf(observed);
      return members(observed.node).map(({ index, id }) => ({
        labels: { member: id },
        value: unfunded[index] ?? 0,
      }));
    },
    ["member"],
  ),
  gauge(
    "ledger_unfunded_wallets_limit",
    "Wallets without money that one member may sponsor, as the genesis says",
    ({ node }) => {
      const value = node.context.genesis.limits.unfundedPerSponsorMax;
      return members(node).map(({ id }) => ({ labels: { member: id }, value }));
    },
    ["member"],
  ),
  gauge(
    "ledger_used_ids",
    "Ids of operations whose window is still open",
    (observed) => stateOf(observed).usedIds.size,
  ),
];

function members({ context, finalizer }: Observed["node"]) {
  return context.members(finalizer.committed.state.epoch);
}
