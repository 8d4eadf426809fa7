// Amounts of options: in minor units, or with their currency; never rounded, and never of another currency than was meant.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandError, EXIT } from "../../src/cli/command.ts";
import { readAmount, readMoney } from "../../src/cli/read-amount.ts";
import { formatMoney } from "../../src/ledger/money.ts";
import { AMOUNT_MAX } from "../../src/primitives/amount.ts";
import { createGenesis } from "../ledger/fixture.ts";

const genesis = {
  ...createGenesis(),
  assets: [
    { code: "EUR", scale: 2 },
    { code: "JPY", scale: 0 },
    { code: "ETH", scale: 18 },
  ],
};

function read(text: string, given?: string) {
  const what = "pay: --amount";
  return readMoney("pay", genesis, { what, given, asked: readAmount(what, text) });
}

it("an amount is read as it is shown, and as its minor units, exactly", () => {
  const assets = fc.constantFrom(...genesis.assets.map(({ code }) => code));
  fc.assert(
    fc.property(assets, fc.bigInt(0n, AMOUNT_MAX), (asset, amount) => {
      expect(read(formatMoney(genesis, asset, amount))).toEqual({ asset, amount });
      expect(read(`${amount}`, asset)).toEqual({ asset, amount });
    }),
  );
});

it("minor units without a currency are the network's first, as they always were", () => {
  expect(read("25")).toEqual({ asset: "EUR", amount: 25n });
  expect(read("0.25 EUR")).toEqual({ asset: "EUR", amount: 25n });
  expect(read("25 EUR")).toEqual({ asset: "EUR", amount: 2_500n });
  expect(read("25 JPY", "JPY")).toEqual({ asset: "JPY", amount: 25n });
});

describe("an amount is refused, with what would do", () => {
  it.each<[string, string | undefined, RegExp]>([
    [
      "0.25",
      undefined,
      /--amount is "0.25", but must be an amount with its currency such as "0.25 EUR"/,
    ],
    ["1,250.00", undefined, /is "1,250.00", but must be an amount with its currency/],
    ["1,250.00 EUR", undefined, /"1,250.00 EUR" is no amount: write a number, a point/],
    ["1.250,00 EUR", undefined, /"1.250,00 EUR" is no amount/],
    ["1 250.00 EUR", undefined, /"1 250.00 EUR" is no amount/],
    ["EUR 1.00", undefined, /"EUR 1.00" is no amount/],
    ["0.25EUR", undefined, /is "0.25EUR", but must be/],
    ["-0.25 EUR", undefined, /"-0.25 EUR" is no amount/],
    ["0.255 EUR", undefined, /has 3 digits behind the point, but EUR has 2/],
    ["1.00 USD", undefined, /names another currency than the network has: EUR, JPY, ETH/],
    ["1.00 eur", undefined, /names another currency than the network has: EUR, JPY, ETH/],
    ["1.00 EUR", "JPY", /"1.00 EUR" is not in JPY, which --asset names; leave --asset out/],
    ["1.00 EUR", "USD", /--asset is "USD", but the network has EUR, JPY, ETH/],
    ["\u0661.00 EUR", undefined, /is no amount/],
    ["1\u001b[2J EUR", undefined, /"1\\u\{1b\}\[2J EUR" is no amount/],
    ["1\u001b[2J", undefined, /is "1\\u\{1b\}\[2J", but/],
    [`${AMOUNT_MAX} EUR`, undefined, /is above the largest amount/],
  ])("%j with --asset %s", (text, given, message) => {
    expect(() => read(text, given)).toThrow(message);
    expect(() => read(text, given)).toThrow(CommandError);
    expect(() => read(text, given)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
  });
});
