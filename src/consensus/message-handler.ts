/**
 * Handles messages of peers (R10, R14, R17 to R19, R21). A filter drops the parts that can change nothing before any
 * signature is checked. The rest changes the state. A sender that is behind or ahead gets an answer.
 */
import { unreachable } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import type { Certificate, Vote } from "../primitives/vote.ts";
import { type CoreState, leaderAt, settledView } from "./core-state.ts";
import type { Message, Proposal, StatusMessage } from "./message.ts";
import {
  answerPosition,
  answerQuestion,
  isExpectedlyLate,
  isRelayNeeded,
  keepEarlyRelay,
  takeRelayed,
} from "./view-sync.ts";
import { acceptCertificate, countVote } from "./voting.ts";

export function receive(state: CoreState, from: ValidatorIndex, message: Message): void {
  learn(state, from, message);
  answer(state, from, message);
}

/** Applies the votes, certificates and proposals of an authentic message to the state. */
function learn(state: CoreState, from: ValidatorIndex, message: Message): void {
  switch (message.kind) {
    case "proposal":
      receiveProposal(state, from, message.proposal);
      break;
    case "vote":
    case "nullify":
      receiveVote(state, message.vote);
      break;
    case "certificates":
      for (const certificate of message.certificates) acceptCertificate(state, certificate);
      break;
    case "status":
      if (message.epoch !== state.config.epoch) break;
      for (const certificate of message.certificates) acceptCertificate(state, certificate);
      break;
    case "question":
      break;
    default:
      unreachable(message);
  }
}

/** R17 to R19: helps a sender that is behind, and asks one that is ahead. Changes nothing that votes depend on. */
export function answer(state: CoreState, from: ValidatorIndex, message: Message): void {
  switch (message.kind) {
    case "proposal":
      // A relayed proposal (R32) does not show the position of its sender.
      if (from === message.proposal.vote.signer) answerVote(state, from, message.proposal.vote);
      break;
    case "vote":
      answerVote(state, from, message.vote);
      break;
    case "nullify":
      if (isBelowFinality(state, message.finalHeight)) {
        answerPosition(state, from, { view: message.vote.view, lacksFinalization: true });
      } else {
        answerVote(state, from, message.vote);
      }
      break;
    case "certificates":
      answerCertificates(state, from, message.certificates);
      break;
    case "status":
      answerStatus(state, from, message);
      break;
    case "question":
      if (message.epoch === state.config.epoch) answerQuestion(state, from, message);
      break;
    default:
      unreachable(message);
  }
}

/** R17, R18: the sender of a finalize vote has left that view by its notarization, and does not know that it is final. */
function answerVote(state: CoreState, from: ValidatorIndex, vote: Vote): void {
  if (vote.epoch !== state.config.epoch || isExpectedlyLate(state, vote)) return;
  const finalizing = vote.kind === "finalize";
  const lacksFinalization = finalizing && vote.view <= state.certificates.finalizedView;
  answerPosition(state, from, { view: view(vote.view + (finalizing ? 1 : 0)), lacksFinalization });
}

/** R19: a claim without a certificate moves no node, and is no reason to ask either. */
function answerStatus(state: CoreState, from: ValidatorIndex, status: StatusMessage): void {
  if (status.epoch !== state.config.epoch) return;
  answerPosition(state, from, {
    view: view(Math.min(status.view, state.view.number)),
    lacksFinalization: isBelowFinality(state, status.finalHeight),
  });
}

function isBelowFinality(state: CoreState, finalHeight: Height): boolean {
  const known = state.certificates.finalization?.subject.height;
  return known !== undefined && known > finalHeight;
}

/** R10: the first proposal of a view's leader is kept, for this view and the next. */
function receiveProposal(state: CoreState, from: ValidatorIndex, proposal: Proposal): void {
  const { vote } = proposal;
  if (vote.epoch !== state.config.epoch) return;
  receiveVote(state, vote);
  takeRelayed(state, from, proposal);
  if (vote.signer !== leaderAt(state, vote.view)) return;
  if (from !== vote.signer) {
    keepEarlyRelay(state, from, proposal);
    return;
  }
  const pending = { proposal, arrivedAt: state.wall, stage: "waiting" } as const;
  if (vote.view === state.view.number) state.view.proposal ??= { ...pending };
  if (vote.view === state.view.number + 1) state.nextProposal ??= { ...pending };
}

