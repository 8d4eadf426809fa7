/** `countersign devnet`: a network of node processes on loopback, ready for the first payment. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { relative } from "node:path";
import type { GetNetworkResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { createGatewayClient, type GatewayClient } from "../client/gateway-client.ts";
import { toHex } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { quorumOf } from "../primitives/validators.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { pause, realTimers } from "../transport/timers.ts";
import { CommandError, EXIT } from "./command.ts";
import { NETWORK_FOLDER } from "./default-folders.ts";
import { defineCommand } from "./define-command.ts";
import { configFileOf, type DevnetFolder, logFileOf, openDevnetFolder } from "./devnet-folder.ts";
import {
  DEVNET_OPTIONS,
  type DevnetOptions,
  PEER_PORT_OFFSET,
  readDevnetOptions,
} from "./devnet-options.ts";
import { untilToldToEnd } from "./lifeline.ts";
import { type Exit, NodeProcesses } from "./node-processes.ts";
import { takenPort } from "./taken-port.ts";

/** Interval of readiness checks; longest wait for all nodes to be ready; longest wait for a quorum. */
const POLL_MS = 200;
const ALL_READY_MS = 20_000;
const READY_MS = 120_000;
/** Holds the last line of a log. */
const LOG_END_BYTES = 64 * 1024;

export const devnet = defineCommand({
  name: "devnet",
  example: "countersign devnet --nodes 7 --port 8001 --data net7",
  details: "Ctrl-C ends every process; the next start resumes the network.",
  operands: [],
  options: DEVNET_OPTIONS,
  run: async ({ values }, terminal) => {
    const options = readDevnetOptions(values);
    await checkPorts(options);
    const folder = await openDevnetFolder(options);
    const told = new AbortController();
    let isReady = false;
    const processes = new NodeProcesses((exit) => {
      if (told.signal.aborted) return;
      terminal.note(exitText(folder, exit, isReady));
      if (processes.count === 0) told.abort(ALL_ENDED);
    });
    void untilToldToEnd().then(() => told.abort());
    terminal.onAnswerLost(({ message }) => {
      terminal.note(`Standard output takes nothing more (${message}); the network goes on.`);
    });
    if (folder.renewed) terminal.note(renewedText(folder));
    terminal.note(`Starting ${options.nodes} nodes in ${shown(folder.path)} …`);
    const pids = folder.validators.map(({ id: name }) => {
      const files = { configFile: configFileOf(folder, name), logFile: logFileOf(folder, name) };
      return processes.start({ name, ...files });
    });
    const ended = untilTold(told.signal);
    try {
      const network = await Promise.race([untilReady(folder, processes, told.signal), ended]);
      if (network !== undefined) {
        isReady = true;
        terminal.answer({
          value: readyValue(folder, network, pids),
          text: readyText(folder, network, pids),
        });
      }
      await ended;
    } finally {
      told.abort();
      await processes.stop();
    }
    if (told.signal.reason !== ALL_ENDED) return EXIT.ok;
    throw new CommandError(
      `devnet: every node has ended; ${shellWord(shown(folder.path))}/*/node.log says why`,
    );
  },
});

/** Why the command ends when it was not told to. */
const ALL_ENDED = "every node has ended";

async function checkPorts({ port, nodes }: DevnetOptions): Promise<void> {
  const ports = Array.from({ length: nodes }, (_, i) => [port + i, port + PEER_PORT_OFFSET + i]);
  const taken = await takenPort(ports.flat());
  if (taken === undefined) return;
  throw new CommandError(
    `devnet: port ${taken.port} on 127.0.0.1 cannot be had (${taken.why}); ` +
      "end what listens there, or give --port for others",
  );
}

