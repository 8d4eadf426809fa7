/** Helping peers that are behind or ask, and asking those ahead (R17, R18, R19). */
import { LIMITS } from "../primitives/limits.ts";
import { type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import { type Certificate, sameSubject, type Vote } from "../primitives/vote.ts";
import type { QuestionMessage } from "./message.ts";
import { answerIntervalMs, type State, settledView } from "./state.ts";

/** What a message shows of its sender. */
export interface Place {
  readonly view: View;
  /** It does not know the highest finalization known here. */
  readonly lacksFinalization: boolean;
}

/** R17, R18: helps a sender that is behind; asks one that is ahead how it got there. */
export function answerPlace(state: State, peer: ValidatorIndex, place: Place): void {
  const { certificates, correspondence, draft, now, view: current } = state;
  if (place.view < current.number || place.lacksFinalization) {
    if (!correspondence.may("help", peer, now)) return;
    const help = distinct([
      certificates.leaving(place.view),
      current.entry,
      certificates.finalization,
    ]);
    if (help.length > 0) draft.send(peer, { kind: "certificates", certificates: help });
  } else if (place.view > current.number) {
    if (!correspondence.may("ask", peer, now)) return;
    const { epoch } = state.config;
    const to = view(place.view - 1);
    draft.send(peer, { kind: "question", epoch, from: current.number, to, block: undefined });
  }
}

/**
 * R17: a vote that arrives right after the quorum it would have been part of is answered by nothing: what it lacks
 * is on its way. Its sender repeats it if that was lost.
 */
export function isOrdinarilyLate(state: State, vote: Vote): boolean {
  const since = vote.kind === "finalize" ? state.finalizedAt : state.view.enteredAt;
  const justOver = vote.kind === "finalize" || vote.view + 1 === state.view.number;
  return justOver && state.now - since < answerIntervalMs(state.config);
}

/** R18: everything held of the views asked about; the entry certificate tells how far this node is. */
export function answerQuestion(
  state: State,
  peer: ValidatorIndex,
  question: QuestionMessage,
): void {
  const { certificates, correspondence, draft, now, view: current } = state;
  if (!correspondence.may("reply", peer, now)) return;
  const from = view(Math.max(question.from, settledView(state) + 1));
  const answer = distinct([
    current.entry,
    certificates.finalization,
    question.block === undefined ? undefined : certificates.ofBlock(question.block),
    ...certificates.range(from, question.to, LIMITS.certificatesPerMessageMax - 3),
  ]);
  if (answer.length > 0) draft.send(peer, { kind: "certificates", certificates: answer });
}

/** R19: what peers tell one another when a link comes up. */
export function sendStatus(state: State, peer: ValidatorIndex): void {
  const { certificates, view: current } = state;
  state.draft.send(peer, {
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
