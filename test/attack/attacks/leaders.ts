/** Leaders that vote like any other but lose their own turns: one never proposes, one proposes too late. */
import type { Message } from "../../../src/consensus/message.ts";
import { encodeMessage } from "../../../src/consensus/message.ts";
import type { MemberAttack, MemberHand } from "../attack.ts";

export const idleLeader: MemberAttack = {
  name: "idle-leader",
  by: "member",
  does: "votes, and never proposes",
  twist: (hand, _, message) => {
    if (!isOwnTurn(hand, message)) return [message];
    hand.count("messages of own turns withheld");
    return [];
  },
};

/** Share of the view timeout: leaves just enough time to vote. */
const LATE = 0.9;

export const lateLeader: MemberAttack = {
  name: "late-leader",
  by: "member",
  does: "proposes just before the view's time is over",
  twist: (hand, to, message) => {
    if (!isOwnTurn(hand, message)) return [message];
    const consensusMessages = [encodeMessage(message)];
    setTimeout(() => {
      void hand.say(to, { consensusMessages });
      hand.count("messages of own turns said late");
    }, hand.genesis.timings.viewTimeoutMs * LATE);
    return [];
  },
};

function isOwnTurn({ self, genesis }: MemberHand, message: Message): boolean {
  if (message.kind === "proposal") return message.proposal.vote.signer === self;
  if (message.kind !== "vote" || message.vote.kind !== "notarize") return false;
  return message.vote.view % genesis.validators.length === self;
}
