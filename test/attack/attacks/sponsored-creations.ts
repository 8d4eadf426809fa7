/** One member sponsors more wallets at once than any block may create. */
import type { MemberAttack } from "../attack.ts";
import { sponsoredCreation } from "../tools.ts";

const COUNT = 15_600;
const BATCH = 300;

export const sponsoredCreations: MemberAttack = {
  name: "sponsored-creations",
  by: "member",
  does: `${COUNT} wallets without money, sponsored and sent to all at once`,
  run: async (hand, signal) => {
    const sent: Promise<void>[] = [];
    for (let made = 0; made < COUNT && !signal.aborted; made += BATCH) {
      const operations = Array.from({ length: BATCH }, () => sponsoredCreation(hand));
      for (const { index } of hand.victims) {
        sent.push(hand.say(index, { operations }).then(() => hand.count("creations sent", BATCH)));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(sent);
  },
};
