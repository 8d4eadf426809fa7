/** Goal: the development network starts, stops and resumes as README says, and explains in one line why it does not. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Devnet, type DevnetPlace, devnetFlags, leavePlace, newPlace } from "../support/devnet.ts";
import { COUNTERSIGN, run, untilGone } from "../support/guarded-process.ts";

/** Ends what hangs; that nothing is ended by force is seen in the logs. */
const END_MS = 60_000;

/** Exit code and the lines on standard error. */
async function refusal(
  flags: readonly string[],
): Promise<{ code: number | null; lines: string[] }> {
  const { code, stderr } = await run([...COUNTERSIGN, "devnet", ...flags]);
  return { code, lines: stderr.trim().split("\n") };
}

describe("a development network", () => {
  let place: DevnetPlace;
  let first: Devnet;

  beforeAll(async () => {
    place = await newPlace();
    first = await Devnet.start(place);
  });

  afterAll(async () => {
    await leavePlace(place);
  });

  it("keeps its secrets to their owner", () => {
    for (const { folder } of first.nodes) {
      for (const file of ["passphrase", "tls-key.pem", "data/keys/identity.key.json"]) {
        expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
      }
    }
  });

  it("refuses a port that is taken, in one line", async () => {
    const { code, lines } = await refusal(["--port", `${place.port}`, "--data", `${place.data}2`]);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/port \d+ on 127\.0\.0\.1 cannot be had/)]);
  });

  it("ends every process at Ctrl-C, each in order and none by force, and resumes what it was", async () => {
    const { wallet, receipt } = await first.calls(0).walletCreation({ initialBalance: 700n });
    const before = await first.calls(0).getNetwork({});
    const pids = first.running;
    expect(pids.length).toBeGreaterThanOrEqual(4);
    first.signal("SIGINT", "group");
    console.log(`ended ${(await untilGone(pids, END_MS)).toFixed(0)} ms after Ctrl-C`);
    await first.stop();
    expect(first.logs.match(/"msg":"stopped"/g)).toHaveLength(first.nodes.length);
    expect(first.logs.match(/^.*"level":[4-6]0.*$/gm), "warnings and errors").toBeNull();
    const second = await Devnet.start(place);
    const calls = second.calls(1);
    expect((await calls.getNetwork({})).groupPublicKey).toEqual(before.groupPublicKey);
    // Another node than the one that answered: it may have ended before it had the block, and gets it now.
    const minHeight = receipt?.sealedHeader?.header?.height ?? 0n;
    const found = await calls.getWallet({ id: wallet?.id ?? "", minHeight });
    expect(found.wallet?.balance).toBe(700n);
    await second.stop();
  });

  it("goes on though a dead node's folder is gone; ends its nodes even when it is killed itself", async () => {
    const third = await Devnet.start(place);
    const { name, folder } = third.node(0);
    renameSync(folder, `${folder}.moved`);
    await third.kill(0);
    await expect.poll(() => third.output, { timeout: END_MS }).toContain(`${name} has ended`);
    renameSync(`${folder}.moved`, folder);
    expect(await third.calls(1).getStatus({})).toBeDefined();
    const pids = third.running;
    third.signal("SIGKILL", "parent");
    await untilGone(pids, END_MS);
    await third.stop();
  });

  it("says of nodes that end at their start why they do, and not to start them again", async () => {
    for (const { folder } of first.nodes) rmSync(join(folder, "passphrase"));
    const { code, lines } = await refusal(devnetFlags(place));
    expect(code).toBe(1);
    for (const { name } of first.nodes) {
      const told = new RegExp(`^${name} has ended \\(exit code 1\\): node: .*passphrase`);
      expect(lines.filter((line) => told.test(line))).toHaveLength(1);
    }
    expect(lines.join("\n")).not.toContain("start it again");
    expect(lines.at(-1)).toMatch(/every node has ended/);
  });
});

describe("countersign devnet refuses in one line", () => {
  let home = "";

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "countersign-refusals-"));
  });

  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it.each([
    [["--nodes", "1"], 2, /--nodes is "1", but must be a whole number from 2/],
    [["--nodes", "many"], 2, /--nodes is "many"/],
    [["--port", "80"], 2, /--port is "80"/],
    [["--frsh"], 2, /Unknown option '--frsh'/],
  ])("%j", async (flags, code, text) => {
    const refused = await refusal(flags);
    expect(refused.code).toBe(code);
    expect(refused.lines).toEqual([expect.stringMatching(text)]);
  });

  it("a folder that is half-written", async () => {
    const data = join(home, "half");
    mkdirSync(join(data, "node1"), { recursive: true });
    const { port } = await newPlaceOf();
    const { code, lines } = await refusal(["--data", data, "--port", `${port}`]);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/half-written.*--fresh/)]);
  });

  it("to remove a folder that holds something else", async () => {
    const data = join(home, "foreign");
    mkdirSync(data);
    writeFileSync(join(data, "thesis.txt"), "years of work");
    const { port } = await newPlaceOf();
    const { code, lines } = await refusal(["--data", data, "--port", `${port}`, "--fresh"]);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/is not emptied, because it holds "thesis\.txt"/),
    ]);
    expect(statSync(join(data, "thesis.txt")).size).toBe(13);
  });

  /** A folder with nothing but a free port. */
  async function newPlaceOf(): Promise<{ port: number }> {
    const place = await newPlace();
    await leavePlace(place);
    return place;
  }
});
