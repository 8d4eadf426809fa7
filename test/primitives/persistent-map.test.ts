import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PersistentMap } from "../../src/primitives/persistent-map.ts";

type Step = { readonly key: string; readonly value: number | undefined };

const steps = fc.array(
  fc.record({
    key: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789"),
    value: fc.option(fc.nat({ max: 99 }), { nil: undefined }),
  }),
  { maxLength: 300 },
);

/** Sets the value; deletes the key if there is no value. */
function perform(map: PersistentMap<string, number>, step: Step): PersistentMap<string, number> {
  return step.value === undefined ? map.delete(step.key) : map.set(step.key, step.value);
}

function sorted(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}

describe("properties", () => {
  it("does what a Map does, in key order", () => {
    fc.assert(
      fc.property(steps, (list) => {
        let map = PersistentMap.empty<string, number>();
        const model = new Map<string, number>();
        for (const step of list) {
          map = perform(map, step);
          if (step.value === undefined) model.delete(step.key);
          else model.set(step.key, step.value);
          expect(map.size).toBe(model.size);
          expect(map.get(step.key)).toBe(model.get(step.key));
        }
        expect([...map.entries()]).toEqual(sorted(model));
        expect(map.first()).toEqual(sorted(model)[0]);
        for (const from of ["a", "5", "m", "~"]) {
          expect(map.firstFrom(from)).toEqual(sorted(model).find(([key]) => key >= from));
        }
      }),
    );
  });

  it("leaves the maps it was made from as they were", () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const old = before.reduce(perform, PersistentMap.empty<string, number>());
        const entries = [...old.entries()];
        after.reduce(perform, old);
        expect([...old.entries()]).toEqual(entries);
      }),
    );
  });
});

it("deleting a key that is not there gives the same map", () => {
  const map = PersistentMap.empty<string, number>().set("a", 1);
  expect(map.delete("b")).toBe(map);
});

// A tree that is not balanced runs out of stack long before this many keys in a row.
it.each([
  ["ascending", 1],
  ["descending", -1],
])("takes 100,000 %s keys and loses them from one end", (_, step) => {
  let map = PersistentMap.empty<number, number>();
  for (let i = 0; i < 100_000; i++) map = map.set(i * step, i);
  expect(map.size).toBe(100_000);
  for (let i = 0; i < 99_999; i++) map = map.delete(i * step);
  expect([...map.entries()]).toEqual([[99_999 * step, 99_999]]);
});
