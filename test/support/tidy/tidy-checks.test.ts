// Each tidy check is shown a small bad sample that it must refuse and a good one that it must pass.
import { describe, expect, it } from "vitest";
import { checkClocks, checkTimers } from "./clocks.ts";
import { checkHeads, checkSilencers } from "./conventions.ts";
import { checkDomainTags, TAGS_FILE } from "./domain-tags.ts";
import { checkDuplicates } from "./duplicates.ts";
import { checkEpochs } from "./epochs.ts";
import { checkLayers } from "./layers.ts";
import { checkPortability } from "./portability.ts";
import { bannedWords, checkDocComments, checkWords } from "./prose.ts";
import { checkPurity } from "./purity.ts";
import { checkReachability } from "./reachability.ts";
import { checkCore, checkFileLengths, checkFunctionLengths, noteLongFiles } from "./sizes.ts";
import { type Finding, formatFindings, parseSource, type SourceFile } from "./source.ts";
import { checkTracked } from "./tracked.ts";
import { checkFileNames, checkTypeNames } from "./unique-names.ts";
import { checkNodeFile, checkSpreadParts, functionProperties } from "./wiring.ts";

type Check = (files: readonly SourceFile[]) => Finding[];

const messages = (check: Check, path: string, text: string) =>
  check([parseSource(path, text)]).map(({ line, message }) => `${line}: ${message}`);

describe("epochs", () => {
  it.each([
    ["src/node/a.ts", 'import { FIRST_EPOCH } from "../ledger/epochs.ts";', "FIRST_EPOCH"],
    ["src/node/a.ts", "const n = this.#parts.context.genesis.validators.length;", "members"],
    ["src/client/a.ts", "const n = genesis.validators;", "members"],
    ["src/node/a.ts", "const { validators } = parts.genesis;", "members"],
  ])("refuse in %s: %s", (path, text, expected) => {
    expect(messages(checkEpochs, path, text)).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ["src/ledger/a.ts", "const n = genesis.validators;"],
    ["src/cli/a.ts", "const n = genesis.validators;"],
    ["src/node/a.ts", "const { validators } = parts.judges; const { limits } = genesis;"],
  ])("pass in %s: %s", (path, text) => {
    expect(messages(checkEpochs, path, text)).toEqual([]);
  });
});

describe("modules of the browser", () => {
  const check = (...texts: readonly string[]) => {
    const files = texts.map((text, i) => parseSource(`src/${i}.ts`, text));
    return checkPortability(files, ["src/0.ts"]).map(({ path, message }) => `${path}: ${message}`);
  };

  it.each([
    [
      'import { hash } from "node:crypto";',
      "src/0.ts: browsers load this file and have no node:crypto",
    ],
    ['import "sodium-native";', "src/0.ts: browsers load this file and have no sodium-native"],
    ["const a = Buffer.from(b);", "src/0.ts: browsers load this file and have no Buffer"],
    ["const a = process.env;", "src/0.ts: browsers load this file and have no process"],
    ["setImmediate(f);", "src/0.ts: browsers load this file and have no setImmediate"],
    ['const a = await import("./2.ts");', "src/2.ts: browsers load this file and have no node:fs"],
  ])("refuse %s", (text, expected) => {
    const found = check(text, "", 'import fs from "node:fs";');
    expect(found).toEqual([expected]);
  });

  it("are followed through what they import", () => {
    const found = check('export { a } from "./1.ts";', 'import "node:fs"; export const a = 1;');
    expect(found).toEqual(["src/1.ts: browsers load this file and have no node:fs"]);
  });

  it("may take types from anywhere, and small packages", () => {
    const text = `import type { Node } from "./1.ts"; import { sha256 } from "@noble/hashes/sha2.js";
      import { create } from "@bufbuild/protobuf"; const Buffer = 1; export const a = Buffer;`;
    expect(check(text, 'import "node:fs";')).toEqual([]);
  });

  it("exist", () => {
    expect(checkPortability([], ["src/0.ts"])).toHaveLength(1);
  });
});

