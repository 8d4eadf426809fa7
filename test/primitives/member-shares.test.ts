/** T13: the shares of members add up in a network of any size. */
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import {
  answerBytesMax,
  type MemberRate,
  rateOfMember,
  roomOfMember,
  roomOfSender,
  unpaidOfClients,
} from "../../src/primitives/member-shares.ts";
import { faultsTolerated } from "../../src/primitives/validators.ts";

const SIZES = Array.from({ length: LIMITS.validatorsMax - 3 }, (_, i) => i + 4);

describe("T9: free orders of the clients of one gateway", () => {
  it.each(["perSecond", "burst"] as const)("are no more than its peers take from it: %s", (of) => {
    for (const members of SIZES) {
      const { sponsored, uncovered } = unpaidOfClients(members);
      const sum = sponsored[of] + uncovered[of];
      expect(sum, `${members} members`).toBeLessThan(roomOfSender(members).unpaid[of]);
    }
  });

  it("have their full rate in a network of four, and a few have a turn in the largest", () => {
    expect(unpaidOfClients(4)).toEqual(LIMITS.unpaidOfClients);
    for (const { perSecond, burst } of Object.values(unpaidOfClients(LIMITS.validatorsMax))) {
      expect(perSecond).toBeGreaterThan(1);
      expect(burst).toBeGreaterThan(4);
    }
  });
});

/** Microseconds of a node's thread that one token costs, on an idle machine; docs/timings.md has the table. */
const COSTS_US: Readonly<Record<MemberRate, number>> = {
  messagesOfPeer: 40,
  // The thread that checks them is another one.
  sealsOfPeer: 10,
  operationsOfPeer: 20,
  callsOfPeer: 1_000,
  refusedCallsOfPeer: 100,
  operationsAskedByPeer: 2,
  blockBytesAskedByPeer: 0.008,
  snapshotAnswersOfPeer: 3_000,
  sealQuestionsOfPeer: 500,
  registrationsOfPeer: 500,
};
const RATES = Object.keys(COSTS_US) as MemberRate[];
const MEBIBYTE = 1024 * 1024;

describe("T13: the rates of f members together", () => {
  it.each(RATES)("leave more than half of the thread in a network of any size: %s", (rate) => {
    for (const members of SIZES) {
      const { perSecond } = rateOfMember(rate, members);
      const part = (faultsTolerated(members) * perSecond * COSTS_US[rate]) / 1_000_000;
      expect(part, `${members} members`).toBeLessThan(0.5);
    }
  });

  it.each(RATES)("cost at most a second after a rest, in which others have turns: %s", (rate) => {
    for (const members of SIZES) {
      const { burst } = rateOfMember(rate, members);
      const seconds = (faultsTolerated(members) * burst * COSTS_US[rate]) / 1_000_000;
      expect(seconds, `${members} members`).toBeLessThan(1.1);
    }
  });

  it("are those of `LIMITS` in a network of four, and never above", () => {
    for (const rate of RATES) {
      expect(rateOfMember(rate, 4)).toEqual(LIMITS[rate]);
      for (const members of SIZES) {
        expect(rateOfMember(rate, members).perSecond).toBeLessThanOrEqual(LIMITS[rate].perSecond);
      }
    }
  });

  it("leave each member room for what honest ones need in the largest network", () => {
    const of = (rate: MemberRate) => rateOfMember(rate, LIMITS.validatorsMax);
    // A proposal of the most operations, and five views a second of two votes and a certificate of a quorum.
    const proposal = (LIMITS.blockOperationsMax * 34) / 2048;
    expect(of("messagesOfPeer").burst).toBeGreaterThan(proposal);
    expect(of("messagesOfPeer").perSecond).toBeGreaterThan(5 * 5);
    expect(of("operationsAskedByPeer").burst).toBe(LIMITS.blockOperationsMax);
    expect(of("callsOfPeer").perSecond).toBeGreaterThan(5);
    // A state of 50 MB is taken over in the time for which it is kept.
    const parts = (of("snapshotAnswersOfPeer").perSecond * LIMITS.snapshotKeptMs) / 1000;
    expect(parts * LIMITS.snapshotAnswerBytesMax).toBeGreaterThan(50 * MEBIBYTE);
  });
});

describe("T13: the memory that f members take up together", () => {
  it("stays within a bound: unread connections, half-sent questions, and what waits to be sent", () => {
    for (const members of SIZES) {
      const faults = faultsTolerated(members);
      const { connectionsMax, callsMax, outboxBytesMax } = roomOfMember(members);
      const sums = [
        faults * connectionsMax * LIMITS.peerWindowBytes,
        faults * callsMax * LIMITS.peerQuestionBytesMax,
        faults * outboxBytesMax,
      ];
      for (const sum of sums) expect(sum, `${members} members`).toBeLessThanOrEqual(160 * MEBIBYTE);
    }
  });

  it("stays within a bound: answers that they do not read, in networks with blocks of up to 2 MiB", () => {
    const { ownBesideFaults, ownBytesMax, sharedBytesMax } = LIMITS.unreadAnswers;
    for (const members of SIZES) {
      const own =
        (faultsTolerated(members) + ownBesideFaults) * answerBytesMax(members, 2 * MEBIBYTE);
      expect(own + sharedBytesMax, `${members} members`).toBeLessThanOrEqual(
        ownBytesMax + sharedBytesMax,
      );
    }
  });

  it("has room for one block of each, however large the genesis lets it be", () => {
    for (const members of SIZES) {
      expect(answerBytesMax(members, LIMITS.blockBytesMax)).toBe(
        LIMITS.blockBytesMax + LIMITS.headerBytesMax,
      );
    }
  });

  it("leaves an honest member its link, a few connections and calls", () => {
    const { connectionsMax, callsMax, outboxBytesMax } = roomOfMember(LIMITS.validatorsMax);
    expect(connectionsMax).toBeGreaterThanOrEqual(4);
    expect(callsMax).toBeGreaterThanOrEqual(8);
    expect(outboxBytesMax / 2).toBeGreaterThan(LIMITS.linkMessageBytesMax);
  });
});
