/** Link messages of the largest and of the smallest size. */
import { entropy } from "../../../src/node/base/crypto.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import type { MemberAttack } from "../attack.ts";
import { pause, toEachUntil } from "../tools.ts";

const GIANT_BYTES = LIMITS.linkMessageBytesMax - 1024;

export const giantMessages: MemberAttack = {
  name: "giant-messages",
  by: "member",
  does: `messages of ${GIANT_BYTES} bytes on every link, one after another`,
  run: async (hand, signal) => {
    const consensusMessages = [entropy(GIANT_BYTES)];
    await toEachUntil(hand, signal, async (victim) => {
      await hand.say(victim, { consensusMessages });
      hand.count("giant messages");
      await pause(20, signal);
    });
  },
};

export const tinyMessages: MemberAttack = {
  name: "tiny-messages",
  by: "member",
  does: `batches of ${LIMITS.linkBatchItemsMax} messages of one byte, one after another`,
  run: async (hand, signal) => {
    const one = new Uint8Array(1);
    const consensusMessages = new Array<Uint8Array>(LIMITS.linkBatchItemsMax).fill(one);
    await toEachUntil(hand, signal, async (victim) => {
      await hand.say(victim, { consensusMessages });
      hand.count("tiny messages", consensusMessages.length);
      await pause(1, signal);
    });
  },
};