describe("prose", () => {
  it.each([
    ["/** What a block holds. */", "What"],
    ["// Who speaks first.\nconst a = 1;", "Who"],
    ["/**\n * How long it waits.\n */", "How"],
    ["interface A {\n  /** Whether it is final. */\n  readonly b: boolean;\n}", "Whether"],
  ])("refuses %j", (text, expected) => {
    expect(messages(checkDocComments, "src/a.ts", text)).toEqual([
      expect.stringContaining(`starts with ${expected}`),
    ]);
  });

  it.each(["/** A block. */", "/** Whatsoever. */", "\n// What now?", "\n/* How so */"])(
    "passes %j",
    (text) => {
      expect(messages(checkDocComments, "src/a.ts", text)).toEqual([]);
    },
  );

  it("finds each word that the page bans, in any case and across a line", () => {
    const banned = bannedWords("- These words do not occur: `nobody`, `made of`.\n- `other`");
    expect(banned).toEqual(["nobody", "made of"]);
    const text = "Nobody knows.\nIt is made\nof parts, and remade offers are others.";
    expect(checkWords([{ path: "docs/a.md", text }], banned).map(({ line }) => line)).toEqual([
      1, 2,
    ]);
  });
});

describe("the wiring of a node", () => {
  it.each([
    ["new Desk({ ...parts });", checkSpreadParts],
    ["new Desk({ pool, ...this.#parts });", checkSpreadParts],
    ["export interface DeskParts { readonly ask: (peer: number) => void }", functionProperties],
    ["interface DeskParts { ask?: () => void }", functionProperties],
  ] as const)("refuses: %s", (text, check) => {
    expect(messages(check, "src/node/desk.ts", text)).toHaveLength(1);
    expect(messages(check, "src/client/desk.ts", text)).toEqual([]);
  });

  it.each([
    ["new Desk({ pool: parts.pool, links: [...links] });", checkSpreadParts],
    ["open({ ...parts });", checkSpreadParts],
    ["interface Desk { readonly pool: Pool; ask(peer: number): void }", functionProperties],
  ] as const)("passes: %s", (text, check) => {
    expect(messages(check, "src/node/desk.ts", text)).toEqual([]);
  });

  it("keeps node.ts short", () => {
    const check: Check = (files) => checkNodeFile(files, 2);
    expect(messages(check, "src/node/node.ts", "1;\n2;\n")).toEqual([]);
    expect(messages(check, "src/node/node.ts", "1;\n2;\n3;\n")).toHaveLength(1);
  });
});

describe("layers", () => {
  it.each([
    ["src/ledger/a.ts", 'import { b } from "../node/b.ts";', "layer 1"],
    ["src/ledger/a.ts", 'import type { B } from "../mempool/b.ts";', "layer 1"],
    ["src/mempool/a.ts", 'import { b } from "../consensus/b.ts";', "siblings of layer 2"],
    ["src/node/a.ts", 'export { b } from "../client/b.ts";', "siblings of layer 4"],
    ["src/storage/a.ts", 'export * from "../transport/b.ts";', "siblings of layer 3"],
    ["src/ledger/a.ts", 'const b = await import("../cli/b.ts");', "layer 5"],
    ["src/ledger/a.ts", 'type B = import("../cli/b.ts").B;', "layer 5"],
    ["src/node/a.ts", 'new Worker(new URL("../cli/b.ts", import.meta.url));', "layer 5"],
    ["src/ledger/a.ts", 'import { b } from "../../gen/b_pb.ts";', "generated"],
    ["src/ledger/a.ts", 'import { b } from "../../test/b.ts";', "must not import test/b.ts"],
    ["src/shop/a.ts", "export const a = 1;", "no place in the layers"],
    ["src/cli/a.ts", 'import { b } from "../shop/b.ts";', "no place in the layers"],
    ["src/node/base/a.ts", 'import { b } from "../sync/b.ts";', "src/node/sync (layer 2)"],
    ["src/node/sync/a.ts", 'import { b } from "../sealing/b.ts";', "siblings of layer 2"],
    ["src/node/clients/a.ts", 'import { b } from "../node.ts";', "src/node (layer 6)"],
    ["src/node/base/a.ts", 'import { b } from "../../cli/b.ts";', "src/cli (layer 5)"],
    ["src/node/shop/a.ts", "export const a = 1;", "src/node/shop has no place in the layers"],
  ])("refuse in %s: %s", (path, text, expected) => {
    expect(messages(checkLayers, path, text)).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ["src/ledger/a.ts", 'import { b } from "../primitives/b.ts"; import { c } from "./c.ts";'],
    [
      "src/node/a.ts",
      'import { b } from "../storage/b.ts"; import { c } from "../../gen/c_pb.ts";',
    ],
    ["src/cli/a.ts", 'import { b } from "../client/b.ts"; import { readFile } from "node:fs";'],
    ["src/ledger/a.ts", 'const text = \'import { b } from "../node/b.ts"\'; // "../node/b.ts"'],
    ["src/node/sync/a.ts", 'import { b } from "../base/b.ts"; import { c } from "./c.ts";'],
    ["src/node/a.ts", 'import { b } from "./clients/b.ts"; import { c } from "./c.ts";'],
    ["src/types/a.d.ts", 'declare module "a" { const a: number; }'],
  ])("allow in %s: %s", (path, text) => {
    expect(messages(checkLayers, path, text)).toEqual([]);
  });
});

