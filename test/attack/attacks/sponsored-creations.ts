/** One member sponsors more wallets at once than any block may create. */
import { setImmediate } from "node:timers/promises";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import type { MemberAttack } from "../attack.ts";
import { sponsoredCreation } from "../tools.ts";

const COUNT = 15_600;
const BATCH = 300;

export const sponsoredCreations: MemberAttack = {
  name: "sponsored-creations",
  by: "member",
  does: `${COUNT} wallets without money, sponsored and sent to all at once`,
  prepare: async (prepared) => {
    const batches: Bytes[][] = [];
    for (let made = 0; made < COUNT; made += BATCH) {
      batches.push(Array.from({ length: BATCH }, () => sponsoredCreation(prepared)));
      await setImmediate();
    }
    return async (hand) => {
      const sent = hand.victims.flatMap(({ index }) =>
        batches.map(async (operations) => {
          await hand.say(index, { operations });
          hand.count("creations sent", BATCH);
        }),
      );
      await Promise.all(sent);
    };
  },
};
