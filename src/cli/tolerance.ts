/** Computes from the answers of all nodes how many failures the network tolerates, for votes and for seals. */
import { type GetStatusResponse, SealShare } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { printable } from "../primitives/printable.ts";
import { faultsTolerated, quorumOf } from "../primitives/validators.ts";

/** The answer of one node, if there is one. */
export interface NodeReport {
  readonly id: string;
  readonly status: GetStatusResponse | undefined;
  /** Why there is no status. */
  readonly problem: string;
  /** True if the node is there and refused the call, so that its state is unknown. */
  readonly refused?: boolean;
}

export interface Tolerance {
  /** Number of nodes that gave their status. */
  readonly heard: number;
  /** Number of nodes that refused to give it. */
  readonly refused: number;
  /** f, the number of failures that the network promises to tolerate. */
  readonly promised: number;
  readonly votes: Margin;
  /** Undefined until the group key is made, and if no node answered. */
  readonly seals: (Margin & { readonly holders: number }) | undefined;
  /** Why the network tolerates less than it promises; empty if it keeps the promise. */
  readonly reasons: readonly string[];
}

interface Margin {
  readonly present: number;
  readonly needed: number;
  /** Number of those present that may fail. Below 0, too few are present. */
  readonly tolerates: number;
}

export const READY = "ready";

/** Assesses the reports of all members. The promise follows from their number, not from any node's answer. */
export function assess(reports: readonly NodeReport[]): Tolerance {
  const answers = reports.flatMap(({ status }) => (status === undefined ? [] : [status]));
  const members = reports.length;
  const needed = quorumOf(members);
  const ready = answers.filter((status) => stateOf(status) === READY).length;
  const holders = Math.min(members, Math.max(0, ...answers.map((status) => status.sealHolders)));
  const signers = answers.filter((status) => countersigns(status, needed)).length;
  return {
    heard: answers.length,
    refused: reports.filter(({ refused }) => refused).length,
    promised: faultsTolerated(members),
    votes: marginOf(ready, needed),
    seals: holders === 0 ? undefined : { holders, ...marginOf(signers, needed) },
    reasons: reasonsOf(reports),
  };
}

/** True if the network tolerates as many failures as it promises. */
export function isWhole({ promised, votes, seals, reasons }: Tolerance): boolean {
  const tolerated = Math.min(votes.tolerates, seals?.tolerates ?? -1);
  return tolerated >= promised && reasons.length === 0;
}

/** State of a node that answers; "ready" if it counts towards a quorum. */
export function stateOf(node: GetStatusResponse): string {
  if (!node.ready) return node.notReadyBecause;
  // It takes orders, but does not vote, so the others must be a quorum.
  if (node.view < node.firstView) return `rejoined: no vote before view ${node.firstView}`;
  return READY;
}

/** The lines below the table. */
export function describeTolerance(tolerance: Tolerance): string[] {
  const { promised, refused, votes, reasons } = tolerance;
  const ofVotes =
    refused > 0
      ? `${refused} refused to give their state, so what is tolerated is unknown`
      : tolerating(votes.tolerates, "payments wait");
  const promise =
    promised === 0
      ? "the network promises to tolerate none: that takes at least four nodes"
      : `the network promises to tolerate ${promised}`;
  return [
    `votes: ${votes.present} nodes are ready, ${votes.needed} are needed: ${ofVotes}`,
    `seals: ${describeSeals(tolerance)}`,
    promise,
    ...reasons.map((reason) => `- ${reason}`),
  ];
}

function describeSeals({ heard, refused, seals }: Tolerance): string {
  if (refused > 0) return "unknown, because nodes refused to give their state";
  if (heard === 0) return "unknown, because no node answers";
  if (seals === undefined)
    return "none yet, because there is no group key; results are final without seals";
  const { holders, present, needed, tolerates } = seals;
  const outcome = tolerating(tolerates, "no seal can be made now; results are final without seals");
  return `${holders} hold a share of the group key, ${present} of them countersign, ${needed} are needed: ${outcome}`;
}

function tolerating(failures: number, below: string): string {
  if (failures < 0) return below;
  if (failures === 0) return "they tolerate no further failure";
  return `they tolerate ${failures} more failure${failures === 1 ? "" : "s"}`;
}

function marginOf(present: number, needed: number): Margin {
  return { present, needed, tolerates: present - needed };
}

/** True if the node has its share and is up to date. */
function countersigns(
  { sealShare, connectedPeers, lagging }: GetStatusResponse,
  quorum: number,
): boolean {
  return sealShare === SealShare.HELD && !lagging && connectedPeers + 1 >= quorum;
}

/** Each reason once, with the nodes that give it unless all do. */
function reasonsOf(reports: readonly NodeReport[]): string[] {
  const sayers = new Map<string, string[]>();
  const say = (text: string, id: string) => sayers.set(text, [...(sayers.get(text) ?? []), id]);
  const answered = reports.filter(({ status }) => status !== undefined);
  for (const { id, status } of answered) {
    if (status?.ready === false) say(`${id} is not ready: ${status.notReadyBecause}`, id);
    for (const text of status?.reducedBecause ?? []) say(text, id);
  }
  const said = [...sayers].map(([untrusted, ids]) => {
    const text = printable(untrusted);
    const isOwn = ids.every((id) => text.startsWith(`${id} `));
    return isOwn || ids.length === answered.length ? text : `${text} (${ids.join(", ")})`;
  });
  const silent = reports.filter(({ status }) => status === undefined);
  const missing = silent.map(({ id, problem, refused }) =>
    refused ? `${id} refused: ${problem}` : `${id} gives no answer (${problem})`,
  );
  return [...missing, ...said];
}
