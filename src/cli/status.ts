/** `countersign status`: shows all nodes in one table. The exit code says whether payments settle, and how safely. */
import { toJson } from "@bufbuild/protobuf";
import {
  type GetStatusResponse,
  GetStatusResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { readRefusal } from "../transport/errors.ts";
import type { Refusal } from "../transport/refusal.ts";
import { describeRefusal, isUnanswered, rootOf } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { type Member, NETWORK_OPTIONS, openNetwork } from "./network-access.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { assess, describeTolerance, isWhole, stateOf, type Tolerance } from "./tolerance.ts";

const NAME = "status";
const TIMEOUT_MS = 3_000;

interface Report {
  readonly member: Member;
  readonly status: GetStatusResponse | undefined;
  /** Why there is no status. */
  readonly problem: string;
  /** True if the node is there and refused the call. */
  readonly refused: boolean;
}

export const status = defineCommand({
  name: NAME,
  example: "countersign status --network .countersign",
  details:
    "Below the table it says how many more failures votes and seals tolerate, and why " +
    "that is less than promised. Exit code 0: as many as promised. Exit code 7: payments " +
    "settle, but the network tolerates fewer, or there is no group key yet. Exit code 1: " +
    "no quorum is ready. Exit code 4: a node refused to give its state (--tokens), and " +
    "that decides. A node that has rejoined does not count until it votes again.",
  operands: [],
  options: NETWORK_OPTIONS,
  run: async ({ values }, terminal) => {
    const network = openNetwork(NAME, values);
    try {
      const reports = await Promise.all(network.members.map(reportOf));
      const tolerance = assess(
        reports.map(({ member, ...report }) => ({ id: member.id, ...report })),
      );
      const { votes } = tolerance;
      const isReady = votes.tolerates >= 0;
      const verdict = `${votes.present} of ${reports.length} nodes are ready, ${votes.needed} are a quorum`;
      const details = describeTolerance(tolerance);
      const whole = isReady && isWhole(tolerance);
      const exitCode = exitCodeOf(tolerance);
      terminal.answer({
        value: { ready: isReady, whole, ...tolerance, nodes: reports.map(toValue) },
        text: [
          table(reports, terminal),
          "",
          terminal.style(COLOURS[exitCode], verdict),
          ...details,
        ].join("\n"),
      });
      return exitCode;
    } finally {
      network.close();
    }
  },
});

const COLOURS = {
  [EXIT.ok]: "green",
  [EXIT.reduced]: "yellow",
  [EXIT.refused]: "yellow",
  [EXIT.failed]: "red",
} as const;

/** A node that refused may be ready, so there is no verdict unless the others decide it. */
export function exitCodeOf(tolerance: Tolerance): keyof typeof COLOURS {
  const { votes, refused } = tolerance;
  if (votes.tolerates + refused < 0) return EXIT.failed;
  if (refused > 0) return EXIT.refused;
  return isWhole(tolerance) ? EXIT.ok : EXIT.reduced;
}

/** Public for tests. */
export async function reportOf(member: Member): Promise<Report> {
  try {
    const answer = await member.client.calls.getStatus({}, { timeoutMs: TIMEOUT_MS });
    return { member, status: answer, problem: "", refused: false };
  } catch (error) {
    const refusal = isUnanswered(error) ? undefined : readRefusal(error);
    const problem = refusal === undefined ? rootOf(error) : remedyOf(refusal);
    return { member, status: undefined, problem, refused: refusal !== undefined };
  }
}

function remedyOf(refusal: Refusal): string {
  if (refusal.reason === "UNAUTHENTICATED") return "needs a token (--tokens)";
  if (refusal.reason === "PERMISSION_DENIED") {
    return "needs a token with the scope read (--tokens)";
  }
  return describeRefusal(refusal);
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
    "memory",
    "version",
  ];
  const rows = reports.map(({ member, status: node, problem, refused }) => {
    if (node === undefined) {
      const state = refused ? `refused: ${problem}` : `no answer (${problem})`;
      return [member.id, member.address, state];
    }
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
      `${node.memoryPercent}%`,
      node.version,
    ];
  });
  const [first = "", ...rest] = formatTable(heads, rows).split("\n");
  return [terminal.style("bold", first), ...rest].join("\n");
}

function toValue({ member, status: node, problem, refused }: Report): object {
  const { id, address } = member;
  if (node === undefined) return { id, address, answered: false, refused, problem };
  const json = toJson(GetStatusResponseSchema, node, { alwaysEmitImplicit: true });
  return { id, address, answered: true, status: json };
}
