import { expect, it } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import { DeadlineTable } from "../../src/primitives/deadline-table.ts";
import { TabulationHash } from "../../src/primitives/tabulation-hash.ts";

const SECONDS = 20_000;
const T = 1_000_000_000;

it("looks at nothing that is not due: thousands of blocks cost less than the ids that they wait for", () => {
  const hash = new TabulationHash(sha256, new Uint8Array(32), 32);
  const table = new DeadlineTable(hash);
  const begun = performance.now();
  for (let second = 0; second < SECONDS; second++) {
    const key = sha256(Uint8Array.of(second >>> 8, second));
    table.set(key, hash.of(key), T + second * 1000);
  }
  const filled = performance.now();
  for (let block = 0; block < 2_000; block++) table.forget(T, 100);
  const asked = performance.now();
  expect(asked - filled).toBeLessThan(filled - begun);
  expect(table.forget(T + 10 * 1000, 4)).toBe(4);
  expect(table.forget(T + 10 * 1000, 100)).toBe(6);
  expect(table.forget(T + SECONDS * 1000, SECONDS)).toBe(SECONDS - 10);
  expect(table.size).toBe(0);
});
