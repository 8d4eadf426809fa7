/**
 * Handles messages of peers (R10, R14, R17 to R19, R21): first filters out what can change nothing, before a signature is
 * checked, and then learns from what is authentic.
 */
import { unreachable } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import type { Certificate, Vote } from "../primitives/vote.ts";
import { leaderAt, type State, settledView } from "./core-state.ts";
import type { Message, Proposal, StatusMessage } from "./message.ts";
import {
  answerPlace,
  answerQuestion,
  isOrdinarilyLate,
  isRelayNeeded,
  takeRelayed,
} from "./view-sync.ts";
import { acceptCertificate, countVote } from "./voting.ts";

export function receive(state: State, from: ValidatorIndex, message: Message): void {
  learn(state, from, message);
  answer(state, from, message);
}

/** What an authentic message adds to what is known here. */
function learn(state: State, from: ValidatorIndex, message: Message): void {
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

/** R17 to R19: help for a sender that is behind, and questions to one that is ahead. Nothing is learned here. */
export function answer(state: State, from: ValidatorIndex, message: Message): void {
  switch (message.kind) {
    case "proposal":
      // A relay (R32) shows nothing of where its sender is.
      if (from === message.proposal.vote.signer) answerVote(state, from, message.proposal.vote);
      break;
    case "vote":
      answerVote(state, from, message.vote);
      break;
    case "nullify":
      if (isBelowFinality(state, message.finalHeight)) {
        answerPlace(state, from, { view: message.vote.view, lacksFinalization: true });
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

/** R17, R18: whoever finalizes a view has left it by its notarization, and does not know that it is final. */
function answerVote(state: State, from: ValidatorIndex, vote: Vote): void {
  if (vote.epoch !== state.config.epoch || isOrdinarilyLate(state, vote)) return;
  const finalizing = vote.kind === "finalize";
  const lacksFinalization = finalizing && vote.view <= state.certificates.finalizedView;
  answerPlace(state, from, { view: view(vote.view + (finalizing ? 1 : 0)), lacksFinalization });
}

/** R19. A claim without a certificate moves nobody, and is no reason to ask either. */
function answerStatus(state: State, from: ValidatorIndex, status: StatusMessage): void {
  if (status.epoch !== state.config.epoch) return;
  answerPlace(state, from, {
    view: view(Math.min(status.view, state.view.number)),
    lacksFinalization: isBelowFinality(state, status.finalHeight),
  });
}

function isBelowFinality(state: State, finalHeight: Height): boolean {
  const known = state.certificates.finalization?.subject.height;
  return known !== undefined && known > finalHeight;
}

/** R10: the first proposal of a view's leader is kept, for this view and the next. */
function receiveProposal(state: State, from: ValidatorIndex, proposal: Proposal): void {
  const { vote } = proposal;
  if (vote.epoch !== state.config.epoch) return;
  receiveVote(state, vote);
  takeRelayed(state, from, proposal);
  if (from !== vote.signer || vote.signer !== leaderAt(state, vote.view)) return;
  const pending = { proposal, arrivedAt: state.wall, stage: "waiting" } as const;
  if (vote.view === state.view.number) state.view.proposal ??= { ...pending };
  if (vote.view === state.view.number + 1) state.nextProposal ??= { ...pending };
}

/** R21: votes up to the next view are counted; of those beyond only the newest of each validator is kept. */
function receiveVote(state: State, vote: Vote): void {
  if (vote.epoch !== state.config.epoch) return;
  state.leaders.hear(vote.signer);
  if (vote.view <= oldestCounted(state)) return;
  if (vote.view <= state.view.number + 1) {
    countVote(state, vote);
    return;
  }
  const newest = state.ahead.get(vote.signer);
  if (newest === undefined || newest.view < vote.view) state.ahead.set(vote.signer, vote);
}

function answerCertificates(
  state: State,
  from: ValidatorIndex,
  certificates: readonly Certificate[],
): void {
  let reached = 0;
  for (const { subject } of certificates) reached = Math.max(reached, subject.view + 1);
  if (reached > 0 && reached < state.view.number) {
    answerPlace(state, from, { view: view(reached), lacksFinalization: false });
  }
}

/** Votes of this view and below are not counted any more. */
function oldestCounted(state: State): View {
  return view(Math.max(settledView(state), state.view.number - LIMITS.lateViewsMax - 1, 0));
}

export type Sifted =
  /** It adds nothing, and its sender lacks nothing: it may be dropped. */
  | { readonly kind: "known" }
  /** It adds nothing, but shows a sender that is behind: an input of its own, without a check. */
  | { readonly kind: "stale" }
  /** What is left of it, to be checked. */
  | { readonly kind: "news"; readonly message: Message };

const KNOWN: Sifted = { kind: "known" };
const STALE: Sifted = { kind: "stale" };

export function sift(state: State, message: Message): Sifted {
  switch (message.kind) {
    case "proposal":
      return siftProposal(state, message);
    case "vote":
    case "nullify":
      return siftVote(state, message, message.vote);
    case "certificates":
      return siftCertificates(state, message);
    case "status": {
      const certificates = message.certificates.filter((one) => adds(state, one));
      return { kind: "news", message: { ...message, certificates } };
    }
    case "question":
      return { kind: "news", message };
  }
}

function siftProposal(state: State, message: Extract<Message, { kind: "proposal" }>): Sifted {
  if (isRelayNeeded(state, message.proposal)) return { kind: "news", message };
  return siftVote(state, message, message.proposal.vote);
}

function siftVote(state: State, message: Message, vote: Vote): Sifted {
  if (vote.epoch !== state.config.epoch) return KNOWN;
  if (vote.view <= settledView(state)) return STALE;
  // A proposal is more than its vote while it can be voted for: its leader may have sent the vote alone before.
  const isProposal = message.kind === "proposal" && vote.view >= state.view.number;
  const isHeld = !isProposal && state.tally.holds(vote);
  if (!isHeld) return { kind: "news", message };
  return vote.view >= state.view.number ? KNOWN : STALE;
}

function siftCertificates(
  state: State,
  message: Extract<Message, { kind: "certificates" }>,
): Sifted {
  const news = message.certificates.filter((one) => adds(state, one));
  const [first] = message.certificates;
  if (first === undefined) return KNOWN;
  const highest = message.certificates.reduce((top, one) => {
    return one.subject.view > top.subject.view ? one : top;
  }, first);
  // How far its sender has come is read off the highest one: that has to be true as well.
  if (news.length > 0) {
    const certificates = news.includes(highest) ? news : [...news, highest];
    return { kind: "news", message: { ...message, certificates } };
  }
  return highest.subject.view + 1 < state.view.number ? STALE : KNOWN;
}

/** R14: certificates of views that are over, and those that are held, change nothing. */
function adds(state: State, { subject }: Certificate): boolean {
  const isOver = subject.view <= settledView(state);
  return !isOver && !state.certificates.holds(subject);
}
