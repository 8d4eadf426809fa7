/** The lines of `countersign status` about software: only where nodes differ, or know rules that are not in force. */
import type { GetStatusResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";

type Software = Pick<GetStatusResponse, "ruleset" | "rulesetMax" | "protocolMin" | "protocolMax">;

export interface NodeSoftware {
  readonly id: string;
  readonly status: Software | undefined;
}

export function describeSoftware(reports: readonly NodeSoftware[]): string[] {
  const nodes = reports.flatMap(({ id, status }) =>
    status === undefined ? [] : [{ id, status: filled(status) }],
  );
  if (nodes.length === 0) return [];
  const known = grouped(nodes, ({ rulesetMax }) => `${rulesetMax}`);
  const protocols = grouped(nodes, ({ protocolMin: min, protocolMax: max }) => {
    return min === max ? `${max}` : `${min} to ${max}`;
  });
  const inForce = Math.max(...nodes.map(({ status }) => status.ruleset));
  const knownToAll = Math.min(...nodes.map(({ status }) => status.rulesetMax));
  const lines: string[] = [];
  if (known.size > 1) {
    lines.push(`rulesets: ${inForce} is in force, and nodes know up to ${listed(known)}`);
  } else if (knownToAll > inForce) {
    const next = "countersign upgrade show says who has approved it";
    lines.push(`rulesets: ${inForce} is in force, and all nodes know ${knownToAll}; ${next}`);
  }
  if (protocols.size > 1) lines.push(`peer protocol: ${listed(protocols)}`);
  return lines;
}

/** A node that is older than these fields sends 0, and has the first of each. */
function filled({ ruleset, rulesetMax, protocolMin, protocolMax }: Software): Software {
  return {
    ruleset: ruleset || 1,
    rulesetMax: rulesetMax || 1,
    protocolMin: protocolMin || 1,
    protocolMax: protocolMax || 1,
  };
}

/** The ids of the nodes, by what their software says. */
function grouped(
  nodes: readonly { readonly id: string; readonly status: Software }[],
  saidBy: (status: Software) => string,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { id, status } of nodes) {
    const said = saidBy(status);
    groups.set(said, [...(groups.get(said) ?? []), id]);
  }
  return groups;
}

function listed(groups: ReadonlyMap<string, readonly string[]>): string {
  return [...groups].map(([said, ids]) => `${said} (${ids.join(", ")})`).join(", ");
}
