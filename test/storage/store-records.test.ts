import { describe, expect, it } from "vitest";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import type { Fault, FaultKind } from "../../src/storage/faults.ts";
import { bytesNamed, sampleCommit } from "./sample-chain.ts";
import { PLACES, storeUnderTest } from "./store-places.ts";

describe.each(PLACES)("journal of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("gives records back in the order of their calls, also after a new start", async () => {
    const numbers = await Promise.all([
      tested.store.journal.append([utf8("a"), utf8("b")]),
      tested.store.journal.append([utf8("c")]),
      tested.store.journal.append([]),
      tested.store.journal.append([utf8("")]),
    ]);
    expect(numbers).toEqual([0, 2, 3, 3]);
    const expected = ["a", "b", "c", ""].map((text, sequence) => ({
      sequence,
      bytes: utf8(text),
    }));
    expect(await tested.store.journal.load()).toEqual(expected);
    await tested.reopen();
    expect(await tested.store.journal.load()).toEqual(expected);
    expect(await tested.store.journal.append([utf8("next")])).toBe(4);
  });

  it("forgets what is pruned and never gives a number twice", async () => {
    for (let i = 0; i < 5; i++) await tested.store.journal.append([utf8(`${i}`)]);
    await tested.store.journal.pruneBelow(3);
    expect((await tested.store.journal.load()).map((record) => record.sequence)).toEqual([3, 4]);
    await tested.store.journal.pruneBelow(2);
    await tested.store.journal.pruneBelow(99);
    expect(await tested.store.journal.load()).toEqual([]);
    await tested.reopen();
    expect(await tested.store.journal.load()).toEqual([]);
    expect(await tested.store.journal.append([utf8("new")])).toBe(5);
    await tested.reopen();
    expect(await tested.store.journal.load()).toEqual([{ sequence: 5, bytes: utf8("new") }]);
  });

  it("is pruned by a commit in the same batch", async () => {
    for (let i = 0; i < 4; i++) await tested.store.journal.append([utf8(`${i}`)]);
    await tested.store.chain.commit({ ...sampleCommit(1), pruneJournalBelow: 3 });
    await tested.reopen();
    expect((await tested.store.journal.load()).map((record) => record.sequence)).toEqual([3]);
    expect((await tested.store.blocks.loadTip())?.height).toBe(1);
  });
});

describe.each(PLACES)("a journal and a commit in one turn of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("A5: share a sync, and the commit may drop the record that was appended before it", async () => {
    const { journal, chain, figures } = tested.store;
    const before = figures.syncs.count;
    expect(journal.next).toBe(0);
    const appended = journal.append([utf8("a"), utf8("b")]);
    expect(journal.next).toBe(2);
    await Promise.all([
      appended,
      chain.commit({ ...sampleCommit(1), pruneJournalBelow: 1 }),
      journal.append([utf8("c")]),
    ]);
    expect(figures.syncs.count - before).toBe(1);
    await tested.reopen();
    expect((await tested.store.journal.load()).map((record) => record.sequence)).toEqual([1, 2]);
  });
});

describe.each(PLACES)("seals of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("finds the lowest seal at or above a height, and the highest", async () => {
    expect(await tested.store.seals.loadHighest()).toBeUndefined();
    for (const at of [64, 70, 300])
      await tested.store.seals.save(height(at), bytesNamed(`${at}`, 64));
    const from = async (at: number) => (await tested.store.seals.loadAtOrAbove(height(at)))?.height;
    expect([await from(0), await from(64), await from(65), await from(71)]).toEqual([
      64, 64, 70, 300,
    ]);
    expect(await from(301)).toBeUndefined();
    expect(await tested.store.seals.loadHighest()).toEqual({
      height: 300,
      seal: bytesNamed("300", 64),
    });
    expect(await tested.store.seals.load(height(70))).toEqual(bytesNamed("70", 64));
    expect(await tested.store.seals.load(height(71))).toBeUndefined();
  });

  it("S11: shows one that waits for another write, alone and among those that are written", async () => {
    const { seals } = tested.store;
    for (const at of [5, 9]) await seals.save(height(at), bytesNamed(`${at}`, 64));
    const waiting = [3, 7, 12].map((at) => seals.saveWithNext(height(at), bytesNamed(`${at}`, 64)));
    const check = async () => {
      const from = async (at: number) => (await seals.loadAtOrAbove(height(at)))?.height;
      const found = [await from(1), await from(3), await from(4), await from(6), await from(10)];
      expect(found).toEqual([3, 3, 5, 7, 12]);
      expect((await seals.loadHighest())?.height).toBe(12);
      expect(await seals.load(height(7))).toEqual(bytesNamed("7", 64));
    };
    await check();
    await seals.flush();
    await Promise.all(waiting);
    await check();
  });

  it("S11: writes one that waits with the next write, in its batch, or when it is closed", async () => {
    const { seals, journal, figures } = tested.store;
    const before = figures.syncs.count;
    const first = seals.saveWithNext(height(1), bytesNamed("1", 64));
    await Promise.all([first, journal.append([utf8("a")])]);
    expect(figures.syncs.count - before).toBe(1);
    const last = seals.saveWithNext(height(2), bytesNamed("2", 64));
    await tested.reopen();
    await last;
    expect(await tested.store.seals.load(height(1))).toEqual(bytesNamed("1", 64));
    expect(await tested.store.seals.load(height(2))).toEqual(bytesNamed("2", 64));
  });

  it("forgets one that waits for another write", async () => {
    const { seals } = tested.store;
    const waiting = seals.saveWithNext(height(1), bytesNamed("1", 64));
    await seals.forget(height(1));
    await waiting;
    expect(await seals.load(height(1))).toBeUndefined();
    await tested.reopen();
    expect(await tested.store.seals.load(height(1))).toBeUndefined();
  });
});

