/**
 * Sorting out, before a signature is checked, what can change nothing (R17, R21): whoever repeats old certificates and
 * votes without end shall cost nobody a check.
 */
import type { Certificate, Vote } from "../primitives/vote.ts";
import type { Message } from "./message.ts";
import { isRelayNeeded } from "./relay.ts";
import { type State, settledView } from "./state.ts";

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

function siftProposal(
  state: State,
  message: Extract<Message, { kind: "proposal" }>,
): Sifted {
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
