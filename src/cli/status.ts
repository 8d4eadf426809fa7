/** `countersign status`: shows all nodes in one table. The exit code says whether payments settle, and how safely. */
import { toJson } from "@bufbuild/protobuf";
import {
  type GetStatusResponse,
  GetStatusResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { realSystem } from "../node/base/system.ts";
import { printable } from "../primitives/printable.ts";
import { readRefusal } from "../transport/errors.ts";
import { formatTime } from "../transport/iso-time.ts";
import type { Refusal } from "../transport/refusal.ts";
import { pause } from "../transport/timers.ts";
import { parseWhole } from "./arguments.ts";
import { describeRefusal, isUnanswered, rootOf } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { untilToldToEnd } from "./lifeline.ts";
import { type Member, NETWORK_OPTIONS, type NetworkAccess, openNetwork } from "./network-access.ts";
import { describeSoftware } from "./status-software.ts";
import { statusTable } from "./status-table.ts";
import { formatJson, type Terminal } from "./terminal.ts";
import { assess, describeTolerance, isWhole, type Tolerance } from "./tolerance.ts";
import { wrappedLine } from "./wrapped.ts";

const NAME = "status";
const TIMEOUT_MS = 3_000;
const INTERVAL_MAX = 3_600;

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
    "that decides. A node that has rejoined does not count until it votes again. --watch " +
    "shows it anew until Ctrl-C, and ends with the code of the last answers; where the " +
    "answer does not go to a terminal, it writes one line each time.",
  operands: [],
  options: {
    ...NETWORK_OPTIONS,
    watch: { kind: "flag", summary: "show it anew until Ctrl-C" },
    interval: { kind: "text", value: "S", summary: "seconds between two looks", fallback: "2" },
  },
  run: async ({ values }, terminal) => {
    const what = `${NAME}: --interval`;
    const seconds = parseWhole(values.interval, { what, min: 1, max: INTERVAL_MAX });
    const network = openNetwork(NAME, values);
    try {
      if (values.watch) return await watchNetwork(network, terminal, seconds * 1000);
      const seen = await look(network.members);
      terminal.answer({ value: seenValue(seen), text: textOf(seen, terminal) });
      return exitCodeOf(seen.tolerance);
    } finally {
      network.close();
    }
  },
});

interface Seen {
  readonly reports: readonly Report[];
  readonly tolerance: Tolerance;
}

async function look(members: readonly Member[]): Promise<Seen> {
  const reports = await Promise.all(members.map(reportOf));
  const tolerance = assess(reports.map(({ member, ...report }) => ({ id: member.id, ...report })));
  return { reports, tolerance };
}

async function watchNetwork(
  { members }: NetworkAccess,
  terminal: Terminal,
  everyMs: number,
): Promise<number> {
  const end = new AbortController();
  const ended = untilToldToEnd().then(() => end.abort());
  terminal.onAnswerLost(() => end.abort());
  let exitCode: number = EXIT.ok;
  while (!end.signal.aborted) {
    const seen = await Promise.race([look(members), ended]);
    if (seen === undefined) break;
    exitCode = exitCodeOf(seen.tolerance);
    if (terminal.json) terminal.line(formatJson(seenValue(seen)));
    else if (terminal.redraw === undefined) terminal.line(lineOf(seen));
    else terminal.redraw(textOf(seen, terminal));
    await terminal.written();
    await pause(realSystem, everyMs, end.signal);
  }
  return exitCode;
}

function seenValue({ reports, tolerance }: Seen): object {
  const isReady = tolerance.votes.tolerates >= 0;
  const whole = isReady && isWhole(tolerance);
  return { ready: isReady, whole, ...tolerance, nodes: reports.map(toValue) };
}

function textOf({ reports, tolerance }: Seen, terminal: Terminal): string {
  const rows = reports.map(({ member: { id, address }, ...report }) => ({
    id,
    address,
    ...report,
  }));
  const [first = "", ...rest] = statusTable(rows).split("\n");
  const verdict = terminal.style(COLOURS[exitCodeOf(tolerance)], verdictOf({ reports, tolerance }));
  const table = [terminal.style("bold", first), ...rest];
  const lines = [...describeTolerance(tolerance), ...describeSoftware(rows)];
  return [...table, "", verdict, ...lines.map(wrappedLine)].join("\n");
}

function verdictOf({ reports, tolerance: { votes } }: Seen): string {
  return `${votes.present} of ${reports.length} nodes are ready, ${votes.needed} are a quorum`;
}

/** One line of a log. */
function lineOf(seen: Seen): string {
  const height = Math.max(0, ...seen.reports.map(({ status: node }) => Number(node?.height ?? 0n)));
  const reasons = seen.tolerance.reasons.map((reason) => `; ${reason}`).join("");
  return `${formatTime(Date.now())} ${verdictOf(seen)}, height ${height}${printable(reasons)}`;
}

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

function toValue({ member, status: node, problem, refused }: Report): object {
  const { id, address } = member;
  if (node === undefined) return { id, address, answered: false, refused, problem };
  const json = toJson(GetStatusResponseSchema, node, { alwaysEmitImplicit: true });
  return { id, address, answered: true, status: json };
}
