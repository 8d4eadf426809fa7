/** Votes for everything: it finalizes views that it nullified, nullifies views that it finalized, and notarizes twice. */

import type { Outgoing } from "../../../src/consensus/interface.ts";
import type { BlockVote } from "../../../src/consensus/message.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { forge, peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

export function doubleVoter(context: SpeakerContext): Role {
  const peers = peersOf(context);
  return {
    name: "double voter",
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      if (message.kind !== "vote") return [outgoing];
      const some = context.random.sample(peers, context.random.between(1, peers.length));
      return [outgoing, ...toEach(some, nullifyOf(context, message.vote)), ...extra(message.vote)];
    },
  };

  function extra(vote: BlockVote): Outgoing[] {
    const some = context.random.sample(peers, context.random.between(0, peers.length));
    const finalize = forge(context, { ...subjectOf(vote), kind: "finalize" } as const);
    const blockHash = context.config.hash(vote.blockHash);
    const other = forge(context, { ...subjectOf(vote), kind: "notarize", blockHash } as const);
    return [
      ...toEach(some, { kind: "vote", vote: finalize }),
      ...toEach(some, { kind: "vote", vote: other }),
    ];
  }
}

function nullifyOf(context: SpeakerContext, { epoch, view }: BlockVote) {
  const vote = forge(context, { kind: "nullify", epoch, view } as const);
  return { kind: "nullify", vote, finalHeight: height(0) } as const;
}

function subjectOf({ kind, epoch, view, height: at, blockHash }: BlockVote) {
  return { kind, epoch, view, height: at, blockHash };
}
