/** Voters that lie: two votes instead of one, and finalize votes that are never sent. */
import type { BlockVote, Message } from "../../../src/consensus/message.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { MemberAttack, MemberHand } from "../attack.ts";
import { forge } from "../tools.ts";

export const doubleVotes: MemberAttack = {
  name: "double-votes",
  by: "member",
  does: "with each vote, votes for another block too, finalizes both and gives the view up",
  twist: (hand, _, message) => {
    if (message.kind !== "vote") return [message];
    hand.count("votes contradicted");
    return [message, ...contradictions(hand, message.vote)];
  },
};

export const withheldFinalizes: MemberAttack = {
  name: "withheld-finalizes",
  by: "member",
  does: "notarizes, and never finalizes",
  twist: (hand, _, message) => {
    if (message.kind !== "vote" || message.vote.kind !== "finalize") return [message];
    hand.count("finalize votes withheld");
    return [];
  },
};

function contradictions(hand: MemberHand, vote: BlockVote): Message[] {
  const { epoch, view, height: at } = vote;
  const other = { epoch, view, height: at, blockHash: sha256(vote.blockHash) } as const;
  return [
    { kind: "vote", vote: forge(hand, { ...other, kind: "notarize" } as const) },
    { kind: "vote", vote: forge(hand, { ...other, kind: "finalize" } as const) },
    {
      kind: "nullify",
      vote: forge(hand, { kind: "nullify", epoch, view } as const),
      finalHeight: height(0),
    },
  ];
}
