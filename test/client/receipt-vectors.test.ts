/**
 * Goal: an author of a verifier in another language has receipts to accept, and receipts that fail each check of
 * docs/signing.md and no other. Method: this code, verifiers/python and verifiers/go judge the cases as texts, and the cases are
 * compared with test/vectors/receipts.json. To change that file on purpose, run with UPDATE_VECTORS=1.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { type Bytes, toHex, utf8 } from "../../src/primitives/bytes.ts";
import { DECLINE_REASONS } from "../../src/primitives/result.ts";
import { quorumOf } from "../../src/primitives/validators.ts";
import { CANCELLED, isNeverMade } from "./cancelled-cases.ts";
import { GO_MODULE, GoJudge, goCommand, HAS_GO } from "./go-judge.ts";
import { ACCEPTED, REFUSED } from "./receipt-cases.ts";
import { JudgeProcess, judge, SIGNED } from "./receipt-judges.ts";
import { genesis, networkId } from "./workshop.ts";

const FILE = new URL("../vectors/receipts.json", import.meta.url);

/** The JSON path at which this project's verifier reports a failing check. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  "1.1": /^$/,
  "1.2": /^(index|sealPending)?$/,
  "1.3": /^$/,
  "1.4": /^(keyCertificate\.)?(memo)?$|^sealedHeader$/,
  "1.5": /./,
  "1.6": /^(leaf|sealedHeader\.seal)$/,
  "1.7": /./,
  "1.8": /^(sealPending|finalization|sealedHeader(\.header)?|keyCertificate)$/,
  "2.1": /^leaf$/,
  "2.2": /^leaf$/,
  "2.3": /^leaf$/,
  "2.4": /^leaf$/,
  "2.5": /^leaf$/,
  "2.6": /^leaf$/,
  "3.1": /^headers$/,
  "3.2": /^sealedHeader\.bytes$/,
  "3.3": /^sealedHeader\.bytes$/,
  "3.4": /^sealedHeader\.bytes$/,
  "3.5": /^(headers\[1\]|sealedHeader\.bytes)$/,
  "4.1": /^path$/,
  "4.2": /^path$/,
  "4.3": /^path$/,
  "5.1": /^sealedHeader\.header$/,
  "5.2": /^keyCertificate\.bytes$/,
  "5.3": /^keyCertificate\.networkId$/,
  "5.4": /^keyCertificate\.epoch$/,
  "5.5": /^keyCertificate\.threshold$/,
  "5.6": /^keyCertificate\.groupPublicKey$/,
  "5.7": /^keyCertificate\.bytes$/,
  "5.8": /^keyCertificate\.signatures$/,
  "5.9": /^keyCertificate\.signatures$/,
  "5.10": /^keyCertificate\.signatures$/,
  "5.11": /^sealedHeader\.header\.epoch$/,
  "5.12": /^sealedHeader\.seal$/,
  "6.1": /^finalization$/,
  "6.2": /^finalization$/,
  "6.3": /^finalization$/,
  "6.4": /^finalization$/,
  "6.5": /^finalization$/,
  "6.6": /^finalization$/,
};

/** Cases that are only too large are not in the file. */
function isOfFileSize({ text }: { readonly text: Bytes }): boolean {
  return text.length <= 65_536;
}

/** Text as it is; other bytes in hexadecimal. */
function written(text: Bytes): { readonly text: string } | { readonly hex: string } {
  const read = new TextDecoder("utf-8", { ignoreBOM: true }).decode(text);
  return toHex(utf8(read)) === toHex(text) ? { text: read } : { hex: toHex(text) };
}

const found = {
  genesis: JSON.parse(formatGenesis(genesis)),
  networkId: toHex(networkId),
  quorums: [2, 3, 4, 5, 6, 7, 10, 31, 99, 100].map((members) => {
    return { members, quorum: quorumOf(members) };
  }),
  operations: Object.fromEntries(
    Object.entries(SIGNED).map(([name, bytes]) => [name, toHex(bytes)]),
  ),
  receipts: [...ACCEPTED, ...REFUSED.filter(isOfFileSize)].map(
    ({ name, check = "", operation, text }) => {
      const { outcome: verdict, sealed } = judge(operation, text);
      return { name, operation, verdict, sealed, check, ...written(text) };
    },
  ),
  cancelled: CANCELLED,
};

if (process.env["UPDATE_VECTORS"] === "1") {
  writeFileSync(FILE, `${JSON.stringify(found, undefined, 2)}\n`);
}

it("the vectors are what this code writes, and judges", () => {
  expect(JSON.parse(readFileSync(FILE, "utf8"))).toEqual(JSON.parse(JSON.stringify(found)));
});

