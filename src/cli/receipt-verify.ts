/** `countersign receipt verify`: checks a receipt file offline against the genesis and says what it proves. */
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { RECEIPT_FILE_OPTIONS, RECEIPT_OPERAND, readReceiptFile } from "./receipt-file.ts";
import { formatNamed, namedFields, summarizeReceipt } from "./receipt-summary.ts";
import { WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

const NAME = "receipt verify";

export const receiptVerify = defineCommand({
  name: NAME,
  example: "countersign receipt verify receipt.json --genesis genesis.json",
  details: "Calls no node.",
  operands: [RECEIPT_OPERAND],
  options: { ...RECEIPT_FILE_OPTIONS, ...WALLET_NAMES_OPTION },
  run: async ({ values, operands: [file] }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const { genesis, receipt } = await readReceiptFile(NAME, values, file);
    const lines = summarizeReceipt(genesis, receipt);
    terminal.answer({ value: namedFields(lines, names), text: formatNamed(lines, names) });
    return EXIT.ok;
  },
});
