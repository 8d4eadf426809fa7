// A receipt for people: its QR code, read by another decoder, and its page, read by programs of others.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import jsqr from "jsqr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import { EXIT } from "../../src/cli/command.ts";
import { qrSquares, qrText } from "../../src/cli/qr-code.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { apiJson, payInCompany } from "../client/network.ts";
import { untilKey } from "../node/network.ts";
import { Cluster } from "../support/cluster.ts";
import { countersignHere } from "./in-process.ts";

const LINK = /countersign:receipt\?network=[0-9a-f]{64}&from=[0-9a-f-]{36}&id=[0-9a-f-]{36}/;
let folder: string;
let receipt: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-page-"));
  const cluster = await Cluster.start();
  await untilKey(cluster);
  const paid = await payInCompany(cluster);
  await cluster.stop();
  if (paid.receipt === undefined) throw new Error("no receipt");
  receipt = apiJson(ReceiptSchema, paid.receipt);
  writeFileSync(path("receipt.json"), receipt);
  writeFileSync(path("genesis.json"), formatGenesis(cluster.genesis));
});

afterAll(() => rmSync(folder, { recursive: true }));

function path(name: string): string {
  return join(folder, name);
}

function command(...words: string[]) {
  return countersignHere(["receipt", ...words, "--genesis", path("genesis.json")], { cwd: folder });
}

/** Reads a picture of one byte a pixel, white above zero. */
function decode(grey: Uint8Array, width: number): string | undefined {
  const colours = new Uint8ClampedArray(4 * grey.length);
  for (const [i, light] of grey.entries()) colours.set([light, light, light, 255], 4 * i);
  return jsqr.default(colours, width, grey.length / width)?.data;
}

/** The picture that half blocks make on a terminal of dark ground, four pixels a square. */
function photograph(text: string): string | undefined {
  const rows = text.split("\n").flatMap((line) => {
    const upper = [...line].map((character) => (character === "█" || character === "▀" ? 255 : 0));
    const lower = [...line].map((character) => (character === "█" || character === "▄" ? 255 : 0));
    return [upper, lower];
  });
  const large = rows.flatMap((row) => {
    const wide = row.flatMap((light) => [light, light, light, light]);
    return [wide, wide, wide, wide];
  });
  return decode(Uint8Array.from(large.flat()), large[0]?.length ?? 0);
}

it("receipt show draws a code that holds the link, and the link alone", async () => {
  const { code, out } = await command("show", path("receipt.json"));
  expect(code).toBe(EXIT.ok);
  const [shown = "", drawn = ""] = out.trimEnd().split("\n\n");
  const [link] = LINK.exec(shown) ?? [];
  expect(link).toBeDefined();
  expect(photograph(drawn)).toBe(link);
  const lines = drawn.split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(62);
  expect(lines.length).toBeLessThanOrEqual(31);
  const json = JSON.parse((await command("show", path("receipt.json"), "--json")).out);
  expect(json).toMatchObject({ link, receipt: "valid: applied, sealed" });
});

it("a code is bounded, and of any text within the bound it is read again", () => {
  for (const length of [1, 20, 174, 200]) {
    const text = "countersign:receipt?network="
      .padEnd(length, "0123456789abcdef-&")
      .slice(0, length);
    expect(photograph(qrText(qrSquares(text)))).toBe(text);
  }
  expect(() => qrSquares("x".repeat(201))).toThrow("a short text of ASCII");
  expect(() => qrSquares("\u001b[2J")).toThrow("a short text of ASCII");
});

it("a link is taken where it leads: the network of the genesis alone", async () => {
  const { out } = await command("show", path("receipt.json"), "--json");
  const { link } = JSON.parse(out);
  const other = link.replace(/network=..../, "network=0000");
  const refused = await command("get", "--link", other, "--network", folder);
  expect(refused.code).toBe(EXIT.failed);
  expect(refused.error).toMatch(/the link is of network 0000[0-9a-f]{60}, and the genesis of/);
});

it("receipt pdf writes the same bytes for the same receipt, and over no other file", async () => {
  const outs = [path("one.pdf"), path("two.pdf")];
  for (const out of outs) {
    const { code, error } = await command("pdf", path("receipt.json"), "--out", out);
    expect({ code, error }).toEqual({ code: EXIT.ok, error: "" });
  }
  const digests = outs.map((out) => createHash("sha256").update(readFileSync(out)).digest("hex"));
  expect(digests[0]).toBe(digests[1]);
  const again = await command("pdf", path("receipt.json"), "--out", path("one.pdf"));
  expect(again).toMatchObject({ code: EXIT.failed, out: "" });
  expect(again.error).toMatch(/one\.pdf exists; name another file by --out/);
});

it("a receipt with one bit flipped is not shown, and makes no page", async () => {
  const damaged = Uint8Array.from(receipt);
  const place = Buffer.from(receipt).indexOf('"leaf"') + 20;
  damaged[place] = (damaged[place] ?? 0) ^ 1;
  writeFileSync(path("damaged.json"), damaged);
  for (const words of [["show"], ["pdf", "--out", path("damaged.pdf")]]) {
    const { code, out, error } = await command(...words, path("damaged.json"));
    expect([code, out]).toEqual([EXIT.failed, ""]);
    expect(error).toContain("it proves nothing");
  }
  expect(existsSync(path("damaged.pdf"))).toBe(false);
});

/** Debian's poppler-utils; the test needs a reader of PDF that is not ours. */
const hasPoppler = (() => {
  try {
    execFileSync("pdftotext", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasPoppler)("the page, as poppler reads it", () => {
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: folder });

  beforeAll(async () => {
    await command("pdf", path("receipt.json"), "--out", path("page.pdf"));
  });

  it("is one page that says what was paid, by whom, when, and how to verify it", async () => {
    const { out } = await command("verify", path("receipt.json"));
    const words = run("pdftotext", "-layout", "page.pdf", "-").toString().replaceAll(/\s+/g, " ");
    for (const line of out.trimEnd().split("\n")) {
      const [, label = "", value = ""] = /^(.{12})(.*)$/.exec(line) ?? [];
      expect(words).toContain(`${label.trim()} ${value}`.replaceAll(/\s+/g, " "));
    }
    expect(words).toContain("This page proves nothing by itself");
    expect(words).toContain("countersign receipt verify receipt.json --genesis genesis.json");
    expect(run("pdfinfo", "page.pdf").toString()).toMatch(/^Pages: +1$/m);
  });

  it("carries the receipt, which verifies as the page says", async () => {
    run("pdfdetach", "-save", "1", "-o", "detached.json", "page.pdf");
    expect(readFileSync(path("detached.json"))).toEqual(Buffer.from(receipt));
    const { code } = await command("verify", path("detached.json"));
    expect(code).toBe(EXIT.ok);
  });

  it("has a code that another decoder reads as the link", () => {
    run("pdftoppm", "-gray", "-r", "150", "-singlefile", "page.pdf", "page");
    const pgm = readFileSync(path("page.pgm"));
    const [head = "", width = "0"] = /^P5\s+(\d+)\s+\d+\s+255\s/.exec(pgm.toString("latin1")) ?? [];
    expect(decode(new Uint8Array(pgm.subarray(head.length)), Number(width))).toMatch(LINK);
  });
});
