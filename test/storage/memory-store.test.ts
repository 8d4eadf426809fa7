import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { MemoryDisk, openMemoryStore } from "../../src/storage/memory-store.ts";
import { identity } from "./crash-record.ts";
import { sampleCommit } from "./sample-chain.ts";
import { codeOf, expectChain } from "./store-checks.ts";

describe("memory disk", () => {
  it("that is full refuses every write until a new start, and goes on reading", async () => {
    const disk = new MemoryDisk();
    const store = await openMemoryStore({ identity, disk });
    await store.chain.commit(sampleCommit(1));
    disk.failure = new Error("ENOSPC: no space left on device");
    const failed = store.chain.commit(sampleCommit(2));
    await expect(failed).rejects.toThrow(/no space left on device.*start the node again/);
    disk.failure = undefined;
    const later = store.journal.append([utf8("later")]).catch((error: unknown) => error);
    expect(codeOf(await later)).toBe("writeFailed");
    await expectChain(store, 1);
    await store.close();
    const after = await openMemoryStore({ identity, disk });
    await after.chain.commit(sampleCommit(2));
    await expectChain(after, 2);
  });

  it("loses what was not acknowledged when it crashes, and nothing else", async () => {
    const disk = new MemoryDisk();
    const before = await openMemoryStore({ identity, disk });
    await before.chain.commit(sampleCommit(1));
    const lost = before.journal.append([utf8("lost")]).catch((error: unknown) => error);
    disk.crash();
    expect(codeOf(await lost)).toBe("writeFailed");
    const after = await openMemoryStore({ identity, disk });
    await expectChain(after, 1);
    expect(await after.journal.load()).toEqual([]);
    expect(codeOf(await before.chain.commit(sampleCommit(2)).catch((e: unknown) => e))).toBe(
      "closed",
    );
  });
});
