import { expect, it } from "vitest";
import { RecencyMap } from "../../src/primitives/recency-map.ts";

it("a recency map begins with the entry that was used longest ago", () => {
  const map = new RecencyMap<string, number>();
  for (const [place, key] of ["a", "b", "c"].entries()) map.set(key, place);
  expect(map.get("a")).toBe(0);
  expect(map.get("d")).toBeUndefined();
  map.set("b", 7);
  expect([...map]).toEqual([
    ["c", 2],
    ["a", 0],
    ["b", 7],
  ]);
  for (const [key] of map) if (map.size > 1) map.delete(key);
  expect([...map]).toEqual([["b", 7]]);
});

it("a recency map that remembers few entries drops the one that was used longest ago", () => {
  const map = new RecencyMap<string, number>();
  for (const [place, key] of ["a", "b"].entries()) map.remember(key, place, 2);
  expect(map.get("a")).toBe(0);
  map.remember("c", 2, 2);
  expect([...map]).toEqual([
    ["a", 0],
    ["c", 2],
  ]);
});
