import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AMOUNT_MAX, addAmounts, amount, parseAmount } from "../../src/primitives/amount.ts";

const amounts = fc.bigInt({ min: 0n, max: AMOUNT_MAX }).map(amount);

describe("amounts", () => {
  it("add exactly, or say that they cannot", () => {
    fc.assert(
      fc.property(amounts, amounts, (left, right) => {
        const sum = addAmounts(left, right);
        expect(sum).toBe(left + right > AMOUNT_MAX ? "overflow" : left + right);
      }),
    );
  });

  it("are read from plain digits", () => {
    fc.assert(
      fc.property(amounts, (value) => {
        expect(parseAmount(value.toString())).toBe(value);
      }),
    );
  });

  it.each(["", "-1", "+1", "01", "1.0", "1e3", " 1", "0x1", "18446744073709551616", "١"])(
    "are not read from %j",
    (text) => {
      expect(parseAmount(text)).toBeUndefined();
    },
  );
});
