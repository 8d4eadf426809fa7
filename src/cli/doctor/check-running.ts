/** Checks of `countersign doctor` on a running node: its own view of itself and its peers, over the operator's socket. */
import type { X509Certificate } from "node:crypto";
import {
  type GetStatusResponse,
  SealShare,
} from "../../../gen/countersign/v1/ledger_service_pb.ts";
import type {
  GetNodeStatusResponse,
  PeerDetail,
} from "../../../gen/countersign/v1/operator_service_pb.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { formatTime } from "../../transport/iso-time.ts";
import { CommandError } from "../command.ts";
import { isNotRunning, withOperatorOf } from "../operator-access.ts";
import { softwareVersion } from "../version.ts";
import type { NodeFolder } from "./check-folder.ts";
import type { Examination } from "./examination.ts";

/** The answers of a running node. */
export interface RunningAnswers {
  readonly node: GetNodeStatusResponse;
  readonly peers: readonly PeerDetail[];
}

/** Findings that explain why a node is not ready. */
const NOT_READY_BY = ["CLOCK_WRONG", "QUORUM_UNREACHABLE"] as const;
/** A peer with a link to this node has called it within this time: it reads its clock every ten seconds. */
const CALLED_MS = 30_000;

/** Undefined if no node runs, or if it does not answer. */
export async function askRunning(
  { config, holder }: NodeFolder,
  examination: Examination,
): Promise<RunningAnswers | undefined> {
  const isHeld = holder !== undefined;
  try {
    const answers = await withOperatorOf("doctor", config, async (calls) => ({
      node: await calls.getNodeStatus({}),
      peers: (await calls.listPeers({})).peers,
    }));
    examination.checked();
    return answers;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (isHeld) {
      const what = `process ${holder} holds the store, and the node does not answer: ${error.message}`;
      examination.found("STORE_HELD", what);
    } else if (!isNotRunning(error)) {
      examination.leaveOut("the running node", error.message);
    }
    return undefined;
  }
}

/** `file`: the certificate that the node's file holds now. */
export function checkRunning(
  { node, peers }: RunningAnswers,
  file: X509Certificate | undefined,
  examination: Examination,
): void {
  const { status } = node;
  if (status === undefined) return;
  examination.checked();
  checkState(node, status, examination);
  checkShares(status, peers, examination);
  checkProcess(node, status, examination);
  checkShown(node, file, examination);
  checkCalls(node, peers, examination);
  checkVersions(status, peers, examination);
  for (const { peer, blamed } of peers) {
    if (blamed) examination.found("PEER_BLAMED", `${peer?.nodeId} has sent a wrong share or seal`);
  }
}

function checkState(
  { draining }: GetNodeStatusResponse,
  status: GetStatusResponse,
  examination: Examination,
): void {
  const { ready, notReadyBecause, view, firstView, nodeId } = status;
  if (draining) {
    examination.found("NODE_DRAINED", `${nodeId} is out of service`);
  } else if (!ready && !NOT_READY_BY.some((code) => examination.has(code))) {
    examination.found("NODE_NOT_READY", `${nodeId} is not ready: ${notReadyBecause}`);
  }
  if (view < firstView) {
    const what = `${nodeId} does not vote before view ${firstView}, and is in view ${view}`;
    examination.found("NODE_REJOINED", what);
  }
}

function checkShares(
  { nodeId, sealShare, keyFinal, reducedBecause }: GetStatusResponse,
  peers: readonly PeerDetail[],
  examination: Examination,
): void {
  examination.checked();
  if (!keyFinal) {
    const [why = "there is no group key yet"] = reducedBecause.filter((text) =>
      text.includes("group key"),
    );
    examination.found("KEY_NOT_MADE", why);
    return;
  }
  if (sealShare === SealShare.MISSING) {
    const what = `${nodeId} has lost its share of the group key`;
    examination.found("SHARE_MISSING", what);
  }
  const without = peers.filter(({ holdsSealShare }) => !holdsSealShare);
  const names = without.map(({ peer }) => peer?.nodeId ?? "");
  if (sealShare === SealShare.LEFT_OUT) names.push(nodeId);
  if (names.length === 0) return;
  examination.found("SHARE_LEFT_OUT", `the group key was made without ${names.join(", ")}`);
}