function untilTold(told: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    told.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

function renewedText({ caFile }: DevnetFolder): string {
  return (
    "The certificates of this network were over: they are made anew, and all else is kept. " +
    `A client with a copy of the old ${shown(caFile)} needs the new one.`
  );
}

function exitText(folder: DevnetFolder, { name, code, signal }: Exit, wasReady: boolean): string {
  const how = signal === null ? `exit code ${code}` : signal;
  const log = logFileOf(folder, name);
  const why = lastComplaint(log) ?? `${shown(log)} may say why`;
  // The cause that ended a node at its start will end it again.
  const again = wasReady
    ? `; start it again by:\n  npx countersign node --config ${shellWord(shown(configFileOf(folder, name)))}`
    : "";
  return `${name} has ended (${how}): ${why}${again}`;
}

/** The error line of the failed node, if it is the last line of the node's log. */
function lastComplaint(logFile: string): string | undefined {
  const last = endOf(logFile)?.trimEnd().split("\n").at(-1) ?? "";
  return /^countersign: (.+)$/.exec(last)?.[1];
}

/** Undefined if the log cannot be read: the folder of a dead node may be gone, and the other nodes go on. */
function endOf(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    const end = Buffer.alloc(LOG_END_BYTES);
    const from = Math.max(0, fstatSync(descriptor).size - end.length);
    return end.toString("utf8", 0, readSync(descriptor, end, 0, end.length, from));
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until the network takes payments with a final group key. Undefined if `told` to stop before that. */
async function untilReady(
  folder: DevnetFolder,
  processes: NodeProcesses,
  told: AbortSignal,
): Promise<GetNetworkResponse | undefined> {
  const ca = readTextBounded(folder.caFile, LIMITS.files.certificatesBytesMax);
  const clients = folder.validators.map(({ clientAddress }) =>
    createGatewayClient({ baseUrl: `https://${clientAddress}`, ca }),
  );
  const start = performance.now();
  while (!told.aborted && performance.now() < start + READY_MS) {
    const ready = await readyClients(clients);
    // All nodes should be ready, so that users can pay through any of them; but one that fails must not block the rest.
    const enough =
      performance.now() < start + ALL_READY_MS
        ? processes.count
        : quorumOf(folder.validators.length);
    const [first] = ready;
    if (first !== undefined && ready.length >= enough) {
      const network = await first.calls.getNetwork({});
      for (const client of clients) client.close();
      return network;
    }
    await pause(realTimers, POLL_MS, told);
  }
  if (told.aborted) return undefined;
  throw new CommandError(
    `devnet: the network is not ready after ${READY_MS / 1000} s; ` +
      `${shellWord(shown(folder.path))}/*/node.log says why`,
  );
}

async function readyClients(clients: readonly GatewayClient[]): Promise<GatewayClient[]> {
  const ready = await Promise.all(
    clients.map(({ calls }) =>
      calls.getStatus({}, { timeoutMs: 1000 }).then(
        (status) => status.ready && status.keyFinal,
        () => false,
      ),
    ),
  );
  return clients.filter((_, i) => ready[i] === true);
}

function readyValue(
  folder: DevnetFolder,
  { groupPublicKey, threshold, faultsTolerated }: GetNetworkResponse,
  pids: readonly (number | undefined)[],
): object {
  const nodes = folder.validators.map(({ id, clientAddress }, i) => {
    return { id, address: clientAddress, pid: pids[i] };
  });
  const { caFile, genesisFile } = folder;
  return { ready: true, nodes, threshold, faultsTolerated, groupPublicKey, caFile, genesisFile };
}

function readyText(
  folder: DevnetFolder,
  network: GetNetworkResponse,
  pids: readonly (number | undefined)[],
): string {
  const [first, second] = folder.validators.map(({ clientAddress }) => clientAddress);
  const { validators, faultsTolerated, threshold } = network;
  const ca = shellWord(shown(folder.caFile));
  const tolerates =
    faultsTolerated === 0 ? "no node may fail" : `${faultsTolerated} of them may fail or lie`;
  const json = "-H 'content-type: application/json'";
  const place = shown(folder.path);
  const option = place === NETWORK_FOLDER ? "" : ` --network ${shellWord(place)}`;
  const lines = folder.validators.map(
    ({ id, clientAddress }, i) => `  ${id}  https://${clientAddress}  process ${pids[i]}`,
  );
  return `
Ready: ${validators} nodes, ${tolerates}; results are countersigned by ${threshold} under
  ${toHex(network.groupPublicKey ?? new Uint8Array())}
${lines.join("\n")}

See it in a browser: https://${first}/
  The network made its own certificates. Accept the browser's warning, or let the browser trust ${ca}.

Make two wallets and pay (in another terminal, in this folder):

  npx countersign wallet create --initial-balance 1000${option}
  npx countersign wallet create${option}
  npx countersign transfer --from FIRST --to SECOND --amount 25${option}

The same over HTTP, with wallets that the nodes keep:

  A=$(curl -sS --cacert ${ca} ${json} https://${first}/wallet_creation \\
    -d '{"initialBalance":"1000"}' | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)
  B=$(curl -sS --cacert ${ca} ${json} https://${second}/wallet_creation \\
    -d '{}' | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)
  curl -sS --cacert ${ca} ${json} https://${first}/transaction \\
    -d '{"transaction":{"from":"'$A'","to":"'$B'","amount":"25"}}'

Ctrl-C ends every process.`;
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near !== "" && !near.startsWith("..") ? near : path;
}
