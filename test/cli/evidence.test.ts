// The evidence that a node keeps can be listed, exported, and verified with the genesis alone. A file with evidence
// may be hostile.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { offlineContext } from "../../src/cli/stopped-store.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { judgeEvidence } from "../../src/node/verify/evidence.ts";
import { fromHex } from "../../src/primitives/bytes.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { openDataFolder } from "../../src/storage/data-folder.ts";
import { LAYOUTS, presentLayout } from "../../src/storage/layouts.ts";
import { openStore } from "../../src/storage/store-factory.ts";
import { encodeSignedVerification, encodeVerification } from "../../src/transport/verification.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { namedSigningKey } from "../support/operations.ts";
import { countersignHere as countersign } from "./in-process.ts";
import { configOf, whileServed } from "./served-evidence.ts";

/** A real node's store, with evidence of each form (test/storage/fixtures/record.ts). */
const FIXTURE = join(import.meta.dirname, `../storage/fixtures/layout-${presentLayout(LAYOUTS)}`);
const GENESIS = join(FIXTURE, "genesis.json");

interface FileRecord {
  bytes: string;
  block?: { headers: string[]; finalization: string };
}

let home: string;
let file: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-evidence-"));
  file = join(home, "evidence.json");
  await cp(join(FIXTURE, "data"), join(home, "data"), { recursive: true });
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const run = (...args: string[]) => countersign(["evidence", ...args], { cwd: home });
const stopped = () => ["--data", join(home, "data"), "--genesis", GENESIS];

async function exported(): Promise<{ networkId: string; records: FileRecord[] }> {
  const { code, error } = await run("export", ...stopped(), "--out", file);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  return JSON.parse(await readFile(file, "utf8"));
}

/** The output of `verify` for the file after this change. */
async function verifyWith(change: (records: FileRecord[]) => void) {
  const content = await exported();
  change(content.records);
  await writeFile(file, JSON.stringify(content));
  return run("verify", file, "--genesis", GENESIS);
}

describe("evidence of a running node", () => {
  it("is that of the same node when it is stopped, and is exported alike", async () => {
    const config = join(home, "config.json");
    const place = { home, genesis: GENESIS };
    await writeFile(config, configOf(place));
    const listed = () => run("list", "--config", config, "--json");
    const whenStopped = await listed();
    expect(whenStopped).toMatchObject({ code: 0, error: "" });
    await whileServed(place, async (asked) => {
      expect(await listed()).toEqual(whenStopped);
      // The store is held by the node: only the node can have answered.
      expect(asked).toEqual(["list", "get", "get"]);
      expect(await run("export", "--config", config, "--out", file)).toMatchObject({ code: 0 });
    });
    const { records } = JSON.parse(await readFile(file, "utf8"));
    await rm(file);
    expect((await exported()).records).toEqual(records);
    expect(await run("verify", file, "--genesis", GENESIS)).toMatchObject({ code: 0 });
  });
});

describe("evidence of a stopped node", () => {
  it("is listed with its member, the fault and what was signed", async () => {
    const { code, out } = await run("list", ...stopped(), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      {
        member: "node3",
        kind: "differingResult",
        proven: true,
        what: expect.stringMatching(/^height 1: states block (01){32}, [0-9a-f]{64} is final$/),
      },
      {
        member: "node4",
        kind: "conflictingNotarize",
        proven: true,
        what: expect.stringMatching(
          /^view 7: notarize of (01){32} at height 5 and notarize of (02){32}/,
        ),
      },
    ]);
    expect((await run("list", ...stopped())).out).toMatch(
      /^MEMBER +FAULT +STATE +WHAT\nnode3 +differing/,
    );
  });

  it("is exported to a file that proves it with the genesis alone, and that is not overwritten", async () => {
    await exported();
    await rm(join(home, "data"), { recursive: true });
    const { code, out } = await run("verify", file, "--genesis", GENESIS);
    expect(code).toBe(0);
    expect(out).toMatch(/node3 +differingResult +proven[\s\S]*node4 +conflictingNotarize +proven/);
    await cp(join(FIXTURE, "data"), join(home, "data"), { recursive: true });
    const again = await run("export", ...stopped(), "--out", file);
    expect(again.error).toContain("evidence.json exists; name another file");
  });
});

