/**
 * View synchronization: certificates for peers that are behind, questions to peers ahead, requests for missing blocks and
 * certificates, and proposals relayed to a leader that missed one (R17 to R19, R25, R32).
 */
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { merkleRoot } from "../primitives/merkle-tree.ts";
import { type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import { type Certificate, sameSubject, type Vote } from "../primitives/vote.ts";
import { isBlockCertificate } from "./certificates.ts";
import {
  answerIntervalMs,
  branchTo,
  type CoreState,
  isOwnTurn,
  leaderAt,
  type PendingProposal,
  retryMs,
  settledView,
  type Want,
} from "./core-state.ts";
import type { Proposal, QuestionMessage } from "./message.ts";

/** The position of a peer, as its message shows it. */
export interface PeerPosition {
  readonly view: View;
  /** It does not know the highest finalization known here. */
  readonly lacksFinalization: boolean;
}

/** R17, R18: helps a sender that is behind, and asks one that is ahead for its certificates. */
export function answerPosition(
  state: CoreState,
  peer: ValidatorIndex,
  position: PeerPosition,
): void {
  const { certificates, exchanges, output, now, view: current } = state;
  if (position.view < current.number || position.lacksFinalization) {
    if (!exchanges.allows("help", peer, now)) return;
    const help = distinct([
      certificates.leaving(position.view),
      current.entry,
      certificates.finalization,
    ]);
    if (help.length > 0) output.send(peer, { kind: "certificates", certificates: help });
  } else if (position.view > current.number) {
    if (!exchanges.allows("ask", peer, now)) return;
    const { epoch } = state.config;
    const to = view(position.view - 1);
    output.send(peer, { kind: "question", epoch, from: current.number, to, block: undefined });
  }
}

/**
 * R17: a vote that arrives right after its quorum is not answered. The certificate is on its way to the sender; if it
 * is lost, the sender repeats its vote.
 */
export function isExpectedlyLate(state: CoreState, vote: Vote): boolean {
  const since = vote.kind === "finalize" ? state.finalizedAt : state.view.enteredAt;
  const justOver = vote.kind === "finalize" || vote.view + 1 === state.view.number;
  return justOver && state.now - since < answerIntervalMs(state.config);
}

/** R18: sends the certificates held of the views asked about; the entry certificate shows the view of this node. */
export function answerQuestion(
  state: CoreState,
  peer: ValidatorIndex,
  question: QuestionMessage,
): void {
  const { certificates, exchanges, output, now, view: current } = state;
  if (!exchanges.allows("reply", peer, now)) return;
  const from = view(Math.max(question.from, settledView(state) + 1));
  const answer = distinct([
    current.entry,
    certificates.finalization,
    question.block === undefined ? undefined : certificates.ofBlock(question.block),
    ...certificates.range(from, question.to, LIMITS.certificatesPerMessageMax - 3),
  ]);
  if (answer.length > 0) output.send(peer, { kind: "certificates", certificates: answer });
}

/** R19: tells a peer the position of this node when a link comes up. */
export function sendStatus(state: CoreState, peer: ValidatorIndex): void {
  const { certificates, view: current } = state;
  state.output.send(peer, {
    kind: "status",
    epoch: state.config.epoch,
    view: current.number,
    finalHeight: state.ancestry.final.header.height,
    certificates: distinct([current.entry, certificates.finalization]),
  });
}

function distinct(certificates: readonly (Certificate | undefined)[]): Certificate[] {
  const found: Certificate[] = [];
  for (const certificate of certificates) {
    if (certificate === undefined) continue;
    if (found.some((other) => sameSubject(other.subject, certificate.subject))) continue;
    found.push(certificate);
  }
  return found;
}

/** R18, R25: asks for everything in `wants`: at once when it is new, and again at intervals while it is missing. */
export function requestWants(state: CoreState): void {
  const { askedAt, now, timers, wants } = state;
  const keys = new Set(wants.map(keyOf));
  for (const key of askedAt.keys()) if (!keys.has(key)) askedAt.delete(key);
  let next: number | undefined;
  for (const want of wants) {
    const key = keyOf(want);
    const asked = askedAt.get(key);
    if (asked === undefined || now - asked >= retryMs(state)) {
      ask(state, want, asked === undefined);
      askedAt.set(key, now);
    }
    const again = (askedAt.get(key) ?? now) + retryMs(state);
    if (next === undefined || again < next) next = again;
  }
  if (next === undefined) timers.disarm("retry");
  else timers.arm("retry", next);
}

function ask(state: CoreState, want: Want, first: boolean): void {
  if (want.kind === "block") {
    const { block, certificate } = want;
    const signers = certificate.signatures.map(({ signer }) => signer);
    const peers = signers.filter((signer) => signer !== state.config.self);
    const above = state.ancestry.final.header.height;
    state.output.request({ kind: "fetchBlocks", ...block, above, certificate, peers });
    return;
  }
  const { from, to, block, peer } = want;
  const { epoch } = state.config;
  const recipient = first && peer !== undefined ? peer : "all";
  state.output.send(recipient, { kind: "question", epoch, from, to, block });
}

function keyOf(want: Want): string {
  if (want.kind === "block") return `block/${toHex(want.block.hash)}`;
  const block = want.block === undefined ? "" : toHex(want.block);
  return `certificates/${want.from}-${want.to}/${block}`;
}

/**
 * R32: sends the proposal certified by `entry`, one of `held`, to the leader of the view just entered if that leader
 * did not vote for it. Only a leader with failed turns gets it, so an ordinary view costs no further message. A proposal
 * that was not found valid here is not sent on, because its operations may not be those of its header.
 */
export function relayProposal(
  state: CoreState,
  entry: Certificate,
  held: readonly (PendingProposal | undefined)[],
): void {
  if (!isBlockCertificate(entry) || isOwnTurn(state)) return;
  const leader = leaderAt(state, state.view.number);
  if (!state.failingLeaders.needsRelay(leader)) return;
  if (entry.signatures.some(({ signer }) => signer === leader)) return;
  const { blockHash } = entry.subject;
  const certified = held.find((pending) => {
    return pending?.stage === "valid" && equalBytes(pending.proposal.hash, blockHash);
  });
  if (certified === undefined) return;
  state.output.send(leader, { kind: "proposal", proposal: certified.proposal });
}

/** True if `proposal` is of the block that certifies this node's own turn, and the block is still missing here. */
export function isRelayNeeded(state: CoreState, proposal: Proposal): boolean {
  const { entry, isRelayTaken } = state.view;
  if (entry === undefined || !isBlockCertificate(entry) || isRelayTaken) return false;
  return (
    isOwnTurn(state) &&
    equalBytes(entry.subject.blockHash, proposal.hash) &&
    state.ancestry.tip(proposal.hash) === undefined
  );
}

/**
 * R32: keeps a relay that came before the certificate of its view. The first f + 1 peers are enough: one of them is
 * honest.
 */
export function keepEarlyRelay(state: CoreState, from: ValidatorIndex, proposal: Proposal): void {
  const { number, earlyRelays, proposal: known } = state.view;
  const isNextLeader = leaderAt(state, view(number + 1)) === state.config.self;
  if (proposal.header.view !== number || !isNextLeader || state.wrongRelayers.has(from)) return;
  if (known !== undefined && equalBytes(known.proposal.hash, proposal.hash)) return;
  if (earlyRelays.size <= state.faults && !earlyRelays.has(from)) earlyRelays.set(from, proposal);
}

/**
 * R32: has the application execute a relayed proposal. No vote follows, because the block is certified already. Comparing
 * its leaf hashes with the header's root costs a whole tree of hashes, so each member may be wrong once, and a turn checks
 * few wrong ones.
 */
export function takeRelayed(state: CoreState, from: ValidatorIndex, proposal: Proposal): void {
  const { view: current, ancestry, wrongRelayers } = state;
  if (!isRelayNeeded(state, proposal) || current.relayedBy.has(from)) return;
  if (wrongRelayers.has(from) || current.wrongRelays >= LIMITS.wrongRelaysPerViewMax) return;
  current.relayedBy.add(from);
  const { parentHash } = proposal.header;
  const parent = ancestry.isConnected(parentHash) ? ancestry.tip(parentHash) : undefined;
  if (parent === undefined) return;
  if (!holdsItsLeaves(state, proposal)) {
    wrongRelayers.add(from);
    current.wrongRelays += 1;
    state.output.request({ kind: "reportWrongRelay", view: current.number, peer: from });
    return;
  }
  current.isRelayTaken = true;
  const ancestors = branchTo(state, parentHash);
  state.output.request({ kind: "verify", proposal, parent, ancestors });
}

function holdsItsLeaves(state: CoreState, { header, leafHashes }: Proposal): boolean {
  if (header.operationCount !== leafHashes.length) return false;
  return equalBytes(merkleRoot(state.config.hash, leafHashes), header.operationsRoot);
}
