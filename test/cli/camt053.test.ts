// The statement as camt.053, against the schema of ISO 20022 and by xmllint: balances, entries, and hostile text.
import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import {
  type Entry,
  EntryKind,
  EntrySchema,
  GetWalletResponseSchema,
  ListEntriesResponseSchema,
  ListOrder,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { CommandError } from "../../src/cli/command.ts";
import { openCamt053 } from "../../src/cli/export-camt053.ts";
import type { ExportTerms } from "../../src/cli/export-formats.ts";
import { WalletNames } from "../../src/cli/wallet-names.ts";
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import { ListFault } from "../../src/client/lists.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import type { Uuid } from "../../src/primitives/ids.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { namedUuid, randomUuid } from "../support/operations.ts";

const SCHEMA = readFileSync("third_party/iso20022/camt.053.001.08.xsd", "utf8");
const [SHOP, ALICE] = [namedUuid("shop"), namedUuid("alice")];
const DAY = 86_400_000;
const START = Date.parse("2026-11-01T00:00:00Z");

interface Made {
  readonly change: bigint;
  readonly time: number;
  readonly reference?: string;
}

/** A statement whose balances add up, one entry a block. */
function entriesOf(changes: readonly Made[]): Entry[] {
  let balance = 0n;
  return changes.map(({ change, time, reference }, i) => {
    balance += change;
    const moved = change < 0n ? EntryKind.PAID : EntryKind.RECEIVED;
    const kind = i === 0 ? EntryKind.CREATED : moved;
    return create(EntrySchema, {
      ...{ number: BigInt(i + 1), kind, asset: "EUR", balance, height: BigInt(i + 1), index: 0 },
      amount: change < 0n ? -change : change,
      counterparty: i === 0 ? "" : ALICE,
      id: randomUuid(),
      time: BigInt(time),
      ...(reference === undefined ? {} : { reference }),
    });
  });
}

type Calls = Pick<GatewayClient["calls"], "getWallet" | "listEntries">;

/** A node that holds these entries, and gives them in pages. */
function nodeWith(entries: readonly Entry[], state: object = {}): Calls {
  const last = entries.at(-1);
  const shown = {
    height: last?.height ?? 1n,
    blockTime: last?.time ?? BigInt(START),
    completeFrom: 1n,
    ...state,
  };
  return {
    getWallet: async () =>
      create(GetWalletResponseSchema, { wallet: { id: SHOP, asset: "EUR" }, ...shown }),
    listEntries: async ({ fromTime, toTime, toHeight, order, pageSize = 100, cursor = "" }) => {
      const fitting = entries.filter(
        ({ time, height }) =>
          time >= (fromTime ?? 0n) && time <= (toTime ?? time) && height <= (toHeight ?? height),
      );
      const all = order === ListOrder.NEWEST_FIRST ? fitting.toReversed() : fitting;
      const begin = Number(cursor);
      const next = begin + pageSize < all.length ? `${begin + pageSize}` : "";
      const page = all.slice(begin, begin + pageSize);
      return create(ListEntriesResponseSchema, { entries: page, nextCursor: next, ...shown });
    },
  };
}

async function exported(calls: Calls, more: Partial<ExportTerms> = {}): Promise<string> {
  const genesis = createGenesis();
  const terms: ExportTerms = {
    ...{ command: "export", networkId: networkIdOf(sha256, genesis), walletId: SHOP },
    ...{ range: {}, read: undefined, onPage: () => undefined },
    shown: { genesis, names: new WalletNames(new Map<string, Uuid>([["alice", ALICE]])) },
    ...more,
  };
  const { lines } = await openCamt053(calls as GatewayClient["calls"], terms);
  return (await Array.fromAsync(lines)).join("\n");
}

/** Errors of xmllint; none for a valid message. */
async function problemsOf(xml: string): Promise<readonly string[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: "statement.xml", contents: xml }],
    schema: [SCHEMA],
  });
  return errors.map(({ message }) => message);
}

const between = (xml: string, tag: string) =>
  [...xml.matchAll(new RegExp(`<${tag}(?: [^>]*)?>(.*?)</${tag}>`, "g"))].map(([, text]) => text);

const MONTH = entriesOf([
  { change: 1000n, time: START },
  { change: 250n, time: START + DAY, reference: "invoice 7" },
  { change: -25n, time: START + 2 * DAY, reference: "rent" },
  { change: 75n, time: START + 3 * DAY },
]);

it("a statement has its balances, and each entry its counterparty, reference, time and proof", async () => {
  const xml = await exported(nodeWith(MONTH));
  expect(await problemsOf(xml)).toEqual([]);
  const [opening, closing] = between(xml, "Bal");
  expect(opening).toMatch(/OPBD.*<Amt Ccy="EUR">0\.00<\/Amt>.*CRDT.*2026-11-01T00:00:00\.000Z/);
  expect(closing).toMatch(/CLBD.*<Amt Ccy="EUR">13\.00<\/Amt>.*CRDT.*2026-11-04T00:00:00\.000Z/);
  expect(between(xml, "NbOfNtries")).toEqual(["4"]);
  const [created, received, paid] = between(xml, "Ntry");
  expect(created).toContain("<Cd>CREATION</Cd>");
  const account = ALICE.replaceAll("-", "");
  for (const part of [
    ...['<Amt Ccy="EUR">2.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>', "<Ustrd>invoice 7</Ustrd>"],
    "<BookgDt><DtTm>2026-11-02T00:00:00.000Z</DtTm></BookgDt>",
    "<Dbtr><Pty><Nm>alice</Nm></Pty></Dbtr>",
    `<DbtrAcct><Id><Othr><Id>${account}</Id>`,
    `receipt get --from ${ALICE} --id ${MONTH[1]?.id}`,
    `<EndToEndId>${MONTH[1]?.id.replaceAll("-", "")}</EndToEndId>`,
  ]) {
    expect(received).toContain(part);
  }
  expect(paid).toMatch(/0\.25<\/Amt><CdtDbtInd>DBIT.*<Cdtr>.*<CdtrAcct>/);
  expect(paid).toContain(`receipt get --from ${SHOP} --id ${MONTH[2]?.id}`);
});

