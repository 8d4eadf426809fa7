// `countersign bench` refuses targets that are not on loopback, and reports a node that is not there.
// test/e2e/commands.test.ts tests the load itself.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { countersignHere as countersign } from "./in-process.ts";

let folder: string;
/** This machine, but no loopback address; what has only a loopback is called nowhere. */
const OWN = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)?.address;
/** No program listens on port 1. */
const ADDRESSES = ["127.0.0.1:1", "127.example.org:1", `${OWN ?? "192.0.2.1"}:1`, "localhost:1"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const genesis = createGenesis();
  const validators = genesis.validators.map((validator, place) => {
    return { ...validator, clientAddress: ADDRESSES[place] ?? "" };
  });
  await writeFile(join(folder, "genesis.json"), formatGenesis({ ...genesis, validators }));
});

afterAll(() => rm(folder, { recursive: true }));

const bench = (...args: string[]) => countersign(["bench", "--network", folder, ...args]);

describe("bench", () => {
  it("loads nothing beyond loopback, under any name", async () => {
    const { code, out, error } = await bench();
    expect({ code, out }).toEqual({ code: EXIT.failed, out: "" });
    expect(error).toMatch(
      /^countersign: bench: node-2 is at 127\.example\.org:1, which is not loopback; .*--allow-remote/,
    );
    expect((await bench("--node", "node-3")).error).toMatch(
      /^countersign: bench: node-3 is at [0-9.]+:1, which is not loopback/,
    );
  });

  it("does so when told, and names the node that does not answer", async () => {
    const named = OWN === undefined ? "node-1" : "node-3";
    for (const [node, ...flags] of [["node-1"], [named, "--allow-remote"]] as const) {
      const { code, error } = await bench("--node", node, ...flags);
      expect(code).toBe(EXIT.failed);
      expect(error).toMatch(
        new RegExp(`^countersign: bench: no answer from ${node} \\(.*:1\\) \\(.*--node\\n$`),
      );
    }
  });

  it.each([
    ["--seconds", "0", /must be a whole number from 1 to 600/],
    ["--payers", "1", /must be a whole number from 2 to 1000/],
  ])("refuses %s %s", async (option, value, line) => {
    const { code, error } = await bench(option, value);
    expect(code).toBe(EXIT.usage);
    expect(error).toMatch(line);
  });
});
