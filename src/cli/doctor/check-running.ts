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
  } else if (!ready) {
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
