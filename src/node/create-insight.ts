/** Puts together what the operator of a node sees and orders: its insight, evidence and changes of the rules. */
import type { LoadedNode } from "./load-node.ts";
import type { Sides } from "./node.ts";
import type { NodeParts } from "./node-parts.ts";
import { EvidenceDesk } from "./operator/evidence-desk.ts";
import { NodeInsight } from "./operator/node-insight.ts";
import { UpgradeDesk } from "./operator/upgrade-desk.ts";

export function createInsight(
  { store, checker, log }: NodeParts,
  { context, self, approvals, restored }: LoadedNode,
  joined: Pick<Sides, "contacts" | "voting" | "sealing" | "peers" | "clients">,
): NodeInsight {
  const { contacts, voting, sealing, peers, clients } = joined;
  const { view, draining } = clients;
  const evidence = new EvidenceDesk({ context, checker, store });
  const { epoch } = restored.state;
  const { clock, activation } = peers;
  const { finalizer } = voting;
  const upgrade = new UpgradeDesk({
    context,
    self,
    approvals,
    contacts,
    finalizer,
    activation,
    log,
  });
  return new NodeInsight({
    context,
    epoch,
    view,
    sealing,
    contacts,
    clock,
    draining,
    evidence,
    upgrade,
  });
}
