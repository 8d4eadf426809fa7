/**
 * Goal: of a refused receipt, the page shows the step that fails, and no other. Method: all receipts of the vectors, good and hostile, each with the
 * check of docs/signing.md that it fails.
 */
import { describe, expect, it } from "vitest";
import { checkReceipt, type ReceiptStep } from "../../explorer/receipt-steps.ts";
import { concatBytes, utf8 } from "../../src/primitives/bytes.ts";
import { ACCEPTED, REFUSED } from "../client/receipt-cases.ts";
import { trust } from "../client/workshop.ts";

/** By the numbers of docs/signing.md. What is wrong with the form is shown at the file, but that of votes at the votes. */
function stepOfCheck(check: string): ReceiptStep["name"] | undefined {
  // The page does not know what was sent: a receipt of another operation holds.
  if (check === "2.4") return undefined;
  if (["5.1", "5.2", "5.7"].includes(check)) return "text";
  if (check === "5.11" || check === "5.12") return "seal";
  switch (check.split(".")[0]) {
    case "1":
      return "text";
    case "2":
      return "leaf";
    case "3":
      return "headers";
    case "4":
      return "path";
    case "5":
      return "keyCertificate";
    default:
      return "finalization";
  }
}

const named = (steps: readonly ReceiptStep[], holds: ReceiptStep["holds"]) =>
  steps.filter((step) => step.holds === holds).map(({ name }) => name);

describe("the steps of the receipt page", () => {
  it.each(ACCEPTED)("all hold for a receipt $name", ({ text }) => {
    const { verdict, steps } = checkReceipt(trust, text);
    expect(verdict.valid).toBe(true);
    const certified = steps.some(({ name }) => name === "seal");
    const certificates = certified ? ["seal", "keyCertificate"] : ["finalization"];
    const names = ["leaf", "path", "headers", ...certificates, "genesis", "text"];
    expect(named(steps, true)).toEqual(names);
    expect(steps).toHaveLength(names.length);
  });

  it.each(REFUSED)("name the check $check for a receipt $name", ({ check = "", text }) => {
    const { verdict, steps } = checkReceipt(trust, text);
    const step = stepOfCheck(check);
    expect(named(steps, false)).toEqual(step === undefined ? [] : [step]);
    expect(verdict.valid).toBe(step === undefined);
    const failing = steps.find(({ holds }) => holds === false);
    if (failing !== undefined) expect(failing.text.length).toBeGreaterThan(10);
  });

  it("fail at the file where a field beside the receipt claims another thing", () => {
    const [{ text } = { text: utf8("") }] = ACCEPTED;
    const claim = '{"result":{"status":"RESULT_STATUS_DECLINED"},"receipt":';
    const { verdict, steps } = checkReceipt(trust, concatBytes(utf8(claim), text, utf8("}")));
    expect(verdict.valid).toBe(false);
    expect(named(steps, false)).toEqual(["text"]);
    expect(named(steps, undefined)).toEqual([]);
  });
});
