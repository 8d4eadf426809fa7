/** Goal: text that another machine chose cannot act on its reader. Method: the wire, then the printed form. */
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorDetailSchema } from "../../gen/countersign/v1/types_pb.ts";
import { formatSummary } from "../../src/cli/receipt-summary.ts";
import { formatTable } from "../../src/cli/table.ts";
import { formatJson } from "../../src/cli/terminal.ts";
import { greetingFromMessage, greetingToRequest } from "../../src/transport/convert-peer.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { registrationOf } from "./peer-double.ts";

const CLEAR_SCREEN = "\u001b[2J\u001b[H";
const OWN_ROW = "x:1\nnode9  connected  127.0.0.1:1";

describe("a registration", () => {
  it.each(["address", "clientAddress"] as const)("whose %s is no address is refused", (field) => {
    for (const hostile of [`${CLEAR_SCREEN}127.0.0.1:7101`, OWN_ROW, "127.0.0.1", "127.0.0.1:0"]) {
      const { registration, signature } = registrationOf(1);
      const signed = { registration: { ...registration, [field]: hostile }, signature };
      expect(greetingFromMessage(greetingToRequest(signed))).toMatchObject({
        reason: "MALFORMED",
        field: `registration.${field}`,
      });
    }
  });
});

describe("what the command line shows", () => {
  it("keeps every cell of a table in its place", () => {
    const shown = formatTable(["peer", "address"], [["node1", `${CLEAR_SCREEN}${OWN_ROW}`]]);
    expect(shown.split("\n")).toHaveLength(2);
    expect(shown).not.toContain("\u001b");
  });

  it("keeps every line of a summary a line", () => {
    expect(formatSummary([["version", `1\n${CLEAR_SCREEN}`]]).split("\n")).toHaveLength(1);
  });

  it("writes JSON that steers no terminal, and is the same value", () => {
    const value = { version: "1\u009b2J\u202e" };
    expect(formatJson(value)).toBe('{"version":"1\\u009b2J\\u202e"}');
    expect(JSON.parse(formatJson(value))).toEqual(value);
  });
});

it("a refusal of another node is read without what could steer a terminal", () => {
  const detail = {
    reason: "INTERNAL",
    field: "a\nb",
    remedy: CLEAR_SCREEN,
    metadata: { "k\u001b": "v\u202e" },
  };
  const error = new ConnectError(`gone${CLEAR_SCREEN}`, Code.Internal, undefined, [
    { desc: ErrorDetailSchema, value: detail },
  ]);
  const sent = readRefusal(error);
  expect(sent).toMatchObject({ field: "a\\u{a}b", remedy: "\\u{1b}[2J\\u{1b}[H" });
  expect(sent?.message).toBe("gone\\u{1b}[2J\\u{1b}[H");
  expect(sent?.metadata).toEqual({ "k\\u{1b}": "v\\u{202e}" });
});