describe.each(PLACES)("registrations of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("replaces a registration only when told to, and answers with what is held", async () => {
    const member = validatorIndex(3);
    const newer = (number: number) => (held: Bytes) => (held[0] ?? 0) < number;
    const save = (number: number) =>
      tested.store.registrations.save(member, Uint8Array.of(number), newer(number));
    expect(await Promise.all([save(1), save(3), save(2)])).toEqual([
      { saved: true },
      { saved: true },
      { saved: false, held: Uint8Array.of(3) },
    ]);
    await tested.reopen();
    expect(await save(3)).toEqual({ saved: false, held: Uint8Array.of(3) });
    expect(await tested.store.registrations.load()).toEqual(new Map([[member, Uint8Array.of(3)]]));
  });
});

describe.each(PLACES)("journal identity of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("A1: is created once and counts every start", async () => {
    expect(await tested.store.journalIdentity.load()).toBeUndefined();
    const first = { journalId: bytesNamed("first") };
    const expected = { ...first, starts: 1, firstView: 1, amnesiac: false, rejoined: false };
    expect(await tested.store.journalIdentity.countStart(first)).toEqual(expected);
    await tested.reopen();
    const second = { journalId: bytesNamed("second") };
    expect(await tested.store.journalIdentity.countStart(second)).toEqual({
      ...expected,
      starts: 2,
    });
    const verdict = { ...expected, starts: 2, amnesiac: true };
    await tested.store.journalIdentity.save(verdict);
    await tested.reopen();
    expect(await tested.store.journalIdentity.load()).toEqual(verdict);
    const rejoined = { ...verdict, firstView: 7, amnesiac: false, rejoined: true };
    await tested.store.journalIdentity.save(rejoined);
    await tested.reopen();
    expect(await tested.store.journalIdentity.load()).toEqual(rejoined);
  });
});

describe.each(PLACES)("custody journal of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("keeps the first bytes of a caller's id, also between concurrent calls", async () => {
    const entry = { caller: "alice", id: "1" };
    const answers = await Promise.all([
      tested.store.custody.putIfAbsent(entry, utf8("first")),
      tested.store.custody.putIfAbsent(entry, utf8("second")),
      tested.store.custody.putIfAbsent({ caller: "alice1", id: "" }, utf8("other")),
    ]);
    expect(answers).toEqual([utf8("first"), utf8("first"), utf8("other")]);
    await tested.reopen();
    expect(await tested.store.custody.putIfAbsent(entry, utf8("third"))).toEqual(utf8("first"));
    expect(await tested.store.custody.load(entry)).toEqual(utf8("first"));
    expect(await tested.store.custody.load({ caller: "bob", id: "1" })).toBeUndefined();
  });
});

describe.each(PLACES)("evidence of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  const of = (member: number, kind: FaultKind = "conflictingNotarize") => ({
    member: validatorIndex(member),
    kind,
  });

  it("is kept once each, of one fault up to its bound, and stays so after a new start", async () => {
    const { store } = tested;
    expect(await store.evidence.append(of(3), utf8("first"))).toBe("stored");
    expect(await store.evidence.append(of(3), utf8("first"))).toBe("known");
    const second = store.evidence.append(of(3), utf8("second"));
    const third = store.evidence.append(of(3), utf8("third"));
    expect([await second, await third]).toEqual(["stored", "full"]);
    await tested.reopen();
    expect(await tested.store.evidence.load()).toEqual([utf8("first"), utf8("second")]);
    expect(await tested.store.evidence.append(of(3), utf8("third"))).toBe("full");
    expect(await tested.store.evidence.append(of(3), utf8("second"))).toBe("known");
  });

  it("of one member takes no room from another's, nor from its own of another kind", async () => {
    const flood = Array.from({ length: 2 * LIMITS.evidenceRecordsMax }, (_, i) => utf8(`${i}`));
    await Promise.all(flood.map((evidence) => tested.store.evidence.append(of(3), evidence)));
    const first: [Fault, string][] = [
      [of(3, "differingResult"), "of the same member"],
      [of(LIMITS.validatorsMax - 1), "of another"],
      [of(0), "of the first"],
    ];
    for (const [fault, evidence] of first) {
      expect(await tested.store.evidence.append(fault, utf8(evidence))).toBe("stored");
    }
    await tested.reopen();
    const held = await tested.store.evidence.load();
    const texts = held.map((bytes) => Buffer.from(bytes).toString());
    expect(texts).toEqual(["of the first", "0", "1", "of the same member", "of another"]);
  });
});

describe.each(PLACES)("votes seen of others in a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("are replaced one by one and outlive the process", async () => {
    const { witnessedVotes } = tested.store;
    await witnessedVotes.save(
      new Map([
        [validatorIndex(0), utf8("zero")],
        [validatorIndex(3), utf8("three")],
      ]),
    );
    await witnessedVotes.save(new Map([[validatorIndex(3), utf8("newer")]]));
    await tested.reopen();
    expect(await tested.store.witnessedVotes.load()).toEqual(
      new Map([
        [validatorIndex(0), utf8("zero")],
        [validatorIndex(3), utf8("newer")],
      ]),
    );
  });
});
