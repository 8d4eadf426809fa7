import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TransactionResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ReceiptSchema, Wait } from "../../gen/countersign/v1/types_pb.ts";
import { CommandError } from "../../src/cli/command.ts";
import { receiptVerify } from "../../src/cli/receipt-verify.ts";
import { type CommandAnswer, createTerminal, openOutputs } from "../../src/cli/terminal.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { apiJson, payInCompany } from "../client/network.ts";
import { untilKey } from "../node/network.ts";
import { Cluster } from "../support/cluster.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const TERMINAL = createTerminal(false, openOutputs(process));

let folder: string;
/** The files by name, as a user would save them. */
const contents = new Map<string, Uint8Array>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-receipt-"));
  const cluster = await Cluster.start();
  const early = await cluster
    .client(0)
    .walletCreation({ initialBalance: 123_456n, wait: Wait.FINAL });
  await untilKey(cluster);
  const paid = await payInCompany(cluster);
  await cluster.stop();
  if (early.receipt === undefined || paid.receipt === undefined) throw new Error("no receipt");
  contents.set("pending.json", apiJson(ReceiptSchema, early.receipt));
  contents.set("receipt.json", apiJson(ReceiptSchema, paid.receipt));
  contents.set("answer.json", apiJson(TransactionResponseSchema, paid));
  contents.set("genesis.json", Buffer.from(formatGenesis(cluster.genesis)));
  const later = { ...cluster.genesis, createdAt: cluster.genesis.createdAt + 1 };
  contents.set("other-genesis.json", Buffer.from(formatGenesis(later)));
  for (const [name, content] of contents) await writeFile(join(folder, name), content);
});

afterAll(() => rm(folder, { recursive: true }));

function contentOf(name: string): Uint8Array {
  const content = contents.get(name);
  if (content === undefined) throw new Error(`there is no ${name}`);
  return content;
}

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** The program itself, in the folder of the files. */
function verify(args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, "receipt", "verify", ...args], { cwd: folder });
  let [out, error] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    error += chunk;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code, out, error }));
  });
}

/** The same in this process; file names are made absolute. */
async function verifyHere(...args: string[]): Promise<Outcome> {
  const lines: string[] = [];
  const terminal = {
    ...TERMINAL,
    answer: ({ text }: CommandAnswer) => lines.push(text),
  };
  const absolute = args.map((arg) =>
    arg.endsWith(".json") || arg === "." ? join(folder, arg) : arg,
  );
  try {
    const code = await receiptVerify.run(absolute, terminal);
    return { code, out: lines.join("\n"), error: "" };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, out: lines.join("\n"), error: error.message };
  }
}

const GENESIS = ["--genesis", "genesis.json"];

function expectRefusal({ code, out, error }: Outcome, line: RegExp): void {
  expect(out).toBe("");
  expect(error).toMatch(line);
  expect(error.trimEnd().split("\n")).toHaveLength(1);
  expect(code).toBe(1);
}