describe("code that stands twice", () => {
  const whole = (name: string, text: string) =>
    [
      `export function ${name}(items: readonly string[]): number {`,
      `  let ${name}Sum = 0;`,
      `  for (const item of items) {`,
      `    if (item === "${text}") continue;`,
      `    const size = item.length * 2;`,
      `    ${name}Sum += size;`,
      `    // A comment and an empty line are no code.`,
      "",
      `    while (${name}Sum > 10) {`,
      `      ${name}Sum -= 3;`,
      `      if (!ready(${name}Sum)) break;`,
      `    }`,
      `  }`,
      `  assert(${name}Sum >= 0, "${text}");`,
      `  return ${name}Sum;`,
      `}`,
    ].join("\n");

  it("is found under other names and texts, in one file and in two", () => {
    const twice = `${whole("first", "one")}\n\n${whole("second", "another text")}\n`;
    expect(messages(checkDuplicates, "src/a.ts", twice)).toEqual([
      expect.stringMatching(/^18: .* src\/a\.ts:1$/),
    ]);
    const files = ["first", "second"].map((name) =>
      parseSource(`src/${name}.ts`, `import { x } from "./${name}.ts";\n${whole(name, name)}\n`),
    );
    expect(checkDuplicates(files).map(({ path }) => path)).toEqual(["src/second.ts"]);
  });

  it("is no list, no table and no shorter run", () => {
    const list = Array.from({ length: 40 }, (_, i) => `register("name ${i}", ${i}, [${i}]);`);
    expect(messages(checkDuplicates, "src/a.ts", list.join("\n"))).toEqual([]);
    const rows = Array.from({ length: 9 }, (_, i) => `a${i}: ${i % 2 ? "{ b: 1 }" : '["c"]'},`);
    const table = `const a = {\n${rows.join("\n")}\n};\n`;
    expect(messages(checkDuplicates, "src/a.ts", table + table.replace("a =", "b ="))).toEqual([]);
    const shorter = whole("first", "one").replace("let firstSum = 0;", "let firstSum = other();");
    const text = `${shorter.replace("firstSum -= 3", "firstSum = 3")}\n${whole("second", "two")}`;
    expect(messages(checkDuplicates, "src/a.ts", text)).toEqual([]);
  });
});

describe("names", () => {
  const files = (text: string, ...paths: string[]) => paths.map((path) => parseSource(path, text));

  it("of two files are refused if they are the same", () => {
    const found = checkFileNames(files("", "src/a/x.ts", "src/b/x.ts", "src/b/y.ts"));
    expect(formatFindings(found)).toEqual(["src/b/x.ts: has the name of src/a/x.ts"]);
  });

  it.each(["export class Tip {}", "export interface Tip {}", "export type Tip = 1;"])(
    "of two exported types are refused if they are the same: %s",
    (text) => {
      const twice = checkTypeNames(files(text, "src/a/x.ts", "src/b/y.ts"));
      expect(twice.map(({ path }) => path)).toEqual(["src/b/y.ts"]);
      const own = [...files(text, "src/a/x.ts"), ...files(text.slice(7), "src/b/y.ts")];
      expect(checkTypeNames(own)).toEqual([]);
    },
  );
});

