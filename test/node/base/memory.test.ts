import { expect, it } from "vitest";
import { createLog } from "../../../src/node/base/log.ts";
import { MemoryWatch, readMemory } from "../../../src/node/base/memory.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";

/** A watch whose next reading is due when the test says so. */
class Rig {
  readonly lines: string[] = [];
  reading = 0;
  #due: (() => void) | undefined;
  readonly watch: MemoryWatch;

  constructor(reading: number) {
    this.reading = reading;
    const log = createLog("node", "info", (line) => this.lines.push(line));
    this.watch = new MemoryWatch({
      read: () => this.reading,
      after: (_, action) => {
        this.#due = action;
        return () => {
          this.#due = undefined;
        };
      },
      log,
    });
    this.watch.start();
  }

  read(reading: number, times = 1): void {
    this.reading = reading;
    for (let i = 0; i < times; i++) this.#due?.();
  }
}

const MINUTE = 12;
const { noticePart, refusalPart, easedBy } = LIMITS.memory;

it("T15: says that memory runs short long before it refuses, and once", () => {
  const rig = new Rig(0.2);
  rig.read(noticePart + 0.01, 2 * MINUTE);
  expect(rig.lines).toEqual([expect.stringContaining("memory runs short")]);
  expect(rig.watch.isFull).toBe(false);
  rig.read(refusalPart + 0.01, 2 * MINUTE);
  expect(rig.lines).toHaveLength(2);
  expect(rig.watch.isFull).toBe(true);
  expect(rig.watch.used).toBeCloseTo(refusalPart + 0.01);
});

it("takes garbage that a collection takes away for nothing", () => {
  const rig = new Rig(0.2);
  for (let i = 0; i < 5; i++) {
    rig.read(0.95, MINUTE - 2);
    rig.read(0.3);
  }
  expect([rig.watch.isFull, rig.lines]).toEqual([false, []]);
});

it("refuses no more when there is clearly room again, and not at each small change", () => {
  const rig = new Rig(refusalPart);
  expect(rig.watch.isFull).toBe(true);
  rig.read(refusalPart - easedBy / 2);
  expect(rig.watch.isFull).toBe(true);
  rig.read(noticePart - 2 * easedBy);
  expect(rig.watch.isFull).toBe(false);
  expect(rig.lines.at(-1)).toContain("ample again");
});

it("is read from the process: some of it is used, and not all", () => {
  expect(readMemory()).toBeGreaterThan(0);
  expect(readMemory()).toBeLessThan(1);
});
