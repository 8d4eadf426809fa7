// The commands that read the ledger, on four real nodes: lists, streams, exports, and names for wallets.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import { EXIT } from "../../src/cli/command.ts";
import { countersignHere } from "../cli/in-process.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { randomUuid } from "../support/operations.ts";

let place: DevnetPlace;
let devnet: Devnet;

beforeAll(async () => {
  place = await newPlace();
  devnet = await Devnet.start(place);
});

afterAll(async () => {
  await devnet?.stop();
  await leavePlace(place);
});

const network = () => ["--network", place.data];
const wallets = (folder = "wallets") => ["--wallets", join(place.home, folder)];

/** Runs a command that must succeed, and reads its JSON. */
async function json(...args: string[]) {
  const { code, out, error } = await countersignHere([...args, "--json"]);
  expect({ code, error }).toEqual({ code: EXIT.ok, error: expect.anything() });
  return JSON.parse(out);
}

async function ownWallet(balance: string): Promise<string> {
  const flags = ["--initial-balance", balance, ...wallets(), ...network()];
  return (await json("wallet", "create", ...flags)).creation.walletId;
}

describe("a person who reads the ledger", () => {
  it("lists the transactions of the ledger and its blocks, the newest first, or from the beginning on", async () => {
    const [payer, payee] = [await ownWallet("10"), await ownWallet("0")];
    const pay = ["transfer", "--from", payer, "--to", payee, "--amount", "4", "--reference", "tea"];
    const { receipt } = await json(...pay, ...wallets(), ...network());
    const { transactions, height } = await json("history", "--limit", "1", ...network());
    expect(transactions).toMatchObject([
      { index: receipt.index, transaction: { from: payer, to: payee, amount: "4" } },
    ]);
    const table = await countersignHere(["history", "--limit", "2", ...network()]);
    expect(table.out).toMatch(
      new RegExp(`0\\.04 EUR +${payer} +${payee} +applied +tea +[0-9a-f-]{36}$`, "m"),
    );
    expect(table.error).toMatch(/there are more than 2; --limit N shows more/);
    const { blocks } = await json("blocks", "--oldest-first", "--limit", "100000", ...network());
    expect(blocks.length).toBeGreaterThanOrEqual(Number(height));
    expect(blocks[0].header.height).toBe("1");
    const { out } = await countersignHere(["blocks", "--limit", "2", ...network()]);
    expect(out).toMatch(/^height +time +operations +proposer +final +sealed +hash\n/);
  });

  it("watches a wallet through the cursors of its events, while payments go on", async () => {
    const [payer, payee] = [await ownWallet("50"), await ownWallet("0")];
    const pay = ["transfer", "--from", payer, "--to", payee, ...wallets(), ...network()];
    const watched = ["watch", payee, "--from-start", "--limit", "3", "--json", ...network()];
    const watching = countersignHere(watched);
    for (const amount of ["1", "2", "3"]) await json(...pay, "--amount", amount);
    const lines = (text: string) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    const first = await watching;
    expect(first.code).toBe(EXIT.ok);
    expect(JSON.parse(first.error)).toEqual({
      begin: { cursor: expect.stringMatching(/^\S{32}$/) },
    });
    const events = lines(first.out);
    expect(events.map(({ entry }) => entry.amount)).toEqual(["0", "1", "2"]);
    const from = ["--from", events[1].cursor, "--node", "node4"];
    const rest = ["watch", payee, ...from, "--limit", "2", "--json", ...network()];
    const second = lines((await countersignHere(rest)).out);
    expect(second[0]).toEqual(events[2]);
    expect(second[1].entry).toMatchObject({ amount: "3", counterparty: payer, balance: "6" });
    const text = await countersignHere(["watch", "--from-start", "--limit", "1", ...network()]);
    expect(text.out).toMatch(/^\d+ {2}\d+ {2}\S+Z {2}.* \(created\) .* applied .* \S{32}\n$/);
    const other = ["watch", payer, ...from, ...network()];
    const refused = await countersignHere(other);
    expect(refused).toMatchObject({ code: EXIT.refused, out: "" });
    expect(refused.error).toMatch(/cursor is not of this stream/);
  });

  it("proves a wallet and its statement, and checks both offline with the genesis alone", async () => {
    const [payer, payee] = [await ownWallet("1000"), await ownWallet("0")];
    const pay = ["transfer", "--from", payer, "--to", payee, ...wallets(), ...network()];
    for (const amount of ["5", "7", "11"]) {
      await json(...pay, "--amount", amount, "--reference", `for ${amount}`);
    }
    const genesis = ["--genesis", join(place.data, "genesis.json")];
    const file = (name: string) => join(place.home, name);
    const wallet = await countersignHere(["proof", "wallet", payee, ...network()]);
    writeFileSync(file("wallet.proof"), wallet.out);
    expect(await json("verify", file("wallet.proof"), ...genesis)).toMatchObject({
      ...{ proof: "valid: the wallet and what it holds", wallet: payee },
      ...{ balance: "0.23 EUR", entries: "4" },
    });
    const absent = await countersignHere(["proof", "wallet", randomUuid(), ...network()]);
    writeFileSync(file("absent.proof"), absent.out);
    const gone = await countersignHere(["verify", file("absent.proof"), ...genesis]);
    expect(gone.out).toMatch(/^proof +valid: there is no such wallet$/m);
    const supply = await countersignHere(["proof", "supply", ...network()]);
    writeFileSync(file("supply.proof"), supply.out);
    expect(await json("verify", file("supply.proof"), ...genesis)).toMatchObject({
      ...{ proof: "valid: the supply", EUR: expect.stringMatching(/ EUR$/) },
    });
    const out = ["--out", file("statement.proof")];
    await json("proof", "statement", payee, ...out, ...network());
    const whole = await json("verify", file("statement.proof"), ...genesis);
    expect(whole).toMatchObject({
      ...{ wallet: payee, opening: { entries: "0", balance: "0" } },
      closing: { entries: "4", balance: "23" },
    });
    expect(whole.entries.slice(1)).toMatchObject([
      { delta: "5", balance: "5", from: payer, to: payee, reference: "for 5" },
      { delta: "7", balance: "12", reference: "for 7" },
      { delta: "11", balance: "23", reference: "for 11" },
    ]);
    const range = [
      "--from-height",
      whole.entries[2].height,
      "--to-height",
      whole.entries[2].height,
    ];
    const part = await countersignHere(["proof", "statement", payee, ...range, ...network()]);
    writeFileSync(file("part.proof"), part.out);
    const shown = await countersignHere(["verify", file("part.proof"), ...range, ...genesis]);
    expect(shown.out).toMatch(/^3 +\d+ +\+0\.07 EUR +0\.12 EUR +.* +for 7 /m);
    expect(shown.out).toMatch(/^opening +0\.05 EUR, after 2 entries$/m);
    expect(shown.out).not.toMatch(/for 5|for 11/);
    const early = await countersignHere([
      "verify",
      file("part.proof"),
      "--from-height",
      "1",
      ...genesis,
    ]);
    expect(early).toMatchObject({ code: EXIT.failed, out: "" });
    expect(early.error).toMatch(
      /leaves out the first 1 entries, some of which may be of the range/,
    );
    const bytes = readFileSync(file("statement.proof"));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(file("changed.proof"), bytes);
    const changed = await countersignHere(["verify", file("changed.proof"), ...genesis]);
    expect(changed).toMatchObject({ code: EXIT.failed, out: "" });
    expect(changed.error).toMatch(/changed\.proof: .*; it proves nothing/);
  });

  it("exports a whole statement, the oldest entry first, as CSV, as JSON lines and as camt.053", async () => {
    const [payer, payee] = [await ownWallet("1000"), await ownWallet("0")];
    const pay = ["transfer", "--from", payer, "--to", payee, "--amount", "25"];
    await json(...pay, "--reference", '=HYPERLINK("x")', ...wallets(), ...network());
    const csv = await countersignHere(["export", payer, ...network()]);
    expect(csv).toMatchObject({ code: EXIT.ok, error: "" });
    const [heads, created, paid, ...more] = csv.out.trimEnd().split("\n");
    expect(heads).toBe(
      "number,time,change,balance,asset,counterparty,reference,id,height,index,counterparty name",
    );
    expect(created).toMatch(/^1,[0-9TZ:.-]+,10\.00,10\.00,EUR,,,/);
    expect(paid).toMatch(
      new RegExp(`^2,[0-9TZ:.-]+,-0\\.25,9\\.75,EUR,${payee},"'=HYPERLINK\\(""x""\\)",`),
    );
    expect(more).toEqual([]);
    const lines = await countersignHere(["export", payer, "--format", "jsonl", ...network()]);
    const entries = lines.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      { number: "1", balance: "1000" },
      { number: "2", amount: "25", reference: '=HYPERLINK("x")', receipt: { from: payer } },
    ]);
    const camt = await countersignHere(["export", payer, "--format", "camt053", ...network()]);
    expect(camt).toMatchObject({ code: EXIT.ok, error: "" });
    const schema = readFileSync("third_party/iso20022/camt.053.001.08.xsd", "utf8");
    expect((await validateXML({ xml: camt.out, schema })).errors).toEqual([]);
    expect(camt.out).toMatch(
      /OPBD.*>0\.00<\/Amt>.*CLBD.*>9\.75<\/Amt>.*<Ustrd>=HYPERLINK\(&quot;x/s,
    );
    const late = await countersignHere(["export", payer, "--since", "2999-01-01", ...network()]);
    expect(late).toMatchObject({ code: EXIT.ok, out: `${heads}\n` });
  });

  it("takes names of wallets where it takes ids, and shows both", async () => {
    const [payer, payee, named] = [
      await ownWallet("100"),
      await ownWallet("0"),
      wallets("wallets"),
    ];
    for (const [name, id] of [
      ["shop", payer],
      ["tea-maker", payee],
    ] as const) {
      await json("wallet", "name", name, id, ...named);
    }
    const id = randomUuid();
    const pay = [
      "transfer",
      "--from",
      "shop",
      "--to",
      "tea-maker",
      "--amount",
      "0.07 EUR",
      "--id",
      id,
    ];
    const paid = await countersignHere([...pay, ...named, ...network()]);
    expect(paid.error).toContain(`--from ${payer} --to ${payee} `);
    expect(paid.out).toMatch(
      new RegExp(`^from +shop \\(${payer}\\)\nto +tea-maker \\(${payee}\\)$`, "m"),
    );
    const shown = async (...words: string[]) =>
      (await countersignHere([...words, ...named, ...network()])).out;
    const fetched = await shown("receipt", "get", "--from", "shop", "--id", id);
    const file = join(place.home, "named-receipt.json");
    writeFileSync(file, fetched);
    const verify = ["receipt", "verify", file, "--genesis", devnet.genesisFile, ...named];
    expect((await countersignHere(verify)).out).toBe(paid.out);
    expect(await json(...verify)).toMatchObject({ from: payer, fromName: "shop", to: payee });
    expect(await shown("wallet", "show", "shop")).toMatch(
      new RegExp(`^wallet +shop \\(${payer}\\)$`, "m"),
    );
    expect(await shown("wallet", "list")).toContain(`tea-maker (${payee})  0.07 EUR`);
    expect(await shown("statement", "shop", "--counterparty", "tea-maker")).toMatch(
      /-0\.07 EUR +0\.93 EUR +tea-maker \(/,
    );
    expect(await shown("history", "--limit", "1")).toContain(
      `shop (${payer})  tea-maker (${payee})`,
    );
    expect(await shown("watch", "shop", "--from-start", "--limit", "2")).toContain(
      `  tea-maker (${payee})  `,
    );
    expect(await shown("export", "shop")).toMatch(
      new RegExp(`,${payee},,${id},\\d+,\\d+,tea-maker\n$`),
    );
    const { entries } = await json("statement", "tea-maker", ...named, ...network());
    expect(entries[0]).toMatchObject({ counterparty: payer, counterpartyName: "shop" });
    expect(Object.keys(entries[0].receipt).toSorted()).toEqual(["from", "id", "walletId"]);
    const { transactions } = await json("history", "--limit", "1", ...named, ...network());
    const { transaction } = transactions[0];
    expect(transaction).toMatchObject({
      from: payer,
      fromName: "shop",
      to: payee,
      toName: "tea-maker",
    });
    const { wallet } = await json("wallet", "show", "shop", ...named, ...network());
    expect(wallet).toMatchObject({ id: payer, name: "shop" });
  });
});