it("of a part of the month, the balances are those before and after it, also if nothing happened", async () => {
  const at = (from: number, to: number) => ({
    range: { fromTime: BigInt(START + from), toTime: BigInt(START + to) },
  });
  const money = async (more: Partial<ExportTerms>) => {
    const xml = await exported(nodeWith(MONTH), more);
    expect(await problemsOf(xml)).toEqual([]);
    return between(xml, "Amt").slice(0, 2);
  };
  expect(await money(at(DAY, 2 * DAY))).toEqual(["10.00", "12.25"]);
  expect(await money(at(DAY + 1, 2 * DAY - 1))).toEqual(["12.50", "12.50"]);
  const tomorrow = { range: { fromTime: BigInt(START + 9 * DAY) } };
  await expect(exported(nodeWith(MONTH), tomorrow)).rejects.toThrow(
    /begins at 2026-11-10.*after its end or the last block/,
  );
});

it("entries of a period add up to the balances, and any text is a text", {
  timeout: 120_000,
}, async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom("</Ustrd><Ntry>", "]]>", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "&#27;[2J"),
    fc.constantFrom("\u0000\u001b[2J", "\u202ertl", "\ud800", "\ufffe", "\r\n", "a".repeat(600)),
  );
  const made = fc.record({
    change: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    time: fc.nat({ max: 10 * DAY }),
    reference: fc.option(text, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 30 }), async (all) => {
      const times = all.map(({ time }) => time).toSorted((a, b) => a - b);
      let held = 0n;
      const changes = all.map(({ change, reference }, i) => {
        const signed = change % 2n === 0n && change <= held ? -change : change;
        held += signed;
        return {
          change: signed,
          time: START + (times[i] ?? 0),
          ...(reference === undefined ? {} : { reference }),
        };
      });
      const xml = await exported(nodeWith(entriesOf(changes)));
      expect(await problemsOf(xml)).toEqual([]);
      expect(between(xml, "Ntry")).toHaveLength(changes.length);
      // Only ends of lines, and no other control, format, lone or unassigned character.
      expect(xml).not.toMatch(/[^\P{C}\n]/u);
      const cents = (decimal: string) => BigInt(decimal.replace(".", ""));
      const [opening = "", closing = "", ...amounts] = between(xml, "Amt").map((one) => one ?? "");
      const signs = between(xml, "CdtDbtInd").slice(2);
      const sum = amounts.reduce((total, amount, i) => {
        return signs[i] === "DBIT" ? total - cents(amount) : total + cents(amount);
      }, cents(opening));
      expect(sum).toBe(cents(closing));
    }),
    { numRuns: 25 },
  );
});

it("the same statement of the same state is the same file", async () => {
  expect(await exported(nodeWith(MONTH))).toBe(await exported(nodeWith(MONTH)));
});

it("a node whose entries do not lead to the closing balance is found out", async () => {
  const honest = nodeWith(MONTH);
  const lying: Calls = {
    ...honest,
    listEntries: async (request, options) => {
      const answer = await honest.listEntries(request, options);
      // The end of the list has one more payment than the list.
      if (request.order === ListOrder.OLDEST_FIRST) answer.entries.splice(3);
      return answer;
    },
  };
  await expect(exported(lying)).rejects.toThrow(ListFault);
  await expect(exported(lying)).rejects.toThrow(/do not lead to the closing balance/);
});

it("writes no text of a node where an id belongs, and no time beyond the calendar", async () => {
  const [first, second] = entriesOf([
    { change: 5n, time: START },
    { change: 5n, time: START },
  ]);
  if (first === undefined || second === undefined) throw new Error("two entries");
  const named = nodeWith([first, { ...second, counterparty: "<Nm>" }]);
  await expect(exported(named)).rejects.toThrow(/entry 2 has no id as its counterparty/);
  const late = nodeWith([first, { ...second, time: 2n ** 52n }]);
  await expect(exported(late)).rejects.toThrow(/beyond the calendar/);
});

it("refuses amounts and currencies that the message has no room for", async () => {
  const rich = nodeWith(entriesOf([{ change: 10n ** 18n, time: START }]));
  await expect(exported(rich)).rejects.toThrow(/more than the 18 digits of camt\.053/);
  const genesis = { ...createGenesis(), assets: [{ code: "EUR", scale: 6 }] };
  const shown = { genesis, names: new WalletNames(new Map()) };
  await expect(exported(nodeWith(MONTH), { shown })).rejects.toThrow(CommandError);
  await expect(exported(nodeWith(MONTH), { shown })).rejects.toThrow(/--format csv or jsonl/);
});
