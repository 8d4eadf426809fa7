/**
 * Goal: `countersign check` finds every record that does not follow from the chain, even if every checksum is right.
 * Method: the store of a real node after a key ceremony, payments and seals. One record after another is replaced by
 * another readable one with a right checksum, as a broken program or a thief with the disk might do.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeJournalEntry, type JournalEntry } from "../../../src/consensus/journal.ts";
import { createLedgerContext, type LedgerContext } from "../../../src/ledger/context.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { decodeWalletRecord, encodeWalletRecord } from "../../../src/ledger/wallet-record.ts";
import { isValidPoint, sha256 } from "../../../src/node/base/crypto.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { type StoreReport, verifyStore } from "../../../src/node/verify/store-verifier.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { type Bytes, utf8 } from "../../../src/primitives/bytes.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import { height as heightOf, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { encodeVoteSubject, type Vote, type VoteSubject } from "../../../src/primitives/vote.ts";
import { createCeremonyJudge } from "../../../src/seal/judge.ts";
import { createSuite } from "../../../src/seal/suite.ts";
import { protect, unprotect } from "../../../src/storage/checksum.ts";
import { numberedKey, numberOfKey } from "../../../src/storage/keys.ts";
import { MemoryDisk, openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { Cluster } from "../../support/cluster.ts";
import { namedSigningKey } from "../../support/operations.ts";
import {
  expectAgreement,
  issue,
  signedTransfer,
  startNetwork,
  stopNetwork,
  until,
} from "../network.ts";

let cluster: Cluster;
let context: LedgerContext;
let disk: MemoryDisk;
/** The wallet that was created last. */
let newest: WalletId;

beforeAll(async () => {
  cluster = await startNetwork();
  const [alice, bob] = [await issue(cluster, 0, { balance: 100n }), await issue(cluster, 1)];
  newest = bob.id;
  for (let i = 0; i < 3; i++) {
    await cluster
      .client(2)
      .transaction(signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n }));
  }
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  const { genesis } = cluster;
  context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
  // At rest: no empty block follows, which would have no seal yet when the node stops.
  const { height } = await expectAgreement(cluster);
  await until("the seal of the tip", async () => {
    return (await cluster.client(2).getStatus({})).sealedHeight === height;
  });
  await cluster.stopNode(2);
  disk = cluster.disk(2);
});
afterAll(() => stopNetwork(cluster));

type Change = (entries: Map<string, Bytes>) => void;

/** Verifies a copy of the disk after `change`. */
async function verified(
  change: Change = () => undefined,
  source: MemoryDisk = disk,
  rules: LedgerContext = context,
) {
  const copy = new MemoryDisk();
  for (const [key, value] of source.entries) copy.entries.set(key, value);
  change(copy.entries);
  const { networkId } = context;
  const store = await openMemoryStore({ identity: { networkId }, disk: copy });
  try {
    const self = validatorIndex(2);
    const onBlock = () => undefined;
    return await verifyStore({ context: rules, store, checker: inlineChecker, self, onBlock });
  } finally {
    await store.close();
  }
}

/** Replaces the value of a record, with a right checksum. */
function rewrite(
  entries: Map<string, Bytes>,
  prefix: string,
  write: (value: Bytes) => Bytes | undefined,
): void {
  const key = [...entries.keys()]
    .filter((one) => one.startsWith(prefix))
    .sort()
    .at(-1);
  const stored = key === undefined ? undefined : entries.get(key);
  if (key === undefined || stored === undefined) throw new Error(`no record ${prefix}`);
  const bytes = Buffer.from(key, "latin1");
  const value = write(unprotect(bytes, stored));
  if (value === undefined) entries.delete(key);
  else entries.set(key, protect(bytes, value));
}

/** Repeats the last record of a kind under a free key, with a right checksum. */
function copyToFreeKey(entries: Map<string, Bytes>, prefix: string): void {
  rewrite(entries, prefix, (value) => {
    const key = [...entries.keys()]
      .filter((one) => one.startsWith(prefix))
      .toSorted()
      .at(-1);
    const free = Buffer.from(key ?? prefix, "latin1");
    const place = free.length - 2;
    free[place] = (free[place] ?? 0) ^ 0x55;
    entries.set(free.toString("latin1"), protect(free, value));
    return value;
  });
}

