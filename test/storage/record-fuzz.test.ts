/**
 * Goal: for any bytes in a record, with a right or a wrong checksum, a store either reads the record or reports it as
 * damaged. Method: a store with a record of each kind. One record is replaced by cut or random bytes, removed, or put under
 * another key; then everything is read. RECORD_SEED repeats a run.
 */
import { describe, expect, it } from "vitest";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import { protect } from "../../src/storage/checksum.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { singleKey } from "../../src/storage/keys.ts";
import { LAYOUTS, presentLayout } from "../../src/storage/layouts.ts";
import { MemoryDisk, openMemoryStore } from "../../src/storage/memory-store.ts";
import { putLayout, putMigration } from "../../src/storage/schema.ts";
import { StorageCorruption, StorageError } from "../../src/storage/storage-errors.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";
import { identity } from "./crash-record.ts";
import {
  busyWallet,
  bytesNamed,
  operationKeyAt,
  sampleBlock,
  sampleCommit,
  walletNamed,
} from "./sample-chain.ts";
import { collect } from "./store-checks.ts";

const SEED = Number(process.env["RECORD_SEED"] ?? Date.now() % 1_000_000);
const BLOCKS = 3;
const RECORDS_OF_KIND = 3;
const ROUNDS = sweep({ whole: 40, all: 12, share: 3 });
/** A schema record may also be that of another version or network. */
const OF_SCHEMA: readonly string[] = ["newerSchema", "olderSchema", "foreignNetwork"];

const stored = await storedEntries();

/** A record of every kind but that of a migration, which no store at rest has. */
async function storedEntries(): Promise<ReadonlyMap<string, Bytes>> {
  const disk = new MemoryDisk();
  const store = await openMemoryStore({ identity, disk });
  for (let at = 1; at <= BLOCKS; at++) await store.chain.commit(sampleCommit(at));
  const above = BLOCKS + 10;
  await store.chain.startFrom(sampleCommit(above));
  await store.journal.append([utf8("said"), utf8("and said"), utf8("again")]);
  await store.journal.pruneBelow(1);
  await store.seals.save(height(2), bytesNamed("seal", 64));
  const registration = utf8("registration");
  await store.registrations.save(validatorIndex(1), registration, () => true);
  await store.witnessedVotes.save(new Map([[validatorIndex(1), utf8("vote")]]));
  await store.journalIdentity.countStart({ journalId: bytesNamed("journal", 16) });
  await store.custody.putIfAbsent({ caller: "open", id: "1" }, utf8("signed"));
  const fault = { member: validatorIndex(1), kind: "differingResult" } as const;
  await store.evidence.append(fault, utf8("proof"));
  await store.close();
  return disk.entries;
}

/** Everything that a node reads, and a start that counts itself. */
async function readAll(store: Store): Promise<void> {
  const { blocks, operations, seals } = store;
  const tip = await blocks.loadTip();
  for (const at of [1, 2, BLOCKS, tip?.height ?? 0].map(height)) {
    await blocks.loadBlock(at);
    await blocks.loadFinalization(at);
    await blocks.loadHeightOf(sampleBlock(at).hash);
    await operations.loadResults(at);
    await operations.loadOperation(operationKeyAt(at, 0));
    await operations.loadCreation(walletNamed(`created ${at}`));
    await seals.load(at);
    await seals.loadAtOrAbove(at);
  }
  const range = { from: place(0), to: place(1_000), newestFirst: true };
  await collect(store.statements.entries(busyWallet, range));
  await collect(store.statements.declines(busyWallet, range));
  await seals.loadHighest();
  await collect(store.state.wallets());
  await store.state.loadCeremony();
  await store.journal.load();
  await store.registrations.load();
  await store.witnessedVotes.load();
  await store.custody.load({ caller: "open", id: "1" });
  await store.evidence.load();
  await store.readAll();
  await store.journalIdentity.countStart({ journalId: bytesNamed("other", 16) });
}

const place = (at: number) => ({ height: height(at), index: 0 });

/** The error of opening and reading a store with these records; undefined if there is none. */
async function errorOf(entries: ReadonlyMap<string, Bytes>): Promise<unknown> {
  const disk = new MemoryDisk();
  for (const [key, value] of entries) disk.entries.set(key, value);
  try {
    const store = await openMemoryStore({ identity, disk });
    await readAll(store).finally(() => store.close());
    return undefined;
  } catch (error) {
    return error;
  }
}

