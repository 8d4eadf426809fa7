import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fieldPath,
  type Json,
  JsonProblem,
  NumberLiteral,
  readJson,
  readWholeNumber,
} from "../../src/primitives/json.ts";
import { LIMITS } from "../../src/primitives/limits.ts";

/** The value that JSON.parse gives. */
function plain(value: Json): unknown {
  if (value instanceof NumberLiteral) return Number(value.source);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, item]) => [name, plain(item)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe("the strict JSON reader", () => {
  test("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = readJson(text);
        if (value instanceof JsonProblem) expect(value.message).toBe("is given twice");
        else expect(plain(value)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test("refuses what JSON.parse refuses, one character away from JSON included", () => {
    const near = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[]",:\\u0e+-.tfn \n\u0000\ufeff'.split("")))
      .map(([text, at, character]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + character + text.slice(place + (at % 2));
      });
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        const value = readJson(text);
        if (!(value instanceof JsonProblem)) expect(plain(value)).toEqual(JSON.parse(text));
        else if (value.message !== "is given twice") expect(parsed(text)).toBeUndefined();
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['{"a":{"b":1,"b":2}}', "a.b"],
    ['{"a":[{},{"b":[0,{"c":1,"\\u0063":2}]}]}', "a[1].b[1].c"],
    ['{"a":1,"b":{"a":1},"a":2}', "a"],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['[{"constructor":1},{"toString":1,"toString":2}]', "[1].toString"],
    ['{"a":{"\\u001b[2J":1,"\\u001b[2J":1}}', 'a["\\u001b[2J"]'],
  ])("names a repeated key of %s by its full path", (text, field) => {
    expect(readJson(text)).toEqual(new JsonProblem(field, "is given twice", "keep one of them"));
  });

  test.each([
    ["", "line 1, column 1"],
    ["{", "line 1, column 2"],
    ['{\n  "a": 1,\n  "b": tru\n}', "line 3, column 8"],
    ['{"a":1}}', "line 1, column 8"],
    ["\ufeff{}", "line 1, column 1"],
    ['{"a":"\n"}', "line 1, column 7"],
    ["\n\n{}\n x", "line 4, column 2"],
    ["[\n", "line 2, column 1"],
  ])("says where %j is not JSON", (text, place) => {
    expect(readJson(text)).toMatchObject({ field: "", message: expect.stringContaining(place) });
  });

  test("reads 64 levels and says why it reads no more", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(readJson(nested(64))).not.toBeInstanceOf(JsonProblem);
    expect(readJson(nested(100_000))).toMatchObject({ message: "is nested deeper than 64 levels" });
  });

  test("reads so many values and escaped characters, and no more", () => {
    const { jsonPartsMax } = LIMITS;
    const values = (count: number) => `[${"0,".repeat(count - 2)}0]`;
    const escaped = (count: number) => `"${"\\n".repeat(count - 1)}"`;
    const message = `has more than ${jsonPartsMax} values and escaped characters`;
    for (const text of [values, escaped]) {
      expect(readJson(text(jsonPartsMax))).not.toBeInstanceOf(JsonProblem);
      expect(readJson(text(jsonPartsMax + 1))).toMatchObject({ field: "", message });
    }
  });

  test.each([
    ["0", 0],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", undefined],
    ["1.0", undefined],
    ["1e3", undefined],
    ["-1", undefined],
    ['"1"', undefined],
    ["null", undefined],
  ])("a whole number in plain digits: %s", (text, number) => {
    const value = readJson(text);
    expect(value instanceof JsonProblem ? value : readWholeNumber(value)).toBe(number);
  });

  test("a path quotes and cuts what is no plain word", () => {
    expect(fieldPath("", "a")).toBe("a");
    expect(fieldPath("a", "b-1_c")).toBe("a.b-1_c");
    expect(fieldPath("a", "b.c")).toBe('a["b.c"]');
    expect(fieldPath("", "é\n")).toBe('["\\u00e9\\n"]');
    expect(fieldPath("a", "x".repeat(1_000)).length).toBeLessThan(80);
  });
});
