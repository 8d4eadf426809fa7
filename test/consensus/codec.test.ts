/** Messages and journal records: strict bytes, and the checks a message needs before the core may hear it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeJournalEntry,
  encodeJournalEntry,
  type JournalEntry,
} from "../../src/consensus/journal.ts";
import {
  decodeMessage,
  encodeMessage,
  type Message,
  messageChecks,
} from "../../src/consensus/message.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import { simulatedVerify } from "../support/world/simulated-keys.ts";
import {
  blockOn,
  configOf,
  EPOCH,
  finalization,
  finalizeOf,
  GENESIS,
  notarization,
  notarizeOf,
  nullification,
  nullifyOf,
  proposalOf,
} from "./harness.ts";

const config = configOf(4, 0);
const block = blockOn(GENESIS, 1, { operations: ["a", "bb"] });
const status = { epoch: EPOCH, view: view(3), finalHeight: height(2) } as const;
const MESSAGES: readonly Message[] = [
  { kind: "proposal", proposal: proposalOf(block) },
  { kind: "vote", vote: notarizeOf(2, block) },
  { kind: "vote", vote: finalizeOf(2, block) },
  { kind: "nullify", vote: nullifyOf(3, 7), finalHeight: height(5) },
  { kind: "certificates", certificates: [notarization(block), nullification(2)] },
  { kind: "status", ...status, certificates: [finalization(block)] },
  { kind: "question", epoch: EPOCH, from: view(1), to: view(9), block: block.hash },
  { kind: "question", epoch: EPOCH, from: view(1), to: view(9), block: undefined },
];
const ENTRIES: readonly JournalEntry[] = [
  { kind: "block", block },
  { kind: "vote", vote: nullifyOf(1, 1) },
  { kind: "certificate", certificate: finalization(block) },
];

describe("messages", () => {
  it("are what they were after their bytes", () => {
    for (const message of MESSAGES) {
      expect(decodeMessage(sha256, encodeMessage(message))).toEqual(message);
    }
  });

  it("have one encoding: bytes that decode are encoded to the same bytes", () => {
    fc.assert(
      fc.property(fc.nat(MESSAGES.length - 1), fc.nat(), fc.nat(255), (which, place, value) => {
        const bytes = encodeMessage(MESSAGES[which] ?? raise());
        bytes[place % bytes.length] = value;
        const decoded = decodeMessage(sha256, bytes);
        if (!(decoded instanceof EncodingError)) expect(encodeMessage(decoded)).toEqual(bytes);
      }),
    );
  });

  it("are refused when cut off or followed by more", () => {
    for (const message of MESSAGES) {
      const bytes = encodeMessage(message);
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeMessage(sha256, bytes.subarray(0, length))).toBeInstanceOf(EncodingError);
      }
      const longer = Uint8Array.of(...bytes, 0);
      expect(decodeMessage(sha256, longer)).toBeInstanceOf(EncodingError);
    }
  });

  it("a vote of one kind does not pass in the place of another", () => {
    const vote = encodeMessage({ kind: "vote", vote: notarizeOf(1, block) });
    const nullify = encodeMessage({
      kind: "nullify",
      vote: nullifyOf(1, 1),
      finalHeight: height(0),
    });
    const at = "countersign/v1/consensus-message".length + 1;
    [vote[at], nullify[at]] = [nullify[at] ?? 0, vote[at] ?? 0];
    expect(decodeMessage(sha256, vote)).toBeInstanceOf(EncodingError);
    expect(decodeMessage(sha256, nullify)).toBeInstanceOf(EncodingError);
  });
});

describe("checks of a message", () => {
  it("hold for honest messages, one for each signature", () => {
    const counts = MESSAGES.map((message) => messageChecks(config, message)?.length);
    expect(counts).toEqual([1, 1, 1, 1, 6, 3, 0, 0]);
    for (const message of MESSAGES) {
      expect(messageChecks(config, message)?.every(simulatedVerify)).toBe(true);
    }
  });

  it("fail for a signature by another key", () => {
    const vote = { ...notarizeOf(2, block), signer: validatorIndex(1) };
    expect(messageChecks(config, { kind: "vote", vote })?.every(simulatedVerify)).toBe(false);
  });

  const proposal = proposalOf(block);
  const other = blockOn(GENESIS, 2);
  const impossible: [string, Message][] = [
    ["a signer outside the set", { kind: "vote", vote: notarizeOf(4, block) }],
    [
      "a proposal with another block's vote",
      { kind: "proposal", proposal: { ...proposal, vote: notarizeOf(1, other) } },
    ],
    [
      "a proposal with a vote that is not its proposer's",
      { kind: "proposal", proposal: { ...proposal, vote: notarizeOf(2, block) } },
    ],
    [
      "a proposal with a finalize vote",
      { kind: "proposal", proposal: { ...proposal, vote: finalizeOf(1, block) } },
    ],
    [
      "a certificate without a quorum",
      { kind: "certificates", certificates: [nullification(1, [0, 1])] },
    ],
    [
      "a certificate of an unknown signer",
      { kind: "certificates", certificates: [nullification(1, [0, 1, 9])] },
    ],
    [
      "a question about nothing",
      { kind: "question", epoch: EPOCH, from: view(5), to: view(4), block: undefined },
    ],
  ];
  for (const [name, message] of impossible) {
    it(`${name} is dropped without checking a signature`, () => {
      expect(messageChecks(config, message)).toBeUndefined();
    });
  }
});

describe("journal records", () => {
  it("are what they were after their bytes", () => {
    for (const entry of ENTRIES) {
      expect(decodeJournalEntry(sha256, encodeJournalEntry(entry))).toEqual(entry);
    }
  });

  it("are refused when damaged in length or kind", () => {
    for (const entry of ENTRIES) {
      const bytes = encodeJournalEntry(entry);
      expect(decodeJournalEntry(sha256, bytes.subarray(0, -1))).toBeInstanceOf(EncodingError);
      const at = "countersign/v1/journal-record".length + 1;
      const unknown = bytes.slice();
      unknown[at] = 9;
      expect(decodeJournalEntry(sha256, unknown)).toBeInstanceOf(EncodingError);
    }
  });
});

function raise(): never {
  throw new Error("no such message");
}
