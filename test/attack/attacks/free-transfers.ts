/** Transfers that cost their maker nothing: from a wallet without money, and from wallets that do not exist. */
import { setImmediate } from "node:timers/promises";
import { entropy, signingKeyOf } from "../../../src/node/base/crypto.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { randomUuid } from "../../support/operations.ts";
import type { MemberAttack } from "../attack.ts";
import { emptyWallet, order, transferOfOne } from "../tools.ts";

const COUNT = 12_000;
const BATCH = 300;

export const freeTransfers: MemberAttack = {
  name: "free-transfers",
  by: "member",
  does: `${COUNT} signed transfers sent to all at once, half of a wallet without money, half of unknown wallets`,
  prepare: async (hand) => {
    const signer = signingKeyOf(entropy(32));
    const empty = emptyWallet(hand, signer);
    await order(hand, [empty.bytes]);
    const batches: Bytes[][] = [];
    for (let made = 0; made < COUNT; made += BATCH) {
      const from = made % (2 * BATCH) === 0 ? () => empty.id : randomUuid;
      batches.push(
        Array.from({ length: BATCH }, () =>
          transferOfOne(hand, signer, { from: from(), to: randomUuid() }),
        ),
      );
      await setImmediate();
    }
    return async (acting) => {
      const sent = acting.victims.flatMap(({ index }) =>
        batches.map(async (operations) => {
          await acting.say(index, { operations });
          acting.count("transfers sent", BATCH);
        }),
      );
      await Promise.all(sent);
    };
  },
};