describe("the node's clock", () => {
  it.each([
    ["const at = Date.now();", "Date"],
    ["setTimeout(() => {}, 1);", "setTimeout"],
    ["const a = AbortSignal.timeout(1);", "AbortSignal.timeout"],
    ["const a = Math.random();", "Math.random"],
    ["const a = process.hrtime();", "process.hrtime"],
    ['import { setTimeout as wait } from "node:timers/promises";', "setTimeout of node:timers"],
    ['import { performance } from "node:perf_hooks";', "performance of node:perf_hooks"],
    ['import { randomBytes } from "node:crypto";', "randomBytes of node:crypto"],
    ['import * as crypto from "node:crypto";', "* of node:crypto"],
    ['import { entropy, sha256 } from "../base/crypto.ts";', "entropy"],
  ])("is not the machine's: %s", (text, expected) => {
    const path = "src/node/sync/a.ts";
    expect(messages(checkClocks, path, text)).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ["src/node/sync/a.ts", "const a = Math.max(1, 2); const b = AbortSignal.any([]);"],
    ["src/node/sync/a.ts", 'import { setImmediate } from "node:timers/promises";'],
    [
      "src/node/sync/a.ts",
      'import { hash } from "node:crypto"; import { sha256 } from "../base/crypto.ts";',
    ],
    ["src/node/base/system.ts", 'const at = Date.now(); import { entropy } from "./crypto.ts";'],
    ["src/node/base/crypto.ts", 'import { randomBytes } from "node:crypto";'],
    ["src/transport/a.ts", "setTimeout(() => {}, 1);"],
  ])("allows in %s: %s", (path, text) => {
    expect(messages(checkClocks, path, text)).toEqual([]);
  });
});

describe("timers", () => {
  it.each([
    ["setTimeout(() => {}, ms);", "setTimeout"],
    ["const a = setInterval(() => {}, ms);", "setInterval"],
    ["const a = AbortSignal.timeout(ms);", "AbortSignal"],
    ['import { setTimeout as sleep } from "node:timers/promises";', "setTimeout of"],
    ['import * as timers from "node:timers";', "* of"],
  ])("%s is found everywhere but where delays are checked", (text, expected) => {
    const found = messages(checkTimers, "src/cli/a.ts", text);
    expect(found).toEqual([expect.stringContaining(expected)]);
    expect(messages(checkTimers, "src/transport/timers.ts", text)).toEqual([]);
  });

  it("allows what waits for no time", () => {
    const text = 'import { setImmediate } from "node:timers/promises"; AbortSignal.any([]);';
    expect(messages(checkTimers, "src/cli/a.ts", text)).toEqual([]);
  });
});

describe("purity", () => {
  it.each([
    ["const a = Date.now();", "Date"],
    ["export const a = (at: Date) => at;", "Date"],
    ["const a = Math.random();", "Math.random"],
    ["const { random } = Math;", "Math.random"],
    ['const a = Math["random"]();', "Math.random"],
    ["setTimeout(() => {}, 1);", "setTimeout"],
    ["queueMicrotask(() => {});", "queueMicrotask"],
    ["const a = process.env;", "process"],
    ["const a = `${process.pid}`;", "process"],
    ["console.log(1);", "console"],
    ["const a = { Date };", "Date"],
    ["const a = performance.now();", "performance"],
    ["const a = crypto.subtle;", "crypto"],
    ["function a(crypto: string) { return crypto; } const b = crypto;", "crypto"],
    ["const a = ((x = Buffer) => x)();", "Buffer"],
    ["const a = globalThis;", "globalThis"],
    ["const a = import.meta.url;", "import.meta"],
    ['const a = "x".localeCompare("y");', "localeCompare"],
    ['import { hash } from "node:crypto";', "node:crypto"],
    ['import { hash } from "crypto";', "crypto"],
    ['import pino from "pino";', "pino"],
    ['const a = await import("./b.ts");', "./b.ts"],
  ])("refuses %s", (text, expected) => {
    const found = messages(checkPurity, "src/consensus/a.ts", text);
    expect(found).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ["const a = Math.max(1, 2);"],
    ["interface A { Date: number; process(): void } const a = (b: A) => b.Date;"],
    ["function a(crypto: { hash: string }) { return crypto.hash; }"],
    ["const a = { performance: 1, console: 2 };"],
    ["for (const process of [1]) { const { fetch } = { fetch: process }; a(fetch); }"],
    ["try { a(); } catch (self) { b(self); }"],
    ["type Box<Date> = { readonly value: Date };"],
    ['const a = "Date.now()"; // process.exit(1)'],
    ['import { sha256 } from "@noble/hashes/sha2.js"; import { b } from "../primitives/b.ts";'],
  ])("allows %s", (text) => {
    expect(messages(checkPurity, "src/consensus/a.ts", text)).toEqual([]);
  });

  it("asks nothing of folders that are not pure", () => {
    expect(messages(checkPurity, "src/node/a.ts", "console.log(Date.now());")).toEqual([]);
  });
});

