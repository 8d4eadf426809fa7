import fc from "fast-check";
import { expect, it } from "vitest";
import { DeadlineIndex } from "../../src/primitives/deadline-index.ts";

const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), deadline: fc.nat({ max: 5_000 }) }),
  fc.record({ kind: fc.constant("delete" as const), which: fc.nat({ max: 20 }) }),
  fc.record({
    kind: fc.constant("take" as const),
    earliest: fc.nat({ max: 5_500 }),
    max: fc.integer({ min: 1, max: 5 }),
  }),
);

it("finds the earliest deadline and takes out what is over, as a list that is looked through does", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const index = new DeadlineIndex<object>();
      let model: { readonly thing: object; readonly deadline: number }[] = [];
      for (const one of steps) {
        if (one.kind === "add") {
          const item = { thing: {}, deadline: one.deadline };
          index.add(item.thing, item.deadline);
          model.push(item);
        } else if (one.kind === "delete") {
          const item = model[one.which];
          if (item === undefined) continue;
          index.delete(item.thing, item.deadline);
          model = model.filter((other) => other !== item);
        } else {
          const taken = new Set(index.takeBefore(one.earliest, one.max));
          const over = model.filter(({ deadline }) => deadline < one.earliest);
          expect(taken.size).toBe(Math.min(one.max, over.length));
          expect(over.filter(({ thing }) => taken.has(thing))).toHaveLength(taken.size);
          model = model.filter(({ thing }) => !taken.has(thing));
        }
        for (const from of [0, 999, 1_000, 2_500, 6_000]) {
          const later = model
            .map(({ deadline }) => deadline)
            .filter((deadline) => deadline >= from);
          const earliest = later.length === 0 ? undefined : Math.min(...later);
          expect(index.firstFrom(from)).toBe(earliest);
        }
      }
    }),
  );
});

it("nothing happens when a thing is deleted that is not there", () => {
  const index = new DeadlineIndex<string>();
  index.add("a", 1_500);
  index.delete("b", 1_500);
  index.delete("a", 9_000);
  expect(index.firstFrom(0)).toBe(1_500);
});
