/** `countersign receipt pdf`: writes a verified receipt as a page to print or send, with the proof attached. */
import { createFileDurably } from "../storage/atomic-file.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { RECEIPT_FILE_OPTIONS, RECEIPT_OPERAND, readReceiptFile } from "./receipt-file.ts";

const NAME = "receipt pdf";

export const receiptPdf = defineCommand({
  name: NAME,
  example: "countersign receipt pdf receipt.json --genesis genesis.json --out receipt.pdf",
  details:
    "Verifies the receipt first, and calls no node. The receipt itself is attached to the page, which says how to verify it: a page alone " +
    "proves nothing. Your names for wallets are not on it. The same receipt makes the same bytes.",
  operands: [RECEIPT_OPERAND],
  options: {
    ...RECEIPT_FILE_OPTIONS,
    out: { kind: "text", value: "FILE", summary: "the file to write, which must not exist" },
  },
  run: async ({ values, operands: [file] }, terminal) => {
    const { out } = values;
    if (out === undefined) throw usage(`${NAME}: --out FILE is missing: the file to write`);
    const read = await readReceiptFile(NAME, values, file);
    // Loaded here: it is far larger than the rest of the command line.
    const { renderReceipt } = await import("./receipt-page.ts");
    const page = await renderReceipt(read);
    if (!(await createFileDurably(out, page))) {
      throw new CommandError(`${NAME}: ${out} exists; name another file by --out`);
    }
    terminal.answer({ value: { file: out, bytes: page.length }, text: `wrote ${out}` });
    return EXIT.ok;
  },
});