describe("sizes", () => {
  const lines = (count: number) => "a();\n".repeat(count);

  it("refuse a file of 501 lines and note one of 301", () => {
    expect(messages(checkFileLengths, "src/cli/a.ts", lines(501))).toHaveLength(1);
    expect(messages(checkFileLengths, "src/cli/a.ts", lines(500))).toEqual([]);
    expect(messages(noteLongFiles, "src/cli/a.ts", lines(301))).toHaveLength(1);
    expect(messages(noteLongFiles, "src/cli/a.ts", lines(300))).toEqual([]);
  });

  it("refuse a core that is too long together, a long file beside it, and one that is not there", () => {
    const core = { folder: "src/core", names: ["a.ts", "b.ts"], max: 500 };
    const check = (...counts: readonly [string, number][]) =>
      checkCore(
        counts.map(([name, count]) => parseSource(`src/core/${name}.ts`, lines(count))),
        core,
      ).map(({ path, message }) => `${path}: ${message}`);
    expect(check(["a", 250], ["b", 250], ["c", 300])).toEqual([]);
    expect(check(["a", 251], ["b", 250])).toEqual(["src/core: 501 lines, more than 500"]);
    expect(check(["a", 1], ["b", 1], ["c", 301])).toHaveLength(1);
    expect(check(["a", 1])).toEqual(["src/core/b.ts: no such file"]);
  });

  it.each([
    ["function a() {\n", "}\n"],
    ["const a = async () => {\n", "};\n"],
    ["class A { b() {\n", "} }\n"],
    ["const a = { get b() {\n", "} };\n"],
    ['it("a", () => {\n', "});\n"],
  ])("refuse 71 lines and allow 70 in %s", (head, tail) => {
    const check = (count: number) =>
      messages(checkFunctionLengths, "src/cli/a.ts", head + lines(count) + tail);
    expect(check(69)).toEqual(["1: a function of 71 lines, at most 70 are allowed"]);
    expect(check(68)).toEqual([]);
  });

  it("leave the length of a group of tests alone", () => {
    const group = (head: string) =>
      messages(checkFunctionLengths, "test/a.test.ts", `${head}\n${lines(80)}});\n`);
    expect(group('describe("a", () => {')).toEqual([]);
    expect(group('describe.each([1])("a", () => {')).toEqual([]);
    expect(group('other("a", () => {')).toHaveLength(1);
  });
});

describe("domain tags", () => {
  const tags = (body: string) => parseSource(TAGS_FILE, `export const TAGS = {${body}} as const;`);
  const good = tags('a: "countersign/v1/a", b: "countersign/v1/b"');

  it("refuse a value that appears twice", () => {
    const twice = tags('a: "countersign/v1/a", b: "countersign/v1/a"');
    expect(checkDomainTags([twice])).toHaveLength(1);
    expect(checkDomainTags([good])).toEqual([]);
  });

  it("refuse a value of another form, and a file without any", () => {
    expect(checkDomainTags([tags('a: "header"')])).toHaveLength(1);
    expect(checkDomainTags([tags("")])).toHaveLength(1);
    expect(checkDomainTags([])).toHaveLength(1);
  });

  it.each([['const tag = "countersign/v1/a";'], ["const tag = `countersign/v1/${name}`;"]])(
    "refuse a tag spelled out elsewhere: %s",
    (text) => {
      expect(checkDomainTags([good, parseSource("src/ledger/a.ts", text)])).toHaveLength(1);
    },
  );

  it("allow other texts that contain the words", () => {
    const text = 'import { a } from "../../gen/countersign/v1/a_pb.ts"; // countersign/v1/a';
    expect(checkDomainTags([good, parseSource("src/node/a.ts", text)])).toEqual([]);
  });
});

