import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandError } from "../../src/cli/command.ts";
import { parseCsv } from "../../src/cli/csv.ts";
import { readPayments } from "../../src/cli/payments-file.ts";
import { journalOf, PaymentsJournal } from "../../src/cli/payments-journal.ts";
import { WalletNames } from "../../src/cli/wallet-names.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import type { NetworkId, Uuid } from "../../src/primitives/ids.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { namedSigningKey, namedUuid } from "../support/operations.ts";

const ALICE = "0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90";
const BOB = "7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43";
const ID = "5b1c8e0a-9f3d-4c27-8a6e-1d2f3b4c5d6e";

const NAMES = new WalletNames(new Map([["alice", ALICE as Uuid]]));

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-payments-"));
  file = join(folder, "payments.csv");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("CSV", () => {
  it.each([
    [
      "a,b\nc,d\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\r\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ['"a,""b""\nc",d\n', [['a,"b"\nc', "d"]]],
    [
      "a,\n\n,\n,b",
      [
        ["a", ""],
        ["", "b"],
      ],
    ],
    ['"",""\n', []],
    ["", []],
  ])("reads %j", (text, records) => {
    expect(parseCsv(text)).toEqual(records);
  });

  it.each([
    ['a\n"b', 2],
    ['a\nb"c\n', 2],
    ['"a"b\n', 1],
    ['"a\nb"c\n', 2],
  ])("refuses %j at line %i", (text, badLine) => {
    expect(parseCsv(text)).toEqual({ badLine });
  });
});

describe("a file of payments", () => {
  const read = (text: string) => {
    writeFileSync(file, text);
    return readPayments("transfer", file, { names: NAMES, genesis: createGenesis(), asset: "EUR" });
  };

  it("has its columns in any order", () => {
    expect(
      read(`\uFEFFreference,amount,id,to\nlunch,25,,${BOB}\n"a, b",0.01 EUR,${ID},alice\n`),
    ).toEqual([
      { row: 1, to: BOB, amount: 25n, reference: "lunch", id: undefined },
      { row: 2, to: ALICE, amount: 1n, reference: "a, b", id: ID },
    ]);
  });

  it.each([
    ["", /first line .* is "", but must name the columns/],
    [`to\n${BOB}\n`, /first line .* is "to", but must name the columns/],
    [`to;amount\n${BOB};1\n`, /is "to;amount", but must .* separated by commas/],
    [`to,amount,sum\n${BOB},1,2\n`, /first line .* must name the columns/],
    [`to,amount,to\n${BOB},1,${BOB}\n`, /first line .* must name the columns/],
    [
      `to,amount\n${BOB}\n`,
      /payment 1: it has 1 cells, but the first line names 2 columns; separate/,
    ],
    [`to,amount\n${BOB},1\nbob,1\n`, /payment 2: to is "bob", but must be a wallet's id/],
    [
      `to,amount\n${BOB},0\n`,
      /payment 1: amount is "0", but must be above 0, and an amount with its currency/,
    ],
    [
      `to,amount\n${BOB},1.50\n`,
      /payment 1: amount is "1.50", but must be above 0, and an amount with its/,
    ],
    [`to,amount\n${BOB},0.00 EUR\n`, /payment 1: amount is "0.00 EUR", but must be above 0/],
    [`to,amount\n${BOB},0.255 EUR\n`, /amount "0.255 EUR" has 3 digits behind the point, but EUR/],
    [`to,amount\n${BOB},"1,250.00 EUR"\n`, /amount "1,250.00 EUR" is no amount: write/],
    [
      `to,amount\n${BOB},1 USD\n`,
      /amount "1 USD" names another currency than the network has: EUR/,
    ],
    [`to,amount\n${BOB},"1\n\u001b[2J"\n`, /amount is "1\\u\{a\}\\u\{1b\}\[2J", but/],
    [`to,amount\n${BOB},${"9".repeat(500)}\n`, /amount is "9{80}…", but/],
    [`to,amount\n${BOB},18446744073709551616\n`, /payment 1: amount is "\d+", but must be above 0/],
    [
      `to,amount,reference\n${BOB},1,${"x".repeat(141)}\n`,
      /payment 1: reference has \d+ bytes of UTF-8, but may have 140 at most/,
    ],
    [`to,amount,id\n${BOB},1,7\n`, /payment 1: id is "7", but must be a UUID/],
    [`to,amount,id\n${BOB},1,${ID}\n${BOB},2,${ID}\n`, /payment 2: the id .* is another payment's/],
    [`to,amount\n"${BOB},1\n`, /line 2: a quote is out of place/],
  ])("is refused: %j", (text, problem) => {
    expect(() => read(text)).toThrow(problem);
    expect(() => read(text)).toThrow(CommandError);
  });
});

describe("what was signed for a file", () => {
  const networkId = sha256(utf8("network")) as NetworkId;
  const key = namedSigningKey("payer");
  const wallet = new Wallet({ networkId, hash: sha256, key, creationId: namedUuid("creation") });
  const opened: PaymentsJournal[] = [];
  const open = async () => {
    const journal = await PaymentsJournal.open("transfer", file, { networkId, from: wallet.id });
    opened.push(journal);
    return journal;
  };
  const close = async () => {
    for (const journal of opened.splice(0)) await journal.close();
  };
  afterEach(close);
  const signed = (journal: PaymentsJournal, row: number) =>
    wallet.transferBytes({
      id: journal.idOf(row),
      to: namedUuid("bob"),
      asset: "EUR",
      amount: amount(5n),
      validUntil: 1_790_000_000_000 + row,
    });

  it("is read back, with the same id for a row", async () => {
    const journal = await open();
    await journal.add([1, 2].map((row) => [row, signed(journal, row)] as const));
    await journal.add([[3, signed(journal, 3)]]);
    await close();
    const again = await open();
    expect(again.rows).toEqual([1, 2, 3]);
    for (const row of [1, 2, 3]) {
      expect(again.signed(row)).toEqual(journal.signed(row));
      expect(again.signed(row)?.transfer.id).toBe(again.idOf(row));
    }
    expect(again.idOf(4)).toBe(journal.idOf(4));
    expect(new Set([1, 2, 3, 4].map((row) => again.idOf(row))).size).toBe(4);
  });

  it("survives a crash at any byte of a line, which is then signed again", async () => {
    const journal = await open();
    await journal.add([[1, signed(journal, 1)]]);
    const length = readFileSync(journalOf(file)).length;
    await journal.add([[2, signed(journal, 2)]]);
    const whole = readFileSync(journalOf(file));
    for (const cut of [length, length + 1, length + 9, whole.length - 1]) {
      await close();
      writeFileSync(journalOf(file), whole.subarray(0, cut));
      const again = await open();
      expect(again.rows).toEqual([1]);
      await again.add([[2, signed(again, 2)]]);
      expect(readFileSync(journalOf(file))).toEqual(whole);
    }
  });

  it("is open in one command at a time: two would sign two payments under one id", async () => {
    const tries = await Promise.allSettled([open(), open()]);
    expect(tries.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(open()).rejects.toThrow(/another command is making these payments/);
    await close();
    await expect(open()).resolves.toBeInstanceOf(PaymentsJournal);
  });

  it("is open again after the process that had it was killed", async () => {
    const script = `
      import { takeExclusiveLock } from "./src/storage/exclusive-lock.ts";
      if ((await takeExclusiveLock(process.argv[1])) !== undefined) console.log("held");
      setInterval(() => undefined, 1_000);`;
    const holder = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      script,
      `${journalOf(file)}.lock`,
    ]);
    const ended = once(holder, "exit");
    try {
      const [said] = await once(holder.stdout, "data");
      expect(String(said)).toBe("held\n");
      await expect(open()).rejects.toThrow(/another command is making these payments/);
    } finally {
      holder.kill("SIGKILL");
      await ended;
    }
    await expect(open()).resolves.toBeInstanceOf(PaymentsJournal);
  });

  it("that something else has changed meanwhile gets no further signature, and loses no line", async () => {
    const journal = await open();
    await journal.add([[1, signed(journal, 1)]]);
    const other = `${readFileSync(journalOf(file), "utf8")}2 00\n`;
    writeFileSync(journalOf(file), other);
    await expect(journal.add([[2, signed(journal, 2)]])).rejects.toThrow(
      /was changed by something else while/,
    );
    expect(readFileSync(journalOf(file), "utf8")).toBe(other);
  });

  it("takes no more than the next command can read", async () => {
    const journal = await open();
    const before = readFileSync(journalOf(file));
    const room = LIMITS.files.paymentsJournalBytesMax - before.length - "1 \n".length;
    const tooLong = new Uint8Array(Math.floor(room / 2) + 1);
    expect(await journal.add([[1, tooLong]])).toBe(false);
    expect(readFileSync(journalOf(file))).toEqual(before);
    expect(await journal.add([[1, signed(journal, 1)]])).toBe(true);
  });

  it.each([
    [
      "another wallet's",
      (text: string) => text.replace(wallet.id, ALICE),
      /holds what wallet 0f8e/,
    ],
    ["another file", () => "to,amount\n", /is no file of signed payments/],
    [
      "a damaged line",
      (text: string) => text.replace(/\n1 ..../, "\n1 0000"),
      /line 2, is no signed/,
    ],
    ["a line that is no hex", (text: string) => `${text}2 xyz\n`, /line 3, is no signed payment/],
  ])("is refused if it is %s", async (_, change, problem) => {
    const journal = await open();
    await journal.add([[1, signed(journal, 1)]]);
    const text = readFileSync(journalOf(file), "utf8");
    await close();
    writeFileSync(journalOf(file), change(text));
    await expect(open()).rejects.toThrow(problem);
  });
});