describe("countersign receipt verify", () => {
  it("says what a sealed receipt proves", async () => {
    for (const file of ["receipt.json", "answer.json"]) {
      const { code, out, error } = await verify([file, ...GENESIS]);
      expect(error).toBe("");
      expect(out).toMatch(
        /^receipt +valid: applied, sealed\ntransfer +0\.25 EUR \(25 minor units\)\nfrom +\S{36}\n/,
      );
      expect(out).toMatch(
        /\nto +\S{36}\nid +\S{36}\nreference +"Müller & Søn \\".\\" .*\\u0007"\n/,
      );
      expect(out).toMatch(/\nblock +height [0-9]+, 20..-..-..T..:..:..\....Z\n/);
      expect(out).toMatch(/\nsealed +by 3 of 4 members, at height [0-9]+\n/);
      expect(out).toMatch(/\ngroup key +[0-9a-f]{64}\nnetwork +[0-9a-f]{64}\n$/);
      expect(code).toBe(0);
    }
  });

  it("reads standard input", async () => {
    const { code, out } = await verify(["-", ...GENESIS], contentOf("answer.json"));
    expect(out).toContain("valid: applied, sealed");
    expect(code).toBe(0);
    expectRefusal(await verify(["-", ...GENESIS]), /standard input: .*empty/);
  });

  it("accepts a receipt whose seal is pending only when told to", async () => {
    expectRefusal(
      await verify(["pending.json", ...GENESIS]),
      /pending.json is final, seal pending/,
    );
    const { code, out } = await verify(["pending.json", "--allow-pending", ...GENESIS]);
    expect(out).toMatch(
      /^receipt +valid: applied, final, seal pending\ncreation +wallet with 1234.56 EUR\n/,
    );
    expect(out).toMatch(/\nfinal +by the votes of [34] of 4 members, at height [0-9]+\n/);
    expect(out).not.toContain("group key");
    expect(code).toBe(0);
  });

  it("refuses with one line that names the field", async () => {
    const receipt = Buffer.from(contentOf("receipt.json")).toString();
    const refused = async (from: string | RegExp, to: string) => {
      const changed = receipt.replace(from, to);
      expect(changed).not.toBe(receipt);
      await writeFile(join(folder, "changed.json"), changed);
      return await verifyHere("changed.json", ...GENESIS);
    };
    const zeroSeal = `"seal":"${"A".repeat(86)}==`;
    expectRefusal(
      await refused(/"seal":"([^"]{86})==/, zeroSeal),
      /^receipt verify: .*changed.json: sealedHeader.seal is not the group key's/,
    );
    expectRefusal(await refused('"height":"', '"height":"1'), /: sealedHeader.header is not/);
    expectRefusal(await refused("{", '{"paid":true,'), /: paid is unknown/);
    expectRefusal(await refused(/$/, "}"), /changed.json: the body is not JSON/);
    const other = ["--genesis", "other-genesis.json"];
    expectRefusal(
      await verifyHere("receipt.json", ...other),
      /: leaf the result names another .*; it proves nothing: ask any node .* compare the genesis/,
    );
  });

  it("refuses single-bit flips of the file", async () => {
    const text = contentOf("receipt.json");
    const places = [9, Math.floor(text.length / 3), text.length - 1];
    const outcomes = places.map(async (at, bit) => {
      const flipped = Uint8Array.from(text);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      await writeFile(join(folder, `flipped-${at}.json`), flipped);
      return await verify([`flipped-${at}.json`, ...GENESIS]);
    });
    for (const outcome of await Promise.all(outcomes)) {
      expectRefusal(outcome, /^countersign: receipt verify: flipped-[0-9]+.json/);
    }
  });

  it("says what it cannot read", async () => {
    const missing = await verifyHere("missing.json", ...GENESIS);
    expectRefusal(missing, /missing.json cannot be read \(ENOENT/);
    expectRefusal(await verifyHere(".", ...GENESIS), /cannot be read \(EISDIR/);
    expectRefusal(await verifyHere("receipt.json", "--genesis", "receipt.json"), /--genesis FILE/);
    const withoutGenesis = verify(["receipt.json"]);
    const endless = verify(["-", ...GENESIS], new Uint8Array(1_000_000).fill(0x20));
    expectRefusal(await withoutGenesis, /\.countersign\/genesis.json.*--genesis FILE/);
    expectRefusal(await endless, /has more than 262144 bytes/);
  });

  it("ends with 2 when the command line is wrong", async () => {
    for (const args of [[], ["a", "b"], ["a", "--genesis"], ["a", "--network", "b"]]) {
      const { code, out, error } = await verifyHere(...args);
      expect(out).toBe("");
      expect(error).toMatch(/^receipt verify: [^\n]+$/);
      expect(code).toBe(2);
    }
    expect(await verify(["a", "b"])).toMatchObject({ code: 2, out: "" });
  });
});