function isDamage(key: string, error: unknown): boolean {
  if (error === undefined || error instanceof StorageCorruption) return true;
  const isSchema = key === Buffer.from(singleKey("schema")).toString("latin1");
  return isSchema && error instanceof StorageError && OF_SCHEMA.includes(error.code);
}

function drawn(random: Random, length: number): Bytes {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Bytes in the place of `value`, which has its checksum behind it. */
function replacements(random: Random, key: Bytes, value: Bytes): readonly Bytes[] {
  const content = value.subarray(0, value.length - 4);
  const cut = content.slice(0, random.below(content.length + 1));
  const changed = Uint8Array.from(content);
  changed.set(
    drawn(random, Math.min(4, changed.length)),
    random.below(Math.max(1, changed.length - 3)),
  );
  const whole = [cut, changed, drawn(random, content.length), drawn(random, random.below(40))];
  const high = new Uint8Array(content.length).fill(0xff);
  const longer = Uint8Array.from([...content, 0]);
  return [
    ...[new Uint8Array(), high, longer, ...whole].map((bytes) => protect(key, bytes)),
    // Without a checksum of their own.
    new Uint8Array(),
    value.slice(0, random.below(value.length)),
    drawn(random, value.length),
  ];
}

const keyOf = (text: string): Bytes => Buffer.from(text, "latin1");

describe(`a store with one wrong record (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const kinds = new Set(
    [...stored.keys()].map((key) => (key.startsWith("m") ? key : key.slice(0, 1))),
  );

  it("has a record of every kind", () => {
    expect([...kinds].sort().join(" ")).toBe("b c d e f g h j k l mc mh mi mj ms mt n o r s v w x");
  });

  it.each([...kinds].sort())("says that it is damaged, or reads it: %s", async (kind) => {
    const records = [...stored].filter(([key]) => key.startsWith(kind));
    for (const [key, value] of random.sample(records, Math.min(records.length, RECORDS_OF_KIND))) {
      for (let round = 0; round < ROUNDS; round++) {
        for (const other of replacements(random, keyOf(key), value)) {
          const error = await errorOf(new Map([...stored, [key, other]]));
          const shown = Buffer.from(other).toString("hex");
          if (!isDamage(key, error))
            throw new Error(`${keyOf(key).toString()}: ${shown}`, { cause: error });
        }
      }
    }
  });

  it.each([...kinds].sort())(
    "says that it is damaged, or reads it, under a key of its own: %s",
    async (kind) => {
      for (let round = 0; round < 5 * ROUNDS; round++) {
        const key = kind + Buffer.from(drawn(random, random.below(20))).toString("latin1");
        const value = protect(keyOf(key), drawn(random, random.below(40)));
        const error = await errorOf(new Map([...stored, [key, value]]));
        if (!isDamage(key, error))
          throw new Error(`key ${keyOf(key).toString()}`, { cause: error });
      }
    },
  );
});

describe("a store whose schema", () => {
  const schemaKey = Buffer.from(singleKey("schema")).toString("latin1");

  it.each([0, 1, 2, 33])("has %i bytes is damaged", async (length) => {
    const schema = keyOf(schemaKey);
    const content = Buffer.alloc(length, 0);
    if (length >= 2) content.writeUInt16BE(presentLayout(LAYOUTS));
    const error = await errorOf(new Map([...stored, [schemaKey, protect(schema, content)]]));
    expect(error).toBeInstanceOf(StorageCorruption);
    expect(`${error}`).toMatch(/the store's own record schema: it cannot be decoded: .*rejoin/);
  });

  it("tells of an upgrade to a layout to which none leads is damaged", async () => {
    const entries = new Map(stored);
    const { oldest } = LAYOUTS;
    for (const change of [
      putLayout(oldest, identity.networkId),
      putMigration({ cursor: utf8("1") }),
    ]) {
      if (change.type === "put")
        entries.set(Buffer.from(change.key).toString("latin1"), change.value);
    }
    const disk = new MemoryDisk();
    for (const [key, value] of entries) disk.entries.set(key, value);
    const upgrade = { report: () => expect.fail("there is no such upgrade") };
    const steps = [
      { name: "it", growth: 0, batches: () => expect.fail("there is no such upgrade") },
    ];
    const opened = openMemoryStore({ identity, disk, upgrade, layouts: { oldest, steps } });
    await expect(opened).rejects.toThrow(StorageCorruption);
    await expect(opened).rejects.toThrow(
      `record migration: it names an upgrade to layout ${oldest}, to which no step leads`,
    );
  });

  it("is put back is read again", async () => {
    expect(await errorOf(stored)).toBeUndefined();
  });
});
