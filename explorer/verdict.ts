/** The state of the network in one sentence, and of each member, as one node sees them. */
import {
  type GetNetworkResponse,
  type GetStatusResponse,
  type Peer,
  SealShare,
} from "../gen/countersign/v1/ledger_service_pb.ts";

export type Tone = "good" | "warn" | "bad";

/** The latest answers of the node about itself and the others; the status with the peers. */
export interface Seen {
  readonly network: GetNetworkResponse;
  readonly status: GetStatusResponse;
}

export interface MemberState {
  readonly id: string;
  readonly isSelf: boolean;
  readonly tone: Tone;
  readonly state: "up" | "down" | "behind" | "not ready";
  /** For a person. */
  readonly detail: string;
  /** Undefined where the node does not know it. */
  readonly height: bigint | undefined;
  readonly view: bigint | undefined;
  /** Blocks behind the highest height that is known. */
  readonly lag: bigint | undefined;
  /** Its part in seals. */
  readonly seals: "yes" | "no" | "no share" | "no key yet";
}

export interface Verdict {
  readonly tone: Tone;
  readonly headline: string;
  readonly settles: boolean;
  /** Number of further members that may fail while payments still settle and are sealed; below 0 they are not. */
  readonly borne: number;
  readonly tolerated: number;
  readonly down: readonly string[];
}

/** A height reaches the others a few blocks later. */
const LAG_MAX = 8n;
/** A view that ends by its timeout takes seconds; longer than some of them is no progress. */
const STALL_MS = 15_000;

export function membersOf({ network, status }: Seen): readonly MemberState[] {
  const { peers } = status;
  const heights = peers.map(heightOf);
  const tip = [status.height, ...heights].reduce((high, one) => (one > high ? one : high));
  return network.members.map(({ nodeId, holdsSealShare }) => {
    const peer = peers.find((one) => one.nodeId === nodeId);
    const seals = sealsOf(holdsSealShare, peer?.sealPresent ?? true);
    const known = { tip, seals: status.keyFinal ? seals : "no key yet" } as const;
    return peer === undefined ? ownState(status, known) : peerState(peer, known);
  });
}

function sealsOf(holds: boolean, isPresent: boolean): "yes" | "no" | "no share" {
  if (!holds) return "no share";
  return isPresent ? "yes" : "no";
}

/** A member is at a height as soon as it has voted for its block. */
function heightOf({ lastHeight, votedHeight }: Peer): bigint {
  return lastHeight > votedHeight ? lastHeight : votedHeight;
}

interface Known {
  readonly tip: bigint;
  readonly seals: MemberState["seals"];
}

function ownState(status: GetStatusResponse, { tip, seals }: Known): MemberState {
  const { nodeId: id, height, view, ready, lagging, notReadyBecause, sealShare } = status;
  const canSeal = seals !== "yes" || sealShare === SealShare.HELD;
  const unready = lagging ? "behind" : "not ready";
  return {
    ...{ id, isSelf: true, height, view, lag: tip > height ? tip - height : 0n },
    tone: ready ? "good" : "warn",
    state: ready ? "up" : unready,
    detail: ready ? "shows you this page" : notReadyBecause,
    seals: canSeal ? seals : "no",
  };
}

function peerState(peer: Peer, { tip, seals }: Known): MemberState {
  const { nodeId: id, connected, silentMs } = peer;
  const height = heightOf(peer) === 0n ? undefined : heightOf(peer);
  const view = peer.view === 0n ? undefined : peer.view;
  const lag = height === undefined ? undefined : tip - height;
  const common = { id, isSelf: false, height, view, lag };
  if (!connected) {
    const since =
      silentMs === undefined ? "not heard of since this node started" : silence(silentMs);
    return { ...common, tone: "bad", state: "down", detail: since, seals };
  }
  if (lag !== undefined && lag > LAG_MAX) {
    return { ...common, tone: "warn", state: "behind", detail: `${lag} blocks behind`, seals };
  }
  return { ...common, tone: "good", state: "up", detail: "linked to this node", seals };
}

function silence(ms: bigint): string {
  const seconds = Number(ms) / 1000;
  if (seconds < 90) return `silent for ${Math.round(seconds)} s`;
  if (seconds < 5_400) return `silent for ${Math.round(seconds / 60)} min`;
  return `silent for ${Math.round(seconds / 3_600)} h`;
}

/** `stillMs`: for so long operations wait and the height has not grown. */
export function verdictOf(seen: Seen, stillMs: number): Verdict {
  const { status } = seen;
  const { quorum, connectedPeers, sealMargin, faultsTolerated: tolerated } = status;
  const members = membersOf(seen);
  const down = members.filter(({ state }) => state === "down").map(({ id }) => id);
  const voters = connectedPeers + 1 - quorum;
  const borne = Math.min(voters, sealMargin ?? voters, tolerated);
  const stalls = stillMs > STALL_MS;
  const settles = voters >= 0 && !stalls;
  const isSealed = sealMargin === undefined || sealMargin >= 0;
  const isWhole = settles && status.ready && borne >= tolerated && down.length === 0;
  const who =
    down.length === 0
      ? `All ${members.length} members are up`
      : `${listed(down)} ${down.length === 1 ? "is" : "are"} down`;
  const pays = settles ? "Payments settle" : "Payments do not settle";
  const waits = stalls
    ? `: ${status.pendingOperations} have waited for ${Math.round(stillMs / 1000)} s`
    : "";
  const seals = isSealed ? "" : ", but no seal can be made";
  const well = isWhole ? "good" : "warn";
  return {
    tone: settles && isSealed ? well : "bad",
    headline: `${who}. ${pays}${waits}${seals}.`,
    ...{ settles, borne, tolerated, down },
  };
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