it("every check that docs/signing.md lists has a receipt that fails it", () => {
  const page = readFileSync(new URL("../../docs/signing.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| (\d+\.\d+) \|/gm)].map(([, number]) => number);
  expect(listed).toEqual(Object.keys(FIELDS));
  expect([...new Set(REFUSED.map(({ check }) => check))].sort()).toEqual([...listed].sort());
});

it("check 2.5 counts the reasons to decline that there are", () => {
  const page = readFileSync(new URL("../../docs/signing.md", import.meta.url), "utf8");
  const [, last] = /^\| 2\.5 \|.* decline reason, 1 to (\d+)\. \|$/m.exec(page) ?? [];
  expect(Number(last)).toBe(DECLINE_REASONS.length);
});

it("docs/signing.md shows every name of a genesis", () => {
  const page = readFileSync(new URL("../../docs/signing.md", import.meta.url), "utf8");
  const shown = /```json\n(\{\n {2}"createdAt"[\s\S]*?)```/.exec(page)?.[1] ?? "";
  expect(namesIn(JSON.parse(shown))).toEqual(namesIn(found.genesis));
});

/** The names in all objects of a value, by path; for a list, those of its first item. */
function namesIn(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return namesIn(value[0], `${path}[]`);
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value)
    .flatMap(([name, item]) => namesIn(item, `${path}.${name}`))
    .sort();
}

it.each(ACCEPTED)("a receipt $name is accepted", ({ operation, text }) => {
  const { outcome, field } = judge(operation, text);
  expect(outcome).toMatch(/^(applied|declined)$/);
  expect(field).toBe("");
});

it.each(REFUSED)("a receipt $name is refused ($check)", ({ operation, text, check = "" }) => {
  const { outcome, field } = judge(operation, text);
  expect(outcome).toBe("invalid");
  expect(field).toMatch(FIELDS[check] ?? /^no such check/);
});

it.each(CANCELLED)("L28: a cancellation, of $name: never made is $never", ({ name, never }) => {
  const place = CANCELLED.findIndex((other) => other.name === name);
  expect(isNeverMade(place)).toBe(never);
});

describe("the verifier in Python", () => {
  let python: JudgeProcess;
  beforeAll(() => {
    python = JudgeProcess.python();
  });
  afterAll(() => python.close());

  it("accepts the same", async () => {
    for (const { name, operation, text } of ACCEPTED) {
      const [verdict] = await python.texts(operation, [text]);
      expect(verdict, name).toBe(judge(operation, text).outcome.charAt(0));
    }
  });

  it("refuses the same, by the check that was broken", async () => {
    for (const { name, operation, text, check } of REFUSED) {
      expect(await python.texts(operation, [text]), name).toEqual([check]);
    }
  });

  it("would accept each of these without that check: nothing else is wrong with it", async () => {
    const alone = REFUSED.filter(({ only }) => only);
    expect(new Set(alone.map(({ check }) => check)).size).toBeGreaterThan(30);
    for (const { name, operation, text, check } of alone) {
      const [verdict] = await python.texts(operation, [text], check);
      expect(verdict, name).toMatch(/^[ad]$/);
    }
  });
});

describe.runIf(HAS_GO)("the verifier in Go", () => {
  let go: GoJudge;
  beforeAll(() => {
    go = new GoJudge();
  });
  afterAll(() => go.close());

  it("accepts the same", async () => {
    for (const { name, operation, text } of ACCEPTED) {
      const [verdict] = await go.judge.texts(operation, [text]);
      expect(verdict, name).toBe(judge(operation, text).outcome.charAt(0));
    }
  });

  it("refuses the same, by the check that was broken", async () => {
    for (const { name, operation, text, check } of REFUSED) {
      expect(await go.judge.texts(operation, [text]), name).toEqual([check]);
    }
  });

  it("L28: rules out the same payments", async () => {
    expect(await go.judge.cancelled(CANCELLED)).toEqual(CANCELLED.map(({ never }) => `${never}`));
  });

  it("passes the tests of its own, has Go's form, and needs nothing but Go's standard library", () => {
    expect(execFileSync("gofmt", ["-l", GO_MODULE], { encoding: "utf8" })).toBe("");
    goCommand("vet", "./...");
    // Go would take a result that it remembers, because the vectors are outside the module.
    goCommand("test", "-count=1", "./...");
    const packages = goCommand(
      "list",
      "-deps",
      "-f",
      "{{if not .Standard}}{{.ImportPath}}{{end}}",
      "./...",
    );
    expect(packages.trim().split("\n")).toEqual([
      "countersign.example/verify",
      "countersign.example/verify/cmd/countersign-verify",
    ]);
  });
});
