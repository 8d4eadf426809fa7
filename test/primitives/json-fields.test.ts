// The strict reader of files names the first wrong field by its path, with the remedy, and ignores nothing.
import { describe, expect, it } from "vitest";
import { JsonProblem } from "../../src/primitives/json.ts";
import { type JsonField, readFields } from "../../src/primitives/json-fields.ts";

/** A text with one field of each type. */
function readSample(root: JsonField) {
  const fields = root.record(["name", "list", "key"], ["more"]);
  return {
    name: fields.name.oneOf(["one", "two"]),
    list: fields.list.list({ min: 1, max: 2 }).map((item) => {
      const { at, code } = item.record(["at", "code"]);
      const form = { pattern: /^[A-Z]+$/, form: "capital letters" };
      return { at: at.integer({ min: 0, max: 9 }), code: code.matching(form) };
    }),
    key: fields.key.bytes(2),
    more: Object.keys(fields.more?.entries("an object of anything") ?? {}),
  };
}

const SAMPLE = { name: "two", list: [{ at: 9, code: "AB" }], key: "00ff" };

function problemOf(value: unknown): JsonProblem {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const read = readFields(text, readSample);
  if (read instanceof JsonProblem) return read;
  return expect.fail(`${text} was read`);
}

describe("the fields of a file", () => {
  it("are read, those that may be absent too", () => {
    const more = JSON.parse('{"__proto__": 1, "toString": 2}');
    expect(readFields(JSON.stringify({ ...SAMPLE, more }), readSample)).toEqual({
      name: "two",
      list: [{ at: 9, code: "AB" }],
      key: Uint8Array.of(0, 255),
      more: ["__proto__", "toString"],
    });
    expect(readFields(JSON.stringify(SAMPLE), readSample)).toMatchObject({ more: [] });
  });

  it.each<[unknown, string, string, string]>([
    ["no", "", "is not JSON (line 1, column 1: a value is expected)", "write one JSON object"],
    [[], "", "is not an object", "write an object with name, list, key, more"],
    ['{"name": "one", "name": "two"}', "name", "is given twice", "keep one of them"],
    [{ ...SAMPLE, nam: 1 }, "nam", "is not known", "remove it, or see name, list, key, more"],
    [{ ...SAMPLE, toString: 1 }, "toString", "is not known", "remove it"],
    ['{"__proto__": {"name": "one"}}', "__proto__", "is not known", "remove it"],
    [{ ...SAMPLE, "\u001b[2J": 1 }, '["\\u001b[2J"]', "is not known", "remove it"],
    [{ ...SAMPLE, name: undefined }, "name", "is missing", "add it"],
    [
      { ...SAMPLE, name: "three" },
      "name",
      "has a value that is not known",
      "write one of one, two",
    ],
    [{ ...SAMPLE, name: ["one"] }, "name", "has a value that is not known", "write one of"],
    [{ ...SAMPLE, list: {} }, "list", "is not a list of an allowed length", "a list of 1 to 2"],
    [{ ...SAMPLE, list: [] }, "list", "is not a list of an allowed length", "a list of 1 to 2"],
    [{ ...SAMPLE, list: [1, 2, 3] }, "list", "is not a list of an allowed length", "1 to 2"],
    [{ ...SAMPLE, list: [null] }, "list[0]", "is not an object", "an object with at, code"],
    [{ ...SAMPLE, list: [{ at: 1 }] }, "list[0].code", "is missing", "add it"],
    [{ ...SAMPLE, list: [{ at: 10, code: "A" }] }, "list[0].at", "is not a whole", "0 to 9"],
    [{ ...SAMPLE, list: [{ at: "1", code: "A" }] }, "list[0].at", "is not a whole", "0 to 9"],
    [
      '{"name":"one","list":[{"at":1.0,"code":"A"}],"key":"0000"}',
      "list[0].at",
      "is not",
      "0 to 9",
    ],
    [{ ...SAMPLE, list: [{ at: 1, code: "a" }] }, "list[0].code", "its form", "capital letters"],
    [{ ...SAMPLE, key: "00FF" }, "key", "does not have its form", "4 lower-case hexadecimal"],
    [{ ...SAMPLE, key: "00" }, "key", "does not have its form", "4 lower-case hexadecimal"],
    [{ ...SAMPLE, key: 0 }, "key", "does not have its form", "4 lower-case hexadecimal"],
    [{ ...SAMPLE, more: null }, "more", "is not an object", "write an object of anything"],
  ])("%j: the first that is wrong is named", (value, field, message, remedy) => {
    const problem = problemOf(value);
    expect(problem.field).toBe(field);
    expect(problem.message).toContain(message);
    expect(problem.remedy).toContain(remedy);
  });

  it("are left by an error of the program as it is", () => {
    const broken = () => {
      throw new RangeError("a fault of the reader");
    };
    expect(() => readFields("{}", broken)).toThrow(RangeError);
  });
});
