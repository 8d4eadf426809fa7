/** `countersign status`: one table over all nodes; the exit code says whether the network settles payments. */
import { toJson } from "@bufbuild/protobuf";
import {
  type GetStatusResponse,
  GetStatusResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { rootOf } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { type Member, NETWORK_OPTIONS, openNetwork } from "./network-access.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "status";
const TIMEOUT_MS = 3_000;
const READY = "ready";

interface Report {
  readonly member: Member;
  readonly status: GetStatusResponse | undefined;
  /** Why there is none. */
  readonly problem: string;
}

export const status = defineCommand({
  name: NAME,
  summary: "Shows all nodes in one table: height, view, lag, peers, epoch, seal, version.",
  example: "countersign status --network .countersign",
  details:
    "Exit code 0 if a quorum is ready, 1 if not. A node that has rejoined does not count before it votes again.",
  operands: [],
  options: NETWORK_OPTIONS,
  run: async ({ values }, terminal) => {
    const network = openNetwork(NAME, values);
    try {
      const reports = await Promise.all(network.members.map(reportOf));
      const quorum = reports.find((report) => report.status !== undefined)?.status?.quorum;
      const ready = reports.filter(({ status }) => status && stateOf(status) === READY).length;
      const isReady = quorum !== undefined && ready >= quorum;
      const needs = quorum === undefined ? "" : `, ${quorum} are a quorum`;
      const verdict = `${ready} of ${reports.length} nodes are ready${needs}`;
      terminal.answer({
        value: { ready: isReady, nodes: reports.map(toValue) },
        text: `${table(reports, terminal)}\n\n${terminal.style(isReady ? "green" : "red", verdict)}`,
      });
      return isReady ? EXIT.ok : EXIT.failed;
    } finally {
      network.close();
    }
  },
});

async function reportOf(member: Member): Promise<Report> {
  try {
    const answer = await member.client.calls.getStatus({}, { timeoutMs: TIMEOUT_MS });
    return { member, status: answer, problem: "" };
  } catch (error) {
    return { member, status: undefined, problem: rootOf(error) };
  }
}

function table(reports: readonly Report[], terminal: Terminal): string {
  const tip = Math.max(...reports.map((report) => Number(report.status?.height ?? 0n)));
  const heads = [
    "node",
    "address",
    "state",
    "height",
    "lag",
    "view",
    "sealed",
    "peers",
    "epoch",
    "pending",
    "version",
  ];
  const rows = reports.map(({ member, status: node, problem }) => {
    if (node === undefined) return [member.id, member.address, `no answer (${problem})`];
    const peers = `${node.connectedPeers}/${node.validators - 1}`;
    return [
      member.id,
      member.address,
      stateOf(node),
      `${node.height}`,
      `${tip - Number(node.height)}`,
      `${node.view}`,
      `${node.sealedHeight}`,
      peers,
      `${node.epoch}`,
      `${node.pendingOperations}`,
      node.version,
    ];
  });
  const [first = "", ...rest] = formatTable(heads, rows).split("\n");
  return [terminal.style("bold", first), ...rest].join("\n");
}

/** What a node that answers is doing, "ready" if it counts towards a quorum. */
export function stateOf(node: GetStatusResponse): string {
  if (!node.ready) return node.notReadyBecause;
  // It takes transactions, but without its vote the others must be a quorum.
  if (node.view < node.firstView) return `rejoined: no vote before view ${node.firstView}`;
  return READY;
}

function toValue({ member, status: node, problem }: Report): object {
  const { id, address } = member;
  if (node === undefined) return { id, address, answered: false, problem };
  const json = toJson(GetStatusResponseSchema, node, { alwaysEmitImplicit: true });
  return { id, address, answered: true, status: json };
}