describe("a record that shows no fault", () => {
  it("hides no other one: it is listed as void, and not handed on", async () => {
    const { storePath: location, engine, networkId } = await openDataFolder(join(home, "data"));
    const store = await openStore({ engine, location, identity: { networkId } });
    const statement = { networkId, sender: validatorIndex(1) };
    const signature = namedSigningKey("identity 1").sign(encodeVerification(statement));
    const fault = { member: validatorIndex(1), kind: "differingResult" } as const;
    await store.evidence.append(fault, encodeSignedVerification({ statement, signature }));
    await store.close();
    const { code, out } = await run("list", ...stopped());
    expect(code).toBe(0);
    expect(out).toMatch(/^- +- +void +states no result$/m);
    expect(out).toMatch(/node3 .* proven[\s\S]*node4 .* proven/);
    expect((await exported()).records).toHaveLength(2);
    expect((await run("verify", file, "--genesis", GENESIS)).code).toBe(0);
  });
});

describe("a file with evidence", () => {
  it("proves nothing to another network", async () => {
    await exported();
    const other = join(home, "other.json");
    await writeFile(other, formatGenesis(createGenesis()));
    const { code, error } = await run("verify", file, "--genesis", other);
    expect(code).toBe(1);
    expect(error).toMatch(
      /is of network [0-9a-f]{64}, not of .*other.json; name the right genesis/,
    );
  });

  it.each<[string, (records: FileRecord[]) => void, RegExp]>([
    [
      "no final block",
      ([first]) => delete first?.block,
      /records\[0\] is signed by node3, but proves no fault/,
    ],
    [
      "the block of another height",
      ([first]) => first?.block?.headers.unshift(first.block.headers[0] ?? ""),
      /records\[0\] has a header that cannot be decoded, or one of another height/,
    ],
    [
      "no header",
      ([first]) => first?.block?.headers.splice(0),
      /"records\[0\].block.headers" is not a list/,
    ],
    [
      "votes that say the same",
      (records) => records.push({ bytes: twice(records[1]?.bytes ?? "") }),
      /records\[2\] cannot be decoded/,
    ],
    [
      "what is no evidence",
      (records) => records.push({ bytes: "00" }),
      /records\[2\] cannot be decoded/,
    ],
    [
      "more than a store keeps",
      (records) => records.push(...Array.from({ length: 1_024 }, () => ({ bytes: "00" }))),
      /"records" is not a list of an allowed length/,
    ],
    [
      "text that is no hexadecimal",
      (records) => records.push({ bytes: "xx" }),
      /"records\[2\].bytes" does not have its form/,
    ],
  ])("with %s is refused by the record", async (_, change, message) => {
    const { code, error, out } = await verifyWith(change);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toMatch(message);
  });

  it("that is no file, or no evidence, is refused by name", async () => {
    expect((await run("verify", home, "--genesis", GENESIS)).error).toMatch(
      /cannot be read \(EISDIR/,
    );
    expect((await run("verify", GENESIS, "--genesis", GENESIS)).error).toMatch(
      /genesis.json is no evidence: "createdAt" is not known/,
    );
  });

  it("proves nothing after the change of any one byte", async () => {
    const { records } = await exported();
    const context = offlineContext(loadGenesis(GENESIS));
    const read = ({ bytes, block }: FileRecord) => ({
      bytes: bytesOf(bytes),
      block: block && {
        headers: block.headers.map(bytesOf),
        finalization: bytesOf(block.finalization),
      },
    });
    for (const record of records) {
      expect(await judgeEvidence(context, inlineChecker, read(record))).toMatchObject({
        proven: true,
      });
      const { bytes, block } = read(record);
      for (const part of [
        bytes,
        ...(block === undefined ? [] : [...block.headers, block.finalization]),
      ]) {
        for (let at = 0; at < part.length; at++) {
          part[at] = (part[at] ?? 0) ^ 0x10;
          const judged = await judgeEvidence(context, inlineChecker, { bytes, block });
          expect(judged, `byte ${at} of ${part.length}`).toBeTypeOf("string");
          part[at] = (part[at] ?? 0) ^ 0x10;
        }
      }
    }
  });
});

/** Replaces the second vote by the first: both have the same length. */
function twice(hex: string): string {
  const tag = 2 * (4 + "countersign/v1/vote-evidence".length);
  const vote = hex.slice(tag, tag + (hex.length - tag) / 2);
  return `${hex.slice(0, tag)}${vote}${vote}`;
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? expect.fail("hexadecimal");
}
