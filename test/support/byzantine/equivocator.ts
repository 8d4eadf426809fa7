/** As leader, proposes one block to some nodes and another one to the rest, and votes for both. */

import type { Outgoing } from "../../../src/consensus/interface.ts";
import type { Proposal } from "../../../src/consensus/message.ts";
import { encodeHeader } from "../../../src/primitives/block.ts";
import { forge, peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

export function equivocator(context: SpeakerContext): Role {
  const peers = peersOf(context);
  return {
    name: "equivocator",
    twist(outgoing: Outgoing) {
      if (outgoing.message.kind !== "proposal") return [outgoing];
      const first = outgoing.message.proposal;
      const second = twinOf(context, first);
      const split = context.random.between(0, peers.length);
      const shuffled = context.random.sample(peers, peers.length);
      return [
        ...toEach(shuffled.slice(0, split), { kind: "proposal", proposal: first }),
        ...toEach(shuffled.slice(split), { kind: "proposal", proposal: second }),
        ...toEach(shuffled.slice(0, context.random.between(0, 2)), {
          kind: "vote",
          vote: second.vote,
        }),
      ];
    },
  };
}

/** The same operations on the same parent, one millisecond later. */
function twinOf(context: SpeakerContext, proposal: Proposal): Proposal {
  const header = { ...proposal.header, time: proposal.header.time + 1 };
  const headerBytes = encodeHeader(header);
  const hash = context.config.hash(headerBytes);
  const { epoch, view, height } = header;
  const vote = forge(context, { kind: "notarize", epoch, view, height, blockHash: hash } as const);
  return { header, headerBytes, hash, leafHashes: proposal.leafHashes, vote };
}
