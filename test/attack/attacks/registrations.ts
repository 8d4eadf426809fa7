/** The member registers itself again and again, with addresses that would steer an operator's terminal. */

import { PeerFailure } from "../../../src/transport/peer-client.ts";
import { encodeRegistration } from "../../../src/transport/registration.ts";
import type { MemberAttack } from "../attack.ts";

const TEXTS = [
  "127.0.0.1:1\u001b[2J\u001b[H",
  "127.0.0.1:1\nnode9  127.0.0.1:9  linked",
  "\u202e127.0.0.1:1",
  "x".repeat(255),
  `${"y".repeat(4_000)}:1`,
];
const AT_ONCE = 8;

export const registrations: MemberAttack = {
  name: "registrations",
  by: "member",
  does: `signed registrations with hostile addresses, ${AT_ONCE} at a time to each peer`,
  run: async (hand, signal) => {
    const callers = hand.victims.flatMap((victim) =>
      new Array<typeof victim>(AT_ONCE).fill(victim),
    );
    await Promise.all(
      callers.map(async (victim, place) => {
        const recalled = await hand.client(victim).recall();
        if (recalled instanceof PeerFailure || recalled.registration === undefined) return;
        const { registration: own } = recalled.registration;
        for (let number = place; !signal.aborted; number++) {
          const text = TEXTS[number % TEXTS.length] ?? "";
          const registration = { ...own, address: text, clientAddress: text };
          const signature = hand.identity.sign(encodeRegistration(registration));
          const answer = await hand
            .client(victim)
            .register({ registration, signature }, { signal });
          hand.count(
            answer instanceof PeerFailure ? "registrations refused" : "registrations taken",
          );
        }
      }),
    );
  },
};