function checkProcess(
  { evidenceRecords }: GetNodeStatusResponse,
  { nodeId, version, memoryPercent }: GetStatusResponse,
  examination: Examination,
): void {
  examination.checked();
  if (evidenceRecords > 0) {
    const what = `${nodeId} keeps ${evidenceRecords} records of evidence`;
    examination.found("EVIDENCE_KEPT", what);
  }
  if (memoryPercent > LIMITS.memory.noticePart * 100) {
    examination.found("MEMORY_SHORT", `${nodeId} uses ${memoryPercent}% of its memory`);
  }
  const installed = softwareVersion();
  if (version === installed) return;
  const what = `${nodeId} runs version ${version}, and version ${installed} is installed`;
  examination.found("VERSION_NOT_RUNNING", what);
}

function checkShown(
  { certificates, lastReload }: GetNodeStatusResponse,
  file: X509Certificate | undefined,
  examination: Examination,
): void {
  examination.checked();
  if (lastReload !== undefined && lastReload.problem !== "") {
    const at = formatTime(Number(lastReload.at));
    examination.found("RELOAD_REFUSED", `the reload at ${at} was refused: ${lastReload.problem}`);
  }
  const shown = certificates.find(({ configKey }) => configKey === "clientCertificate");
  if (shown === undefined || file === undefined) return;
  const held = file.fingerprint256.replaceAll(":", "").toLowerCase();
  if (Buffer.from(shown.sha256).toString("hex") === held) return;
  const until = formatTime(Number(shown.notAfter));
  const what = `the node shows a certificate that expires at ${until}, and ${shown.file} holds another`;
  examination.found("CERTIFICATE_NOT_LOADED", what, shown.file);
}

/** The peers that this node has a link to run; each of them calls this node, if it reaches it. */
function checkCalls(
  { process }: GetNodeStatusResponse,
  peers: readonly PeerDetail[],
  examination: Examination,
): void {
  const linked = peers.filter(({ peer }) => peer?.connected === true);
  const uptimeMs = Number(process?.uptimeMs ?? 0n);
  const silent = linked.filter(({ calledMs }) => Number(calledMs ?? uptimeMs) > CALLED_MS);
  if (uptimeMs <= CALLED_MS && linked.some(({ calledMs }) => calledMs === undefined)) {
    const because = `it has run for ${Math.round(uptimeMs / 1000)} s, and they get ${CALLED_MS / 1000} s to call it`;
    examination.leaveOut("the node's peer port, seen from its peers", because);
    return;
  }
  examination.checked();
  for (const { peer, calledMs } of silent) {
    const last = calledMs === undefined ? "has never called" : `last called ${calledMs} ms ago`;
    const what = `this node has a link to ${peer?.nodeId}, which ${last}`;
    examination.found("PEER_PORT_CLOSED", what);
  }
}

function checkVersions(
  { nodeId, version }: GetStatusResponse,
  peers: readonly PeerDetail[],
  examination: Examination,
): void {
  examination.checked();
  // A restart alone may mend it.
  if (examination.has("VERSION_NOT_RUNNING")) return;
  const newer = peers.flatMap(({ peer }) => {
    const theirs = peer?.software?.version ?? "";
    return isNewer(theirs, version) ? [`${peer?.nodeId} ${theirs}`] : [];
  });
  if (newer.length === 0) return;
  examination.found("PEER_NEWER", `${nodeId} runs version ${version}, and ${newer.join(", ")}`);
}

/** By the numbers of semantic versions; false for a text that is none. */
function isNewer(one: string, other: string): boolean {
  const [left, right] = [numbersOf(one), numbersOf(other)];
  if (left === undefined || right === undefined) return false;
  const place = left.findIndex((number, at) => number !== right[at]);
  return place !== -1 && (left[place] ?? 0) > (right[place] ?? 0);
}

function numbersOf(version: string): readonly number[] | undefined {
  const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})/.exec(version);
  return match?.slice(1).map(Number);
}
