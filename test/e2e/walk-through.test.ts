/** Goal: four operators who follow docs/operations.md on one machine get one network, over IPv4, IPv6 and names. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-ports.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { sweep } from "../support/sweep.ts";
import { type Machine, WALK_MS, type Walk, walkThrough } from "./operators-walk.ts";

type Way = readonly [string, readonly string[]];

const NAMES = ["alpha", "bravo", "charlie", "delta"];
const IPV4: Way = ["IPv4", ["127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"]];
const MIXED: Way = ["all families and a name", ["127.0.0.1", "[::1]", "localhost", "[::1]"]];
const IPV6: Way = ["IPv6", ["[::1]", "[::1]", "[::1]", "[::1]"]];
const WAYS = sweep({ whole: [IPV4, MIXED, IPV6], share: [MIXED] });

/** The blocks as they are printed, with ports of its own and listening on loopback alone. */
async function walkOnLoopback(hosts: readonly string[]): Promise<Walk> {
  const home = mkdtempSync(join(tmpdir(), "countersign-operators-"));
  const port = await freePort(4);
  const members = NAMES.map((name, i): Machine => {
    const host = hosts[i] ?? "";
    const adapt = (text: string) =>
      text
        .replaceAll("'[::]:7", `"$HOST":'7`)
        .replaceAll("7101", `${port + 100 + i}`)
        .replaceAll("7001", `${port + i}`);
    return { name, host, command: [], adapt };
  });
  const client = { name: "client", host: "", command: [], adapt: (text: string) => text };
  try {
    return await walkThrough(home, members, client);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

describe.each(WAYS)("on %s", (_, hosts) => {
  const isSkipped = !hasIpv6 && hosts.includes("[::1]");
  let walk: Walk;

  beforeAll(async () => {
    if (!isSkipped) walk = await walkOnLoopback(hosts);
  }, WALK_MS + 20_000);

  it.skipIf(isSkipped)(
    "every block runs to its end, and every node ends with 0 when told to",
    () => {
      expect(walk.code, walk.output).toBe(0);
      expect(walk.output.match(/^== \w+$/gm)).toHaveLength(11);
    },
  );

  it.skipIf(isSkipped)("all operators see one network id, and the payment on another node", () => {
    const [hash] = /^[0-9a-f]{64}$/m.exec(walk.output) ?? [];
    for (const node of NAMES) {
      expect(walk.output).toContain(`${node} is set up for network ${hash}`);
    }
    expect(walk.output).toMatch(/receipt +valid: applied, sealed/);
    expect(walk.output.match(/"balance":"\d+"/g)).toEqual(['"balance":"25"', '"balance":"25"']);
    expect(walk.output).toMatch(/^4 of 4 nodes are ready/m);
    expect(walk.output).toContain("UNAUTHENTICATED");
  });
});
