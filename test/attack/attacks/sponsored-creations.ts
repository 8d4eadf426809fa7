/** One member sponsors more wallets at once than any block may create. */
import type { MemberAttack } from "../attack.ts";
import { slicesOf, sponsoredCreation } from "../tools.ts";

const COUNT = 15_600;
const BATCH = 300;

export const sponsoredCreations: MemberAttack = {
  name: "sponsored-creations",
  by: "member",
  does: `${COUNT} wallets without money, sponsored and sent to all at once`,
  run: async (hand, signal) => {
    const creations: Uint8Array[] = [];
    while (creations.length < COUNT && !signal.aborted) {
      creations.push(...Array.from({ length: BATCH }, () => sponsoredCreation(hand)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(
      hand.victims.map(async ({ index }) => {
        for (const operations of slicesOf(creations, BATCH)) {
          if (signal.aborted) return;
          await hand.say(index, { operations });
          hand.count("creations sent", operations.length);
        }
      }),
    );
  },
};
