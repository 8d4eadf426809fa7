/** A Byzantine node runs an honest core, and its role twists the messages of that core. */
import type { ConsensusConfig, Outgoing } from "../../../src/consensus/interface.ts";
import type { Message } from "../../../src/consensus/message.ts";
import { height, type ValidatorIndex, type View } from "../../../src/primitives/numbers.ts";
import { encodeVoteSubject, type Vote, type VoteSubject } from "../../../src/primitives/vote.ts";
import type { Random } from "../world/random.ts";

/** The means of speech of a role; they do not depend on the ledger. */
export interface SpeakerContext {
  readonly config: ConsensusConfig;
  readonly random: Random;
  /** Sends a message later, untwisted. */
  readonly after: (delayMs: number, said: readonly Outgoing[]) => void;
}

export interface Role {
  readonly name: string;
  /** Observes the messages that reach the node. */
  hear?(message: Message): void;
  /** The messages sent in place of this one. */
  twist(outgoing: Outgoing): readonly Outgoing[];
}

/** All members but the byzantine node itself. */
export function peersOf({ config }: SpeakerContext): ValidatorIndex[] {
  return config.validators.map(({ index }) => index).filter((index) => index !== config.self);
}

/** True for its proposals, and for the notarize vote in one. */
export function isOwnLead(config: ConsensusConfig, message: Message): boolean {
  if (message.kind === "proposal") return message.proposal.vote.signer === config.self;
  if (message.kind !== "vote" || message.vote.kind !== "notarize") return false;
  return message.vote.view % config.validators.length === config.self;
}

/** Signs anything in the name of the byzantine node. */
export function forge<Subject extends VoteSubject>(
  { config }: SpeakerContext,
  subject: Subject,
): Subject & Pick<Vote, "signer" | "signature"> {
  const signature = config.sign(encodeVoteSubject(config.networkId, subject));
  return { ...subject, signer: config.self, signature };
}

/** Its nullify vote in a view, for each of `peers`. */
export function giveUp(
  context: SpeakerContext,
  at: View,
  peers: readonly ValidatorIndex[] = peersOf(context),
): Outgoing[] {
  const vote = forge(context, { kind: "nullify", epoch: context.config.epoch, view: at } as const);
  return toEach(peers, { kind: "nullify", vote, finalHeight: height(0) });
}

export function toEach(peers: readonly ValidatorIndex[], message: Message): Outgoing[] {
  return peers.map((to) => ({ to, message }));
}
