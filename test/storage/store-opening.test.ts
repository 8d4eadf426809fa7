import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import { protect } from "../../src/storage/checksum.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { StorageCorruption } from "../../src/storage/storage-errors.ts";
import { identity } from "./crash-record.ts";
import { bytesNamed, sampleCommit } from "./sample-chain.ts";
import { codeOf, collect, expectChain } from "./store-checks.ts";
import { PLACES, type StorePlace, storeUnderTest } from "./store-places.ts";

describe.each(PLACES)("opening and closing of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("refuses the store of another network", async () => {
    await tested.store.close();
    const other = { networkId: bytesNamed("other network") };
    const refusal = await tested.place.open(other).catch((error: unknown) => error);
    expect(codeOf(refusal)).toBe("foreignNetwork");
    await tested.open();
  });

  it("refuses a store of a newer or an older layout, and records without any", async () => {
    await tested.store.close();
    const key = Buffer.from("ms");
    const records = await tested.place.read();
    for (const [version, code] of [
      [99, "newerSchema"],
      [1, "olderSchema"],
    ] as const) {
      const other = Uint8Array.of(0, version, ...utf8("who knows what"));
      await tested.place.write("ms", protect(key, other));
      const refusal = await tested.place.open(identity).catch((error: unknown) => error);
      expect(codeOf(refusal)).toBe(code);
    }
    await tested.place.write("ms", undefined);
    expect(codeOf(await tested.place.open(identity).catch((e: unknown) => e))).toBe("missing");
    await tested.place.write("ms", records.get("ms"));
    await tested.open();
  });

  it("refuses to open twice at once", async () => {
    expect(codeOf(await tested.place.open(identity).catch((error: unknown) => error))).toBe(
      "locked",
    );
    await tested.store.chain.commit(sampleCommit(1));
    await tested.reopen();
    await expectChain(tested.store, 1);
  });

  it("keeps what was called before it was closed and refuses what is called later", async () => {
    const pending = [
      tested.store.journal.append([utf8("kept")]),
      tested.store.chain.commit(sampleCommit(1)),
    ];
    await tested.store.close();
    await Promise.all(pending);
    const late = await tested.store.journal.append([utf8("late")]).catch((error: unknown) => error);
    expect(codeOf(late)).toBe("closed");
    expect(codeOf(await tested.store.blocks.loadBlock(height(1)).catch((e: unknown) => e))).toBe(
      "closed",
    );
    expect(codeOf(await collect(tested.store.state.wallets()).catch((e: unknown) => e))).toBe(
      "closed",
    );
    await tested.open();
    expect((await tested.store.journal.load()).map((record) => record.bytes)).toEqual([
      utf8("kept"),
    ]);
    await expectChain(tested.store, 1);
  });
});

describe.each(PLACES)("A8: damage of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("is noticed and named after a flip of any bit of any record", async () => {
    await fillEveryKind(tested.store);
    await tested.store.close();
    const records = await tested.place.read();
    expect(records.size).toBeGreaterThan(40);
    for (const [key, value] of records) {
      const damaged = Uint8Array.from(value);
      const bit = Math.floor(Math.random() * 8 * damaged.length);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await tested.place.write(key, damaged);
      const failure = await readEverything(tested.place).catch((error: unknown) => error);
      expect(failure, `bit ${bit} of ${JSON.stringify(key)}`).toBeInstanceOf(StorageCorruption);
      await tested.place.write(key, value);
    }
    expect(await readEverything(tested.place)).toBeUndefined();
    await tested.open();
  });

  it("is noticed when a value stands under another's key or is cut short", async () => {
    await fillEveryKind(tested.store);
    await tested.store.close();
    const records = [...(await tested.place.read())];
    const wallets = records.filter(([key]) => key.startsWith("w"));
    const [first, second] = wallets;
    await tested.place.write(first?.[0] ?? "", second?.[1]);
    await expect(readEverything(tested.place)).rejects.toThrow(/the record of wallet .* checksum/);
    await tested.place.write(first?.[0] ?? "", Uint8Array.of(1, 2, 3));
    await expect(readEverything(tested.place)).rejects.toThrow(/the record of wallet .* cut short/);
    await tested.place.write(first?.[0] ?? "", first?.[1]);
    await tested.open();
  });

  it.each([
    ["a header", "h", /block \d+: its header is missing/],
    ["a body", "b", /block \d+: its body is missing/],
    ["a journal record", "j", /journal record \d+: it is missing/],
    ["a batch", "n", /write \d+ of \d+: it is missing/],
  ])("is noticed when %s is gone", async (_, letter, message) => {
    await fillEveryKind(tested.store);
    await tested.store.close();
    const keys = [...(await tested.place.read()).keys()]
      .filter((key) => key.startsWith(letter))
      .sort();
    await tested.place.write(keys[1] ?? "", undefined);
    await expect(readEverything(tested.place)).rejects.toThrow(message);
    tested.place = await makePlace();
    await tested.open();
  });
});

async function fillEveryKind(store: Store): Promise<void> {
  await store.journal.append(["a", "b", "c", "d", "e"].map(utf8));
  await store.journal.pruneBelow(1);
  for (const at of [1, 2, 3]) await store.chain.commit(sampleCommit(at));
  for (const at of [1, 2]) await store.seals.save(height(at), bytesNamed(`seal ${at}`, 64));
  await store.registrations.save(validatorIndex(0), utf8("registration"), () => true);
  await store.journalIdentity.countStart({ journalId: bytesNamed("journal") });
  await store.witnessedVotes.save(new Map([[validatorIndex(0), utf8("vote")]]));
  await store.custody.putIfAbsent({ caller: "alice", id: "1" }, utf8("signed"));
  const fault = { member: validatorIndex(0), kind: "conflictingNotarize" } as const;
  await store.evidence.append(fault, utf8("evidence"));
}

/** Reads everything that `fillEveryKind` wrote. */
async function readEverything(place: StorePlace): Promise<void> {
  const opened = await place.open(identity);
  try {
    await opened.journal.load();
    await expectChain(opened, 3);
    for (const seal of [1, 2]) await opened.seals.load(height(seal));
    await opened.journalIdentity.load();
    await opened.witnessedVotes.load();
    await opened.custody.load({ caller: "alice", id: "1" });
  } finally {
    await opened.close();
  }
}
