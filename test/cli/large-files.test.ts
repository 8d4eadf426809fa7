/** A file of each kind that is larger than an honest one: every command that reads it names the file and the bound. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { valuesOf } from "../../src/cli/completion-values.ts";
import { parseEvidence } from "../../src/cli/evidence-file.ts";
import { KeptRequests } from "../../src/cli/kept-requests.ts";
import { RECEIPT_JSON_BYTES_MAX } from "../../src/client/receipt-text.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { readClientTls } from "../../src/node/files/client-tls.ts";
import { fromHex } from "../../src/primitives/bytes.ts";
import { JsonProblem } from "../../src/primitives/json.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { namedSigningKey, randomUuid } from "../support/operations.ts";
import { countersignHere as countersign } from "./in-process.ts";

const { files } = LIMITS;

let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-large-"));
  writeFileSync(join(home, "genesis.json"), formatGenesis(createGenesis()));
  await countersign(["certs", "--out", join(home, "certs")]);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A file of spaces, which any text may begin with, one byte above the bound. */
function large(name: string, bytesMax: number): string {
  const path = join(home, name);
  writeFileSync(path, "", { mode: 0o600 });
  truncateSync(path, bytesMax + 1);
  return path;
}

function expectNamed(error: string, path: string, bytesMax: number): void {
  expect(error).toContain(path);
  expect(error).toContain(`${bytesMax} bytes`);
  expect(error).toMatch(/^countersign: [^\n]+\n$/);
}

describe("a file that is too large", () => {
  it.each<[string, number, (path: string) => string[]]>([
    ["genesis", files.genesisBytesMax, (path) => ["genesis", "inspect", path]],
    ["member", files.memberBytesMax, (path) => ["genesis", "compose", path, "--out", "made.json"]],
    [
      "receipt",
      RECEIPT_JSON_BYTES_MAX,
      (path) => ["receipt", "verify", path, "--genesis", "genesis.json"],
    ],
    [
      "evidence",
      files.evidenceBytesMax,
      (path) => ["evidence", "verify", path, "--genesis", "genesis.json"],
    ],
    ["config", files.configBytesMax, (path) => ["node", "--config", path]],
    [
      "ca",
      files.certificatesBytesMax,
      (path) => ["status", "--genesis", "genesis.json", "--ca", path],
    ],
    [
      "passphrase",
      files.smallBytesMax,
      (path) => [
        "wallet",
        "create",
        "--genesis",
        "genesis.json",
        "--wallets",
        "new",
        "--passphrase-file",
        path,
      ],
    ],
  ])("is refused by its name and the bound: %s", async (name, bytesMax, args) => {
    const path = large(name, bytesMax);
    const { code, error } = await countersign(args(path), { cwd: home });
    expect(code).toBe(1);
    expectNamed(error, path, bytesMax);
  });

  it.each(["ca.pem", "ca-key.pem"])(
    "is refused where certificates are renewed: %s",
    async (name) => {
      const folder = join(home, "certs");
      const bytesMax = name === "ca.pem" ? files.certificatesBytesMax : files.smallBytesMax;
      const before = readFileSync(join(folder, name));
      const path = large(join("certs", name), bytesMax);
      const { code, error } = await countersign(["certs", "--out", folder, "--renew"]);
      writeFileSync(path, before);
      expect(code).toBe(1);
      expectNamed(error, path, bytesMax);
    },
  );

  it.each(["clientCertificateFile", "clientKeyFile"])(
    "is refused at a node's start: %s",
    (name) => {
      const path = large(name, files.certificatesBytesMax);
      const pair = {
        clientCertificateFile: join(home, "certs", "tls-certificate.pem"),
        clientKeyFile: join(home, "certs", "tls-key.pem"),
      };
      expect(() => readClientTls({ file: "config.json", ...pair, [name]: path })).toThrow(
        `${path}, which cannot be read (it has more than the ${files.certificatesBytesMax} bytes`,
      );
    },
  );

  it("is refused among the keys of wallets, and what says whose a data folder is", async () => {
    const wallets = join(home, "wallets");
    mkdirSync(join(wallets, "keys"), { recursive: true });
    writeFileSync(join(wallets, "passphrase"), "secret\n", { mode: 0o600 });
    const key = large(`wallets/keys/${randomUuid()}.key.json`, files.smallBytesMax);
    const listed = await countersign([
      "wallet",
      "list",
      "--wallets",
      wallets,
      "--genesis",
      join(home, "genesis.json"),
    ]);
    expect(listed.code).toBe(1);
    expectNamed(listed.error, key, files.smallBytesMax);
    mkdirSync(join(home, "data"));
    const marker = large("data/countersign.json", files.smallBytesMax);
    const audited = await countersign([
      "check",
      "--data",
      join(home, "data"),
      "--genesis",
      join(home, "genesis.json"),
    ]);
    expect(audited.code).toBe(1);
    expectNamed(audited.error, marker, files.smallBytesMax);
  });

  it("is refused among the requests that are kept", async () => {
    const wallet = new Wallet({
      networkId: sha256(new Uint8Array()),
      hash: sha256,
      key: namedSigningKey("payer"),
      creationId: randomUuid(),
    });
    const terms = {
      id: randomUuid(),
      to: randomUuid(),
      asset: "EUR",
      amount: 1n as never,
      validUntil: 1,
    };
    const kept = new KeptRequests("transfer", home);
    await kept.sign(wallet, terms);
    const path = join(home, "unsettled", `${wallet.id}.${terms.id}.json`);
    truncateSync(path, files.smallBytesMax + 1);
    await expect(kept.sign(wallet, terms)).rejects.toThrow(
      `${path} cannot be used: it has more than the ${files.smallBytesMax} bytes`,
    );
  });

  it("gives a shell nothing to offer", () => {
    const genesis = large("offered", files.genesisBytesMax);
    expect(valuesOf("assets", { wallets: home, genesis })).toEqual([]);
    expect(valuesOf("assets", { wallets: home, genesis: join(home, "genesis.json") })).not.toEqual(
      [],
    );
  });
});

describe("a file of evidence within its bound", () => {
  const LENGTH = 8 * 1024 * 1024;
  const fill = (unit: string) => unit.repeat(LENGTH / unit.length);

  it.each([
    ["values", `[${fill("0,")}0]`],
    ["objects", `[${fill("{},")}{}]`],
    ["escaped characters", `"${fill("\\n")}"`],
    ["names", `{${fill('"":0,')}}`],
    ["lines", `${fill("\n")}x`],
    ["brackets", fill("[")],
    ["one text", `{"countersign":"${fill("ab")}"}`],
  ])("costs no more than its text, with any content: %s", (_, text) => {
    const before = process.memoryUsage().heapUsed;
    expect(parseEvidence(text)).toBeInstanceOf(JsonProblem);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(256 * 1024 * 1024);
  });

  it("is read with all the records that a full store can have", () => {
    const { evidenceRecordsMax, fetchedBlocksMax } = LIMITS;
    const headers = Array.from({ length: fetchedBlocksMax }, () => "00");
    const record = { bytes: "00", block: { headers, finalization: "00" } };
    const records = Array.from({ length: evidenceRecordsMax }, () => record);
    const file = { countersign: "evidence", version: 1, networkId: "00".repeat(32), records };
    const read = parseEvidence(JSON.stringify(file));
    if (read instanceof JsonProblem) expect.fail(`${read.field} ${read.message}`);
    expect(read.records).toHaveLength(evidenceRecordsMax);
    expect(read.records[0]?.bytes).toEqual(fromHex("00"));
  });
});
