/** Goal: four operators who follow docs/operations.md get one network, with addresses of any family. */
import { beforeAll, describe, expect, it } from "vitest";
import { hasIpv6 } from "../support/ipv6.ts";
import { sweep } from "../support/sweep.ts";
import { WALK_MS, type Walk, walkThrough } from "./operators-walk.ts";

type Way = readonly [string, readonly string[]];

const DOCUMENTED: Way = ["IPv4, as written", ["127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"]];
const MIXED: Way = ["all families and a name", ["127.0.0.1", "[::1]", "localhost", "[::1]"]];
const IPV6: Way = ["IPv6", ["[::1]", "[::1]", "[::1]", "[::1]"]];
const WAYS = sweep({ all: [DOCUMENTED, MIXED, IPV6], share: [DOCUMENTED, MIXED] });

describe.each(WAYS)("on %s", (_, hosts) => {
  const isSkipped = !hasIpv6 && hosts.includes("[::1]");
  let walk: Walk;

  beforeAll(async () => {
    if (!isSkipped) walk = await walkThrough(hosts);
  }, WALK_MS + 20_000);

  it.skipIf(isSkipped)(
    "every block runs to its end, and every node ends with 0 when told to",
    () => {
      expect(walk.code, walk.output).toBe(0);
      expect(walk.output.match(/^== \w+$/gm)).toHaveLength(6);
    },
  );

  it.skipIf(isSkipped)("all operators see one network id, and the payment on another node", () => {
    const [hash] = /^[0-9a-f]{64}$/m.exec(walk.output) ?? [];
    expect(walk.output).toContain(`network id  ${hash}`);
    for (const node of ["alpha", "bravo", "charlie", "delta"]) {
      expect(walk.output).toContain(`${node} is set up for network ${hash}`);
    }
    expect(walk.output).toMatch(/receipt +valid: applied, sealed/);
    expect(walk.output).toMatch(/balance +0\.25 EUR/);
  });
});
