/**
 * Lets a node whose journal is lost take part again (A4, R28). A new journal replaces the old one, and the node casts
 * no vote in any view in which the old journal may have had one.
 */
import { type View, view } from "../../primitives/numbers.ts";
import { quorumOf, type Validator } from "../../primitives/validators.ts";
import type { JournalIdentity, Store } from "../../storage/contracts.ts";
import { type PeerClient, PeerFailure } from "../../transport/peer-client.ts";
import { pause } from "../../transport/timers.ts";
import type { System } from "../base/system.ts";
import { enterableView, isOwnRegistration, type JudgeParts } from "./recall-check.ts";

export interface RejoinParts extends JudgeParts {
  readonly store: Store;
  readonly clientOf: (peer: Validator) => Pick<PeerClient, "recall">;
  readonly system: System;
  /** Called for each peer that answers, with the number of answers so far and the number needed. */
  readonly onAnswer: (peer: Validator, answers: number, needed: number) => void;
  /** Ends the wait for answers. */
  readonly signal: AbortSignal;
}

export type RejoinOutcome =
  | { readonly kind: "rejoined"; readonly firstView: View; readonly starts: number }
  /** The journal is sound, as far as this node knows. */
  | { readonly kind: "notAmnesiac" }
  /** With fewer than four validators, the others alone are fewer than a quorum. */
  | { readonly kind: "tooFewValidators"; readonly validators: number }
  | { readonly kind: "tooFewAnswers"; readonly answers: number; readonly needed: number };

const ASK_MS = 2_000;
const AGAIN_MS = 500;

/** The number of starts of the old journal that none of the answering peers may have heard of. */
const STARTS_UNHEARD_OF_MAX = 1_000;

/** The proof that one peer gives. */
interface Answer {
  /** The view that a node may enter. */
  readonly view: View;
  /** The number of the newest registration it holds of this node. */
  readonly starts: number;
}

export async function rejoin(parts: RejoinParts): Promise<RejoinOutcome> {
  const { context, epoch, self, store, system } = parts;
  const validators = context.members(epoch);
  const needed = quorumOf(validators.length);
  const others = validators.filter(({ index }) => index !== self.index);
  if (others.length < needed) return { kind: "tooFewValidators", validators: validators.length };
  const held = await store.journalIdentity.load();
  if (held !== undefined && !held.amnesiac) return { kind: "notAmnesiac" };

  const answers = await gather(parts, others, needed);
  if (answers.length < needed) {
    return { kind: "tooFewAnswers", answers: answers.length, needed };
  }
  // To vote in view w, the node had a certificate of w - 1. One of its honest voters is among the n - f that answer,
  // so M >= w - 1, and w is below M + 2 (docs/protocol.md, R28).
  const firstView = view(Math.max(...answers.map((answer) => answer.view)) + 2);
  const known = Math.max(held?.starts ?? 0, ...answers.map((answer) => answer.starts));
  const starts = known + STARTS_UNHEARD_OF_MAX;
  const identity: JournalIdentity = {
    journalId: system.entropy(16),
    starts,
    firstView,
    amnesiac: false,
    rejoined: true,
  };
  // In this order: after a crash between the two, the verdict still stands.
  await store.journal.pruneBelow(Number.MAX_SAFE_INTEGER);
  await store.journalIdentity.save(identity);
  return { kind: "rejoined", firstView, starts };
}

/** Asks all peers again and again until enough of them have answered or `signal` aborts. */
async function gather(
  parts: RejoinParts,
  others: readonly Validator[],
  needed: number,
): Promise<Answer[]> {
  const { clientOf, system, onAnswer, signal } = parts;
  const answers = new Map<Validator, Answer>();
  const enough = new AbortController();
  const end = AbortSignal.any([signal, enough.signal]);
  const askUntilAnswered = async (peer: Validator) => {
    const client = clientOf(peer);
    while (!end.aborted) {
      const answer = await ask(parts, client, end);
      if (end.aborted) return;
      if (answer !== undefined) {
        answers.set(peer, answer);
        onAnswer(peer, answers.size, needed);
        if (answers.size >= needed) enough.abort();
        return;
      }
      await pause(system, AGAIN_MS, end);
    }
  };
  await Promise.all(others.map(askUntilAnswered));
  return [...answers.values()];
}

async function ask(
  parts: RejoinParts,
  client: Pick<PeerClient, "recall">,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const recollection = await client.recall({ timeoutMs: ASK_MS, signal });
  if (recollection instanceof PeerFailure) return undefined;
  const enterable = await enterableView(parts, recollection);
  if (enterable === undefined) return undefined;
  const { registration: signed } = recollection;
  if (signed === undefined) return { view: enterable, starts: 0 };
  if (!(await isOwnRegistration(parts, signed))) return undefined;
  return { view: enterable, starts: signed.registration.starts };
}
