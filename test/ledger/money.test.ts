// Amounts with their currency, both ways.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMoney, MoneyProblem, parseMoney } from "../../src/ledger/money.ts";
import { AMOUNT_MAX } from "../../src/primitives/amount.ts";

const network = {
  assets: [
    { code: "EUR", scale: 2 },
    { code: "JPY", scale: 0 },
    { code: "ETH", scale: 18 },
  ],
};

describe("amounts with their currency", () => {
  it("are read as they are written, for every amount and scale", () => {
    const assets = fc.constantFrom(...network.assets.map(({ code }) => code));
    fc.assert(
      fc.property(assets, fc.bigInt(0n, AMOUNT_MAX), (asset, amount) => {
        expect(parseMoney(network, formatMoney(network, asset, amount))).toEqual({ asset, amount });
      }),
    );
  });

  it.each([
    ["0.25 EUR", 25n],
    ["0.5 EUR", 50n],
    ["12 EUR", 1_200n],
    ["0 EUR", 0n],
    ["184467440737095516.15 EUR", AMOUNT_MAX],
  ])("%s", (text, amount) => {
    expect(parseMoney(network, text)).toEqual({ asset: "EUR", amount });
  });

  it.each([
    ["25", /write a number, .* a space and the currency/],
    ["0,25 EUR", /write a number/],
    ["1 000 EUR", /write a number|another currency/],
    ["-1 EUR", /write a number/],
    ["01 EUR", /write a number/],
    ["1. EUR", /write a number/],
    [".5 EUR", /write a number/],
    ["1e3 EUR", /write a number/],
    ["1 EUR ", /write a number/],
    ["0.255 EUR", /3 digits behind the point, but EUR has 2/],
    ["1.5 JPY", /1 digits behind the point, but JPY has 0/],
    ["1 USD", /another currency than the network has: EUR, JPY, ETH/],
    ["184467440737095516.16 EUR", /above the largest amount, 184467440737095516.15 EUR/],
    ["99999999999999999999999999 EUR", /above the largest amount, 184467440737095516.15 EUR/],
    ["1 \u001b[31m", /1 .*another currency/],
  ])("%j is no amount", (text, problem) => {
    const read = parseMoney(network, text);
    expect(read).toBeInstanceOf(MoneyProblem);
    expect(read).toMatchObject({ message: expect.stringMatching(problem) });
    expect(String(read)).not.toContain("\u001b");
  });
});
