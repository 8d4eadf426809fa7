import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import type { Change, KeyValue } from "../../src/storage/key-value.ts";
import { StorageError } from "../../src/storage/storage-errors.ts";
import { WriteQueue } from "../../src/storage/write-queue.ts";

/** An engine whose writes settle when the test says so. */
class HeldEngine implements KeyValue {
  readonly writes: { readonly changes: readonly Change[]; readonly settle: (e?: Error) => void }[] =
    [];

  write(changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.writes.push({
        changes,
        settle: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });
  }

  /** Names of the records that the `at`-th write puts, without the batch number. */
  namesOf(at: number): string[] {
    const changes = this.writes[at]?.changes ?? [];
    return changes.slice(0, -1).map((change) => Buffer.from(change.key).toString());
  }

  get(): undefined {
    return undefined;
  }

  async search(): Promise<undefined> {
    return undefined;
  }

  async getLarge(): Promise<undefined> {
    return undefined;
  }

  async *parts(): AsyncGenerator<never> {
    yield* [];
  }

  async close(): Promise<void> {
    await Promise.all([]);
  }
}

const turn = () => new Promise(setImmediate);
const change = (name: string, bytes = 1): Change => ({
  type: "put",
  key: utf8(name),
  value: new Uint8Array(bytes),
});

function setUp() {
  const engine = new HeldEngine();
  const queue = new WriteQueue(engine, 0);
  const settled: string[] = [];
  const write = (name: string, bytes?: number) =>
    queue.write([change(name, bytes)]).then(
      () => settled.push(name),
      (error: unknown) => {
        settled.push(`${name}: ${error instanceof StorageError ? error.code : error}`);
      },
    );
  const writeWithNext = (name: string) =>
    queue.writeWithNext([change(name)]).then(
      () => settled.push(name),
      (error: unknown) => {
        settled.push(`${name}: ${error instanceof StorageError ? error.code : error}`);
      },
    );
  return { engine, queue, settled, write, writeWithNext };
}

describe("write queue", () => {
  it("A5: acknowledges nothing before the engine has synced it", async () => {
    const { engine, settled, write } = setUp();
    void write("a");
    await turn();
    expect(settled).toEqual([]);
    engine.writes[0]?.settle();
    await turn();
    expect(settled).toEqual(["a"]);
  });

  it("joins what is called in one turn, and what gathers during a write", async () => {
    const { engine, settled, write } = setUp();
    for (const name of ["a", "b"]) void write(name);
    await turn();
    for (const name of ["c", "d", "e"]) void write(name);
    await turn();
    expect(engine.writes).toHaveLength(1);
    expect(engine.namesOf(0)).toEqual(["a", "b"]);
    engine.writes[0]?.settle();
    await turn();
    expect(settled).toEqual(["a", "b"]);
    expect(engine.writes).toHaveLength(2);
    expect(engine.namesOf(1)).toEqual(["c", "d", "e"]);
  });

  it("bounds how much is joined, and still writes one that is larger than the bound", async () => {
    const { engine, write } = setUp();
    const half = 5 * 1024 * 1024;
    for (const name of ["a", "b"]) void write(name, half);
    void write("c", 4 * half);
    for (let at = 0; at < 3; at++) {
      await turn();
      engine.writes[at]?.settle();
    }
    await turn();
    expect([0, 1, 2].map((at) => engine.namesOf(at))).toEqual([["a"], ["b"], ["c"]]);
  });

  it("refuses everything after a failed write, waiting or new", async () => {
    const { engine, queue, settled, write } = setUp();
    void write("a");
    await turn();
    void write("b");
    engine.writes[0]?.settle(new Error("ENOSPC: no space left on device"));
    await turn();
    void write("c");
    await turn();
    expect(settled).toEqual(["a: writeFailed", "b: writeFailed", "c: writeFailed"]);
    expect(engine.writes).toHaveLength(1);
    await expect(queue.drain()).rejects.toThrow("ENOSPC: no space left on device");
    await queue.close();
  });

  it("lets a write that can wait share the sync of the next one, before it in the batch", async () => {
    const { engine, settled, write, writeWithNext } = setUp();
    void writeWithNext("a");
    await turn();
    expect(engine.writes).toHaveLength(0);
    void write("b");
    await turn();
    expect(engine.namesOf(0)).toEqual(["a", "b"]);
    void writeWithNext("c");
    engine.writes[0]?.settle();
    await turn();
    expect(settled).toEqual(["a", "b"]);
    expect(engine.writes).toHaveLength(1);
  });

  it("writes what waits for another write when it is flushed, and else nothing", async () => {
    const { engine, queue, settled, writeWithNext } = setUp();
    await queue.flush();
    void writeWithNext("a");
    void queue.flush().then(() => settled.push("flushed"));
    await turn();
    expect(engine.namesOf(0)).toEqual(["a"]);
    engine.writes[0]?.settle();
    await turn();
    expect(settled).toEqual(["a", "flushed"]);
    await queue.flush();
    expect(engine.writes).toHaveLength(1);
  });

  it("is flushed when a write has settled that was under way already", async () => {
    const { engine, queue, settled, write, writeWithNext } = setUp();
    void writeWithNext("a");
    void write("b");
    await turn();
    void queue.flush().then(() => settled.push("flushed"));
    await turn();
    expect(settled).toEqual([]);
    engine.writes[0]?.settle();
    await turn();
    expect(settled).toEqual(["a", "b", "flushed"]);
    expect(engine.writes).toHaveLength(1);
  });

  it("refuses what waits for another write after a failed one", async () => {
    const { engine, settled, write, writeWithNext } = setUp();
    void write("a");
    await turn();
    void writeWithNext("b");
    engine.writes[0]?.settle(new Error("ENOSPC: no space left on device"));
    await turn();
    expect(settled).toEqual(["a: writeFailed", "b: writeFailed"]);
    expect(engine.writes).toHaveLength(1);
  });

  it("writes what waits for another write before it is closed", async () => {
    const { engine, queue, settled, writeWithNext } = setUp();
    void writeWithNext("a");
    const closing = queue.close().then(() => settled.push("closed"));
    await turn();
    engine.writes[0]?.settle();
    await closing;
    expect(settled).toEqual(["a", "closed"]);
  });

  it("finishes what was called before it is closed", async () => {
    const { engine, queue, settled, write } = setUp();
    void write("a");
    await turn();
    void write("b");
    const closing = queue.close().then(() => settled.push("closed"));
    void write("late");
    for (const at of [0, 1]) {
      await turn();
      engine.writes[at]?.settle();
    }
    await closing;
    expect(settled).toEqual(["late: closed", "a", "b", "closed"]);
  });
});
