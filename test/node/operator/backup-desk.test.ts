/** A backup of a store that goes on: as of one moment, one at a time, on the socket alone, and over when it is not read on. */
import { beforeEach, expect, it } from "vitest";
import { type Caller, SOCKET_CALLER } from "../../../src/access/principal.ts";
import { scopeSet } from "../../../src/access/scope.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { BackupDesk } from "../../../src/node/operator/backup-desk.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { decodeRecords } from "../../../src/storage/backup-records.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import type { Entry } from "../../../src/storage/key-value.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { BackupInfo } from "../../../src/transport/operator-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { networkId } from "../../transport/identities.ts";

const remote: Caller = { principal: "token:ops", scopes: scopeSet(["operate", "read:all"]) };

let store: Store;
let desk: BackupDesk;
/** The end for want of a question; undefined while none is awaited. */
let end: (() => void) | undefined;

beforeEach(async () => {
  store = await openMemoryStore({ identity: { networkId } });
  end = undefined;
  const after = (_: number, action: () => void) => {
    end = action;
    return () => {
      end = undefined;
    };
  };
  desk = new BackupDesk({
    ...{ store, networkId, nodeId: "node1", log: createLog("test", "silent") },
    system: { after, entropy: realSystem.entropy },
  });
});

function begun(): BackupInfo {
  const info = desk.begin(SOCKET_CALLER);
  return info instanceof Refusal ? expect.fail(info.message) : info;
}

async function read(id: Uint8Array, offset: number): Promise<Uint8Array> {
  const piece = await desk.read({ id, offset });
  return piece instanceof Refusal ? expect.fail(piece.message) : piece;
}

async function* pieces(id: Uint8Array): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (;;) {
    const piece = await read(id, offset);
    if (piece.length === 0) return;
    expect(piece.length).toBeLessThanOrEqual(LIMITS.backupAnswerBytesMax);
    offset += piece.length;
    yield piece;
  }
}

it("A10: holds every record but the journal, however the store goes on", async () => {
  await store.journal.append([new Uint8Array([1])]);
  await store.journal.pruneBelow(1);
  await store.journal.append([new Uint8Array([2])]);
  await store.journalIdentity.countStart({ journalId: new Uint8Array([3]) });
  const large = new Uint8Array(300_000).fill(7);
  for (let at = 1; at <= 20; at++)
    await store.custody.putIfAbsent({ caller: "a", id: `${at}` }, large);
  const { id } = begun();
  const copy: Entry[] = [];
  let added = 20;
  for await (const entry of decodeRecords(pieces(id))) {
    copy.push(entry);
    if (added < 40) await store.custody.putIfAbsent({ caller: "b", id: `${added++}` }, large);
  }
  const letters = copy.map(({ key }) => String.fromCharCode(key[0] ?? 0));
  expect(letters.filter((letter) => letter === "k")).toHaveLength(20);
  expect(letters.filter((letter) => letter === "j" || letter === "n")).toEqual([]);
  const keys = copy.map(({ key }) => Buffer.from(key).toString("latin1"));
  expect(keys.filter((key) => key.startsWith("m"))).toEqual(["mi", "ms"]);
});

it("is of one node at a time, and another begins after its end", async () => {
  const { id } = begun();
  expect(desk.begin(SOCKET_CALLER)).toMatchObject({ reason: "LIMIT" });
  expect(desk.end(new Uint8Array(16))).toMatchObject({ reason: "NOT_FOUND" });
  expect(desk.end(id)).toBeUndefined();
  expect(await desk.read({ id, offset: 0 })).toMatchObject({ reason: "NOT_FOUND" });
  expect(begun().id).not.toEqual(id);
});

it("gives the last piece again, and no other than the next one", async () => {
  const { id } = begun();
  const first = await read(id, 0);
  expect(await read(id, 0)).toEqual(first);
  expect(await desk.read({ id, offset: first.length + 1 })).toMatchObject({
    reason: "MALFORMED",
    field: "offset",
  });
  expect(await read(id, first.length)).toHaveLength(0);
});

it("ends if it is not read on, and not while it is read", async () => {
  const { id } = begun();
  const piece = desk.read({ id, offset: 0 });
  expect(end).toBeUndefined();
  await piece;
  end?.();
  expect(await desk.read({ id, offset: 0 })).toMatchObject({ reason: "NOT_FOUND" });
  begun();
});

it("is not given over the network", () => {
  expect(desk.begin(remote)).toMatchObject({ reason: "PERMISSION_DENIED" });
});