/** R21: votes up to the next view are counted; of those beyond only the newest of each validator is kept. */
function receiveVote(state: CoreState, vote: Vote): void {
  if (vote.epoch !== state.config.epoch) return;
  state.silentLeaders.hear(vote.signer);
  if (vote.view <= oldestCounted(state)) return;
  if (vote.view <= state.view.number + 1) {
    countVote(state, vote);
    return;
  }
  const newest = state.ahead.get(vote.signer);
  if (newest === undefined || newest.view < vote.view) state.ahead.set(vote.signer, vote);
}

function answerCertificates(
  state: CoreState,
  from: ValidatorIndex,
  certificates: readonly Certificate[],
): void {
  let reached = 0;
  for (const { subject } of certificates) reached = Math.max(reached, subject.view + 1);
  if (reached > 0 && reached < state.view.number) {
    answerPosition(state, from, { view: view(reached), lacksFinalization: false });
  }
}

/** Votes of this view and below are not counted any more. */
function oldestCounted(state: CoreState): View {
  return view(Math.max(settledView(state), state.view.number - LIMITS.lateViewsMax - 1, 0));
}

export type Filtered =
  /** It adds nothing, and its sender lacks nothing: the caller drops it. */
  | { readonly kind: "known" }
  /** It adds nothing, but its sender is behind or ahead: the caller gives it as a `stale` input, unchecked. */
  | { readonly kind: "stale" }
  /** The parts of it that have to be checked. */
  | { readonly kind: "news"; readonly message: Message };

const KNOWN: Filtered = { kind: "known" };
const STALE: Filtered = { kind: "stale" };

/**
 * R17, R21: keeps the parts of a message that could change something. A peer that repeats old certificates and votes without
 * end costs no signature check.
 */
export function filter(state: CoreState, message: Message): Filtered {
  switch (message.kind) {
    case "proposal":
      return filterProposal(state, message);
    case "vote":
    case "nullify":
      return filterVote(state, message, message.vote);
    case "certificates":
      return filterCertificates(state, message);
    case "status": {
      const certificates = message.certificates.filter((one) => adds(state, one));
      return { kind: "news", message: { ...message, certificates } };
    }
    case "question":
      return { kind: "news", message };
  }
}

function filterProposal(
  state: CoreState,
  message: Extract<Message, { kind: "proposal" }>,
): Filtered {
  if (isRelayNeeded(state, message.proposal)) return { kind: "news", message };
  return filterVote(state, message, message.proposal.vote);
}

function filterVote(state: CoreState, message: Message, vote: Vote): Filtered {
  if (vote.epoch !== state.config.epoch) return KNOWN;
  if (vote.view <= settledView(state)) return STALE;
  // A proposal adds more than its vote while the node may still vote for it: its leader may have sent the vote alone
  // before.
  const isProposal = message.kind === "proposal" && vote.view >= state.view.number;
  if (isBelowKept(state, vote)) return STALE;
  const isKnown = !isProposal && state.tally.knows(vote);
  if (!isKnown) return { kind: "news", message };
  // A sender at another view or a lower final height repeats its vote until it is answered, or asked (R17, R18).
  const lacksFinalization =
    message.kind === "nullify" && isBelowFinality(state, message.finalHeight);
  return vote.view === state.view.number && !lacksFinalization ? KNOWN : STALE;
}

/** R21: of votes beyond the next view only the newest of each validator is kept. */
function isBelowKept({ ahead, view: current }: CoreState, vote: Vote): boolean {
  if (vote.view <= current.number + 1) return false;
  const newest = ahead.get(vote.signer);
  return newest !== undefined && newest.view >= vote.view;
}

function filterCertificates(
  state: CoreState,
  message: Extract<Message, { kind: "certificates" }>,
): Filtered {
  const news = message.certificates.filter((one) => adds(state, one));
  const [first] = message.certificates;
  if (first === undefined) return KNOWN;
  const highest = message.certificates.reduce((top, one) => {
    return one.subject.view > top.subject.view ? one : top;
  }, first);
  // The highest certificate shows the sender's position, so it is checked even if it is held.
  if (news.length > 0) {
    const certificates = news.includes(highest) ? news : [...news, highest];
    return { kind: "news", message: { ...message, certificates } };
  }
  return highest.subject.view + 1 < state.view.number ? STALE : KNOWN;
}

/** R14: certificates of views that are over, and those that are held, change nothing. */
function adds(state: CoreState, { subject }: Certificate): boolean {
  const isOver = subject.view <= settledView(state);
  return !isOver && !state.certificates.holds(subject);
}
