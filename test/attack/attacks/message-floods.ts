/** Consensus messages as fast as the links take them: each is well-formed and useless. */
import { encodeMessage, type Message } from "../../../src/consensus/message.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { entropy } from "../../../src/node/base/crypto.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { height, view as viewOf } from "../../../src/primitives/numbers.ts";
import type { MemberAttack, MemberHand } from "../attack.ts";
import { forge, pause, toEachUntil } from "../tools.ts";

/** Messages of one batch, and messages signed before the attack: signing costs more than sending. */
const BATCH = 500;
const MADE = 4_000;
const AGAIN_MS = 5;

/** Sends these messages again and again; calls `make` again when the chain has grown. */
function flood(
  name: string,
  does: string,
  make: (hand: MemberHand, number: number) => Message,
): MemberAttack {
  return {
    name,
    by: "member",
    does,
    run: async (hand, signal) => {
      await toEachUntil(hand, signal, async (victim) => {
        const made: Bytes[] = [];
        for (let number = 0; number < MADE && !signal.aborted; number++) {
          made.push(encodeMessage(make(hand, number)));
          if (made.length < BATCH) continue;
          const consensusMessages = made.splice(0);
          // Sends each four times: a signature costs the attacker more than a skipped check costs the victim.
          for (let times = 0; times < 4 && !signal.aborted; times++) {
            await hand.say(victim, { consensusMessages });
            hand.count("messages", consensusMessages.length);
          }
          await pause(AGAIN_MS, signal);
        }
      });
    },
  };
}

const now = ({ node }: MemberHand) => node.consensus.view;

export const futureVotes = flood(
  "future-votes",
  "valid votes of views far ahead, as fast as the links take them",
  (hand, number) => {
    const view = viewOf(now(hand) + 1_000 + number);
    const at = height(1_000_000 + number);
    const subject = { epoch: FIRST_EPOCH, view, height: at, blockHash: entropy(32) } as const;
    const kind = number % 2 === 0 ? "notarize" : "finalize";
    return { kind: "vote", vote: forge(hand, { ...subject, kind } as const) };
  },
);

export const conflictingVotes = flood(
  "conflicting-votes",
  "valid votes of the present view, each for another block",
  (hand) => {
    const subject = { epoch: FIRST_EPOCH, view: now(hand), height: height(1) } as const;
    const vote = forge(hand, { ...subject, kind: "notarize", blockHash: entropy(32) } as const);
    return { kind: "vote", vote };
  },
);

export const invalidVotes = flood(
  "invalid-votes",
  "votes of the present view whose signatures are random",
  (hand) => {
    const { self: signer } = hand;
    const subject = { epoch: FIRST_EPOCH, view: now(hand), height: height(1) } as const;
    const blockHash = entropy(32);
    const signature = entropy(64);
    return { kind: "vote", vote: { ...subject, kind: "notarize", blockHash, signer, signature } };
  },
);

export const nullifyFlood = flood(
  "nullify-flood",
  "valid votes to give up the present view and those around it",
  (hand, number) => {
    const view = viewOf(Math.max(1, now(hand) - 32 + (number % 64)));
    const vote = forge(hand, { kind: "nullify", epoch: FIRST_EPOCH, view } as const);
    return { kind: "nullify", vote, finalHeight: height(0) };
  },
);

export const questionFlood = flood(
  "question-flood",
  "questions for certificates of all views and for blocks that there are not",
  (hand) => ({
    kind: "question",
    epoch: FIRST_EPOCH,
    from: viewOf(1),
    to: now(hand),
    block: entropy(32),
  }),
);
