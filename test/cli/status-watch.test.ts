/** `countersign status --watch` writes a line for each look where no terminal is, draws anew on one, and ends well on Ctrl-C. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../support/free-ports.ts";
import { COUNTERSIGN, GuardedProcess } from "../support/guarded-process.ts";
import { countersignHere } from "./in-process.ts";

const LIMIT_MS = 60_000;

let home: string;
let watch: readonly string[];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-status-watch-"));
  const port = await freePort(4);
  for (const [place, node] of ["alpha", "bravo"].entries()) {
    const peer = `127.0.0.1:${port + place}`;
    const client = `127.0.0.1:${port + 2 + place}`;
    const addresses = ["--peer-address", peer, "--client-address", client];
    const made = await countersignHere([
      "keygen",
      "--node",
      node,
      ...addresses,
      "--out",
      join(home, node),
    ]);
    expect(made).toMatchObject({ code: 0 });
  }
  const members = ["alpha", "bravo"].map((node) => join(home, node, "member.json"));
  const out = join(home, "genesis.json");
  const composed = await countersignHere([
    "genesis",
    "compose",
    ...members,
    "--issuers",
    "alpha",
    "--out",
    out,
  ]);
  expect(composed).toMatchObject({ code: 0 });
  watch = ["status", "--genesis", out, "--watch", "--interval", "1"];
});
afterAll(() => {
  rmSync(home, { recursive: true });
});

const LINE =
  /^\S+Z 0 of 2 nodes are ready, 2 are a quorum, height 0; alpha gives no answer .*; bravo /gm;

it("without a terminal it writes one line for each look, and Ctrl-C ends it with the code of the last one", async () => {
  const child = new GuardedProcess([...COUNTERSIGN, ...watch]);
  await child.until(() => (child.stdout.match(LINE) ?? []).length >= 2, LIMIT_MS);
  child.signal("SIGINT");
  expect(await child.ended).toMatchObject({ code: 1, signal: null });
  expect(child.stderr).toBe("");
  expect(child.stdout.replace(LINE, "").trim().split("\n").length).toBeLessThanOrEqual(3);
  expect(child.stdout).not.toContain("\u001b");
});

it("with --json it writes one value on each line", async () => {
  const child = new GuardedProcess([...COUNTERSIGN, ...watch, "--json"]);
  await child.until(() => child.stdout.split("\n").length >= 3, LIMIT_MS);
  child.signal("SIGINT");
  expect(await child.ended).toMatchObject({ code: 1, signal: null });
  const [first = ""] = child.stdout.split("\n");
  expect(JSON.parse(first)).toMatchObject({
    ready: false,
    nodes: [{ id: "alpha" }, { id: "bravo" }],
  });
});

it("on a terminal it draws the whole table anew", async () => {
  const words = [...COUNTERSIGN, ...watch].map((word) => `'${word}'`).join(" ");
  const child = new GuardedProcess(["script", "-qec", words, "/dev/null"]);
  const drawn = () => child.stdout.split("\u001b[H").slice(1);
  await child.until(() => drawn().length >= 3, LIMIT_MS);
  // The key Ctrl-C, of which the terminal makes a signal.
  child.feed("\u0003");
  await child.ended;
  for (const one of drawn().slice(0, 2)) {
    expect(one).toMatch(/node .*\r?\n?.*alpha .*no answer.*\r?\n?.*bravo .*no answer/s);
    expect(one).toContain("\u001b[J");
  }
});