const last = (value: Bytes) => value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte));

describe("a sound store", () => {
  it("is reported with all it holds", async () => {
    const report = await verified();
    expect(report).toMatchObject<Partial<StoreReport>>({
      kind: "sound",
      wallets: 2,
      supply: { EUR: 101n, USD: 0n },
    });
    const { height, seals, operations, signatures, lastSealedHeight } = report as StoreReport;
    expect(seals).toBeGreaterThan(0);
    expect(lastSealedHeight).toBe(height);
    expect(operations).toBeGreaterThan(5);
    expect(signatures).toBeGreaterThan(operations);
  });
});

describe("what does not follow from the chain is named:", () => {
  it.each<[string, string, (value: Bytes) => Bytes | undefined, RegExp]>([
    [
      "a wallet richer than its history",
      "w",
      (value) => richer(value),
      /record of wallet .* chain/,
    ],
    ["a wallet that is gone", "w", () => undefined, /the wallets are 1, where the chain gives 2/],
    ["a result turned round", "r", last, /block \d+ has other results/],
    [
      "an operation without a valid signature",
      "b",
      last,
      /block \d+ (holds an operation|does not give)/,
    ],
    ["a header changed", "h", last, /block \d+/],
    ["a finalization without a quorum's word", "f", last, /finalization that is not a quorum's/],
    ["a newest block without a finalization", "f", () => undefined, /no finalization covers it/],
    ["a seal of another key", "s", last, /seal of block \d+ is not the group key's/],
    ["a hash that leads elsewhere", "x", last, /block \d+ is not found by its hash/],
    ["an id that leads nowhere", "o", () => undefined, /operation, number \d+, that its id/],
    ["an id that leads elsewhere", "o", last, /operation, number \d+, that its id/],
    ["a creation that leads elsewhere", "c", last, /created wallet .* leads elsewhere/],
    ["a ceremony that was another", "mc", last, /ceremony record|cannot be decoded/],
  ])("%s", async (_name, prefix, write, problem) => {
    const outcome = await verified((entries) => rewrite(entries, prefix, write));
    expect(textOf(outcome)).toMatch(problem);
  });

  it.each([
    ["a header", "h", "headers"],
    ["a body", "b", "bodies of blocks"],
    ["results", "r", "results of blocks"],
    ["a finalization", "f", "finalizations"],
    ["a hash", "x", "heights by block hash"],
    ["an operation", "o", "locations of operations"],
    ["a creation", "c", "locations of creations"],
  ])("%s more than the chain has", async (_name, prefix, named) => {
    const outcome = await verified((entries) => copyToFreeKey(entries, prefix));
    expect(textOf(outcome)).toMatch(new RegExp(`^the ${named} are \\d+, where the chain gives`));
  });

  it("bytes that are not what was written", async () => {
    const outcome = await verified((entries) => {
      const key = [...entries.keys()].find((one) => one.startsWith("b")) ?? "";
      entries.set(key, last(entries.get(key) ?? new Uint8Array()));
    });
    expect(textOf(outcome)).toMatch(/the body of block \d+ is not what was written/);
  });
});

describe("a store without the contents of old blocks", () => {
  const KEPT = heightOf(2);
  let pruned: MemoryDisk;
  let [bodiesFrom, tip] = [0, 0];
  /** The network of this test is younger than its window of ids, so nothing may be dropped yet: here the window is short. */
  let shortWindow: LedgerContext;
  const verifiedPruned = (change?: Change) => verified(change, pruned, shortWindow);

  beforeAll(async () => {
    pruned = new MemoryDisk();
    for (const [key, value] of disk.entries) pruned.entries.set(key, value);
    const { networkId } = context;
    const store = await openMemoryStore({ identity: { networkId }, disk: pruned });
    tip = (await store.blocks.loadTip())?.height ?? 0;
    bodiesFrom = (await store.operations.loadCreation(newest))?.height ?? 0;
    const { genesis } = context;
    const timings = { ...genesis.timings, graceMs: 0, lifetimeMsMax: 0 };
    shortWindow = { ...context, genesis: { ...genesis, timings } };
    await store.chain.prune(heightOf(bodiesFrom), new Set([KEPT]));
    await store.close();
  });

  it("is sound as far as it goes, and the report says how far", async () => {
    const whole = (await verified()) as StoreReport;
    const report = await verifiedPruned();
    expect(report).toMatchObject({ kind: "pruned", bodiesFrom, bodies: tip - bodiesFrom + 2 });
    const { height, stateRoot, wallets, supply, seals, lastSealedHeight } = whole;
    expect(report).toMatchObject({ height, stateRoot, wallets, supply, seals, lastSealedHeight });
    expect((report as StoreReport).signatures).toBeLessThan(whole.signatures);
  });

  it.each<[string, string, (value: Bytes) => Bytes | undefined, RegExp]>([
    [
      "a wallet richer than its history",
      "w",
      (value) => richer(value),
      /do not give the newest state root/,
    ],
    ["a wallet that is gone", "w", () => undefined, /do not give the newest state root/],
    [
      "a ceremony that was another",
      "mc",
      last,
      /not give the newest state root|the ceremony record is not what was written/,
    ],
    ["a result turned round", "r", last, /block \d+ has other results/],
    ["results that are gone", "r", () => undefined, /block \d+ has other results/],
    ["an operation changed", "b", last, /block \d+ has other operations than its header/],
    ["a header changed", "h", last, /block \d+ is not found by its hash/],
    ["a finalization without a quorum's word", "f", last, /finalization that is not a quorum's/],
    ["a newest block without a finalization", "f", () => undefined, /finalization/],
    ["a seal of another key", "s", last, /seal of block \d+ is not the group key's/],
    ["a hash that leads elsewhere", "x", last, /block \d+ is not found by its hash/],
  ])("is found with %s", async (_name, prefix, write, problem) => {
    const outcome = await verifiedPruned((entries) => rewrite(entries, prefix, write));
    expect(textOf(outcome)).toMatch(problem);
  });

  it("is found with a header of a dropped block that is another", async () => {
    const outcome = await verifiedPruned((entries) => {
      const key = Buffer.from(numberedKey("header", 1));
      const stored = entries.get(key.toString("latin1")) ?? new Uint8Array();
      const other = unprotect(key, stored).map((byte, i) => (i === 80 ? byte ^ 1 : byte));
      entries.set(key.toString("latin1"), protect(key, other));
    });
    expect(textOf(outcome)).toMatch(/block [12] is not (the child of|found by its hash)/);
  });

  it("is found with ids of the contents that are there and lead nowhere", async () => {
    const outcome = await verifiedPruned((entries) => {
      for (const key of entries.keys()) if (key.startsWith("o")) entries.delete(key);
    });
    expect(textOf(outcome)).toMatch(/block \d+ holds an operation, number 0, that its id/);
  });

  it.each<[string, string, RegExp]>([
    ["an id that leads", "o", /block \d+ holds an operation, number 0, that its id/],
    ["a creation that leads", "c", /block \d+ created wallet .* leads elsewhere/],
    ["an entry that is", "l", /block \d+ made an entry of wallet .* does not have/],
  ])(
    "is found with %s elsewhere than in the contents that are there",
    async (_, prefix, problem) => {
      const outcome = await verifiedPruned((entries) => {
        for (const [name, stored] of entries) {
          if (!name.startsWith(prefix)) continue;
          const key = Buffer.from(name, "latin1");
          entries.set(name, protect(key, last(unprotect(key, stored))));
        }
      });
      expect(textOf(outcome)).toMatch(problem);
    },
  );

  it("is found without the operations whose ids are in use, from which no node starts", async () => {
    const outcome = await verified(undefined, pruned);
    expect(textOf(outcome)).toBe(
      "block 1 lacks its operations, although their ids are in use (A6)",
    );
  });

  it.each(["h", "b", "r", "f", "x"])("is found with a record %s too many", async (prefix) => {
    const outcome = await verifiedPruned((entries) => copyToFreeKey(entries, prefix));
    expect(textOf(outcome)).toMatch(/^the records of \w+ are \d+, where the chain gives/);
  });
});

describe("of a journal is named", () => {
  const subject = (height: number, name: string) =>
    ({
      epoch: FIRST_EPOCH,
      view: view(9_000),
      height: heightOf(height),
      blockHash: sha256(utf8(name)),
    }) as const;
  const notarize = (name: string) => ({ kind: "notarize", ...subject(9_000, name) }) as const;
  const signed = (vote: VoteSubject, signer: number): Vote => {
    const bytes = encodeVoteSubject(context.networkId, vote);
    const signature = namedSigningKey(`identity ${signer}`).sign(bytes);
    return { ...vote, signer: validatorIndex(signer), signature };
  };
  const certified = (about: VoteSubject, signers: readonly number[]): JournalEntry => {
    const signatures = signers.map((signer) => signed(about, signer));
    return { kind: "certificate", certificate: { subject: about, signatures } };
  };
  const voted = (vote: Vote): JournalEntry => ({ kind: "vote", vote });

  it.each<[string, () => JournalEntry[], RegExp]>([
    ["nothing, if it is sound", () => [voted(signed(notarize("a"), 2))], /^sound$/],
    [
      "a vote with another's signature",
      () => [voted({ ...signed(notarize("a"), 1), signer: validatorIndex(2) })],
      /journal record \d+ is a vote that its signer did not sign/,
    ],
    [
      "a vote of another node",
      () => [voted(signed(notarize("a"), 1))],
      /journal record \d+ is a vote of another node/,
    ],
    [
      "a vote that contradicts another one",
      () => ["a", "b"].map((name) => voted(signed(notarize(name), 2))),
      /journal record \d+ contradicts another vote of this node in view 9000/,
    ],
    [
      "a certificate that no quorum signed",
      () => [certified(notarize("a"), [0, 1])],
      /journal record \d+ is a certificate that no quorum signed/,
    ],
    [
      "a finalization of another block than the chain's",
      () => [certified({ kind: "finalize", ...subject(1, "another") }, [0, 1, 3])],
      /journal record \d+ finalizes another block than the chain's of 1/,
    ],
  ])("%s", async (_name, journal, problem) => {
    const outcome = await verified((entries) => append(entries, journal()));
    expect(textOf(outcome)).toMatch(problem);
  });

  it.each<[string, (entries: Map<string, Bytes>) => void, RegExp]>([
    [
      "that its identity is gone",
      (entries) => void entries.delete("mi"),
      /the journal has no identity/,
    ],
    [
      "a record that only clients ask for, and that is not what was written",
      (entries) => void entries.set("k\0\x05alice1", Uint8Array.of(1, 2, 3, 4, 5)),
      /the custodial operation .* is not what was written/,
    ],
  ])("%s", async (_name, change, problem) => {
    expect(textOf(await verified(change))).toMatch(problem);
  });
});

/** Appends to the journal. */
function append(entries: Map<string, Bytes>, journal: readonly JournalEntry[]): void {
  const floor = entries.get("mj");
  const last = [...entries.keys()]
    .filter((key) => key.startsWith("j"))
    .toSorted()
    .at(-1);
  const next =
    last === undefined
      ? Number(Buffer.from(floor ?? new Uint8Array(8)).readBigUInt64BE())
      : numberOfKey(Buffer.from(last, "latin1")) + 1;
  for (const [place, entry] of journal.entries()) {
    const key = numberedKey("journal", next + place);
    const text = Buffer.from(key).toString("latin1");
    entries.set(text, protect(key, encodeJournalEntry(entry)));
  }
}

function textOf(outcome: Awaited<ReturnType<typeof verifyStore>>): string {
  if (outcome.kind === "incomplete" || outcome.kind === "pruned") return outcome.kind;
  return outcome.kind === "sound" ? "sound" : `${outcome.where} ${outcome.problem}`;
}

function richer(value: Bytes): Bytes {
  const wallet = decodeWalletRecord(context.networkId, value);
  if (wallet instanceof EncodingError) return expect.fail("a wallet record");
  return encodeWalletRecord(context.networkId, {
    ...wallet,
    balance: amount(wallet.balance + 1n),
  });
}
