/** Leaders that lie: two blocks in one view, false roots, and operations that no other node has. */
import { encodeMessage, type Proposal } from "../../../src/consensus/message.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { encodeHeader, type Header } from "../../../src/primitives/block.ts";
import type { MemberAttack, MemberHand } from "../attack.ts";
import { forge, pause, sponsoredCreation } from "../tools.ts";

export const equivocation: MemberAttack = {
  name: "equivocation",
  by: "member",
  does: "as leader, shows one block to one peer and another to the others, and votes for both",
  twist: (hand, to, message) => {
    if (message.kind !== "proposal" || to !== hand.victims[0]?.index) return [message];
    const { header } = message.proposal;
    const second = withHeader(hand, message.proposal, { ...header, time: header.time + 1 });
    hand.count("second blocks shown");
    return [
      { kind: "proposal", proposal: second },
      { kind: "vote", vote: message.proposal.vote },
    ];
  },
};

export const wrongRoots: MemberAttack = {
  name: "wrong-roots",
  by: "member",
  does: "as leader, proposes blocks whose state root is none",
  twist: (hand, _, message) => {
    if (message.kind !== "proposal") return [message];
    const { header } = message.proposal;
    const wrong = { ...header, stateRoot: sha256(header.stateRoot) };
    hand.count("blocks with a wrong root");
    return [{ kind: "proposal", proposal: withHeader(hand, message.proposal, wrong) }];
  },
};

/** After its proposal: the next leader has entered its own view by then, or not. */
const RELAYED_AFTER_MS = [2, 10, 30, 100];

export const wrongRelays: MemberAttack = {
  name: "wrong-relays",
  by: "member",
  does: "hides its proposals from the leader after it, and relays them to it with operations that are not theirs",
  twist: (hand, to, message) => {
    if (message.kind !== "proposal") return [message];
    const { proposal } = message;
    const next = (hand.self + 1) % hand.genesis.validators.length;
    if (proposal.vote.signer !== hand.self || to !== next) return [message];
    hand.count("proposals hidden");
    const wrong = { ...proposal, leafHashes: proposal.leafHashes.map((one) => sha256(one)) };
    const consensusMessages = [encodeMessage({ kind: "proposal", proposal: wrong })];
    for (const delayMs of RELAYED_AFTER_MS) {
      setTimeout(() => {
        void hand.say(to, { consensusMessages });
        hand.count("wrong relays");
      }, delayMs);
    }
    return [];
  },
};

/** Enough that no block of the member's is empty. */
const HIDDEN_PER_SECOND = 40;

export const withheldBodies: MemberAttack = {
  name: "withheld-bodies",
  by: "member",
  does: "as leader, orders operations that it passes to no peer, not even when asked",
  passesOperations: false,
  answers: (hand) => ({
    fetchOperations: () => {
      hand.count("questions for bodies answered with nothing");
      return Promise.resolve([]);
    },
  }),
  run: async (hand, signal) => {
    const [victim] = hand.victims;
    if (victim === undefined) return;
    while (!signal.aborted) {
      const operations = Array.from({ length: HIDDEN_PER_SECOND / 4 }, () =>
        sponsoredCreation(hand),
      );
      // The member's own node takes them like operations from a peer.
      await hand.node.peers.receive(victim.index, { operations, consensusMessages: [], seals: [] });
      await pause(250, signal);
    }
  },
};

function withHeader(hand: MemberHand, proposal: Proposal, header: Header): Proposal {
  const headerBytes = encodeHeader(header);
  const hash = sha256(headerBytes);
  const { epoch, view, height } = header;
  const vote = forge(hand, { kind: "notarize", epoch, view, height, blockHash: hash } as const);
  return { ...proposal, header, headerBytes, hash, vote };
}
