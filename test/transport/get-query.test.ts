/** The query of a GET is read in time proportional to its length. */
import { expect, test } from "vitest";
import { GetWalletRequestSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { checkQuery } from "../../src/transport/get-query.ts";
import { Refusal } from "../../src/transport/refusal.ts";

const FORM = { input: GetWalletRequestSchema, bytesMax: 1024 * 1024, fieldsMax: undefined };

test("padding without end is refused at once", async () => {
  const query = `encoding=json&base64=1&message=${"=".repeat(64 * 1024)}e`;
  const begun = process.cpuUsage();
  const checked = await checkQuery(query, FORM, []);
  // The time of the processor, which a busy machine does not add to.
  expect(process.cpuUsage(begun).user).toBeLessThan(1_000_000);
  expect(checked).toBeInstanceOf(Refusal);
});

test.each(["e30", "e30="])("padding may be there or not: %s", async (message) => {
  const checked = await checkQuery(`encoding=json&base64=1&message=${message}`, FORM, []);
  expect(checked).toBe("encoding=json&base64=1&message=e30");
});
