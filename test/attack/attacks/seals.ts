/** Attacks on sealing: endless questions for commitments, wrong shares, and late shares. */
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { entropy } from "../../../src/node/base/crypto.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import {
  encodeVerification,
  type SignedVerification,
} from "../../../src/transport/verification.ts";
import type { MemberAttack, MemberHand } from "../attack.ts";
import { pause } from "../tools.ts";

const AT_ONCE = 16;

export const commitmentFlood: MemberAttack = {
  name: "commitment-flood",
  by: "member",
  does: `${AT_ONCE} questions for a commitment at a time to each peer`,
  run: async (hand, signal) => {
    const callers = hand.victims.flatMap((victim) =>
      new Array<typeof victim>(AT_ONCE).fill(victim),
    );
    await Promise.all(
      callers.map(async (victim) => {
        while (!signal.aborted) {
          await hand.client(victim).verification(question(hand), { signal });
          hand.count("questions for a commitment");
        }
      }),
    );
  },
};

function question({ networkId, self, identity }: MemberHand): SignedVerification {
  const spent = { hiding: entropy(32), binding: entropy(32) };
  const request = { kind: "commitment", epoch: FIRST_EPOCH, spent } as const;
  const statement = { networkId, sender: self, request };
  return { statement, signature: identity.sign(encodeVerification(statement)) };
}

export const badShares: MemberAttack = {
  name: "bad-shares",
  by: "member",
  does: "answers every question for a share with a wrong one",
  answers: (hand, honest) => ({
    verification: async (...call) => {
      const answer = await honest.verification(...call);
      if (answer instanceof Refusal || answer.kind !== "share") return answer;
      const share = entropy(32);
      // Canonical: below the order of the group.
      share[31] = 0;
      hand.count("wrong shares");
      return { ...answer, share };
    },
  }),
};

const LATE_MS = 8_000;

export const lateShares: MemberAttack = {
  name: "late-shares",
  by: "member",
  does: `answers every question about a seal after ${LATE_MS} ms`,
  answers: (hand, honest) => ({
    verification: async (...call) => {
      hand.count("questions answered late");
      await pause(LATE_MS, new AbortController().signal);
      return await honest.verification(...call);
    },
  }),
};