describe("reachability", () => {
  const files = [
    parseSource("src/cli/main.ts", 'import { b } from "./b.ts";'),
    parseSource("src/cli/b.ts", 'new Worker(new URL("./worker.ts", import.meta.url));'),
    parseSource("src/cli/worker.ts", ""),
    parseSource("src/cli/dead.ts", 'import { b } from "./b.ts"; import "./dead-too.ts";'),
    parseSource("src/cli/dead-too.ts", 'import "./dead.ts";'),
    parseSource("src/types/a.d.ts", ""),
  ];

  it("finds files that no entry reaches, circles included, and follows worker files", () => {
    const found = checkReachability(files, ["src/cli/main.ts"]).map(({ path }) => path);
    expect(found).toEqual(["src/cli/dead.ts", "src/cli/dead-too.ts"]);
  });

  it("finds an entry that does not exist", () => {
    const found = checkReachability(files.slice(0, 3), ["src/cli/main.ts", "src/cli/gone.ts"]);
    expect(found.map(({ path }) => path)).toEqual(["src/cli/gone.ts"]);
  });
});

describe("conventions", () => {
  it("refuse a source file that does not begin with a comment", () => {
    expect(messages(checkHeads, "src/cli/a.ts", "export const a = 1;\n")).toHaveLength(1);
    expect(messages(checkHeads, "src/cli/a.ts", "/** Duty. */\nexport const a = 1;\n")).toEqual([]);
    expect(messages(checkHeads, "src/cli/a.ts", "#!/usr/bin/env node\n// Duty.\n")).toEqual([]);
  });

  it.each([
    ["const a = b as unknown as string;"],
    ["// @ts-expect-error: b is a string\nconst a = b;"],
    [`// ${"biome"}-ignore lint/suspicious/noExplicitAny: later\nconst a = b;`],
  ])("refuse %s", (text) => {
    expect(messages(checkSilencers, "src/cli/a.ts", text)).toHaveLength(1);
  });

  it("allow a plain cast and texts that only mention the words", () => {
    const text = 'const a = b as string; const c = "biome-ignore"; const d = e as unknown;';
    expect(messages(checkSilencers, "src/cli/a.ts", text)).toEqual([]);
  });
});

describe("tracked files", () => {
  const dashes = "-".repeat(5);

  it.each([
    ["a.txt", `${dashes}BEGIN PRIVATE KEY${dashes}\n`, "private key"],
    ["a.txt", `x\n${dashes}BEGIN ENCRYPTED PRIVATE KEY${dashes}\n`, "private key"],
    ["package-lock.json", `"resolved": "${"https"}://example.org/a.tgz"`, "package index"],
    ["a.md", `see https://${"registry"}.example.org/a`, "package index"],
    ["a.ts", `const path = "/${"home"}/alice/countersign";`, "path of one machine"],
    ["a.sh", `cd /${"root"}/countersign`, "path of one machine"],
    ["certs/ca.key", "", "key file"],
  ])("refuse %s with %s", (path, text, expected) => {
    const found = checkTracked([{ path, text }]).map(({ message }) => message);
    expect(found).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ["a.ts", `${dashes}BEGIN PUBLIC KEY${dashes}`],
    ["a.md", "https://example.org/home/alice/ and src/root/a and the peer registry"],
  ])("allow %s with %s", (path, text) => {
    expect(checkTracked([{ path, text }])).toEqual([]);
  });
});

it("a file with a syntax error stops the checks", () => {
  expect(() => parseSource("src/cli/a.ts", "const = 1;")).toThrow("src/cli/a.ts");
});
