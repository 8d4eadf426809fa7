/** `countersign node status`: shows one running node in full, as its operator sees it. */
import { toJson } from "@bufbuild/protobuf";
import {
  type GetNodeStatusResponse,
  GetNodeStatusResponseSchema,
  type LogLevel,
  type TlsCertificate,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { printable } from "../primitives/printable.ts";
import { LEVELS } from "../transport/convert-operator.ts";
import { formatTime } from "../transport/iso-time.ts";
import { EXIT } from "./command.ts";
import { CONFIG_OPTION } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { withOperator } from "./operator-access.ts";

const NAME = "node status";

export const nodeStatus = defineCommand({
  name: NAME,
  example: "countersign node status --config node1/config.json",
  details:
    "The command uses the node's operator socket, so run it as the user that runs the node. Exit code 0: the node " +
    "answered, and with --ready also takes orders. Probes of containers use both forms.",
  operands: [],
  options: {
    config: CONFIG_OPTION,
    ready: { kind: "flag", summary: "exit with 1 unless the node takes orders" },
  },
  run: async ({ values }, terminal) => {
    const answer = await withOperator(NAME, values.config, (calls) => calls.getNodeStatus({}));
    terminal.answer({
      value: toJson(GetNodeStatusResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: textOf(answer),
    });
    const takesOrders = answer.status?.ready === true && !answer.draining;
    return values.ready && !takesOrders ? EXIT.failed : EXIT.ok;
  },
});

function textOf(answer: GetNodeStatusResponse): string {
  const { status, process, certificates, listeners, lastReload } = answer;
  const rows: [string, string][] = [
    ["node", `${status?.nodeId ?? ""}, version ${status?.version ?? ""}`],
    ["state", stateOf(answer)],
    ["height", `${status?.height ?? 0n}, sealed ${status?.sealedHeight ?? 0n}`],
    ["peers", `${status?.connectedPeers ?? 0} linked`],
    ["orders", `${answer.ordersUnderWay} under way`],
    ["log level", levelName(answer.logLevel)],
    [
      "process",
      `${process?.pid ?? 0}, up ${duration(process?.uptimeMs ?? 0n)}, ${process?.runtime}`,
    ],
    ["memory", `${mebibytes(process?.residentBytes)}, heap ${mebibytes(process?.heapUsedBytes)}`],
    ["evidence", `${answer.evidenceRecords} records`],
    ...listeners.map(({ configKey, address }) => [configKey, address] as [string, string]),
    ...certificates.map((one) => ["certificate", certificateText(one)] as [string, string]),
  ];
  for (const because of status?.reducedBecause ?? []) rows.push(["reduced", because]);
  if (lastReload !== undefined) {
    const outcome = lastReload.problem === "" ? "done" : `refused: ${lastReload.problem}`;
    rows.push(["last reload", `${formatTime(Number(lastReload.at))}, ${outcome}`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join("\n");
}

function stateOf({ status, draining }: GetNodeStatusResponse): string {
  if (draining) return "out of service";
  return status?.ready === true ? "ready" : `not ready: ${status?.notReadyBecause ?? ""}`;
}

export function certificateText({ file, names, notAfter, daysLeft }: TlsCertificate): string {
  const until = formatTime(Number(notAfter));
  const left = daysLeft < 0 ? "expired" : `${daysLeft} days left`;
  return `${left} (until ${until}), ${names.join(", ")}, ${file}`;
}

export function levelName(level: LogLevel): string {
  return Object.entries(LEVELS).find(([, one]) => one === level)?.[0] ?? "unknown";
}

function duration(ms: bigint): string {
  const minutes = Number(ms / 60_000n);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}

function mebibytes(bytes: bigint | undefined): string {
  return `${(bytes ?? 0n) >> 20n} MiB`;
}
