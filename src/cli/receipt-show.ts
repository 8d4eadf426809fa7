/** `countersign receipt show`: shows a verified receipt with the QR code of its link, for another person to scan. */
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { RECEIPT_FILE_OPTIONS, RECEIPT_OPERAND, readReceiptFile } from "./receipt-file.ts";
import { formatLink } from "./receipt-link.ts";
import { formatNamed, namedFields, summarizeReceipt } from "./receipt-summary.ts";
import { WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

const NAME = "receipt show";

export const receiptShow = defineCommand({
  name: NAME,
  example: "countersign receipt show receipt.json --genesis genesis.json",
  details:
    "Verifies the receipt first, and calls no node. The QR code is for a terminal of dark ground. It holds the link, which names the " +
    "network and the payment: no amount, no name, no proof. countersign receipt get --link takes it. Who reads it learns " +
    "these ids; a node shows the receipt only to those who may read it.",
  operands: [RECEIPT_OPERAND],
  options: { ...RECEIPT_FILE_OPTIONS, ...WALLET_NAMES_OPTION },
  run: async ({ values, operands: [file] }, terminal) => {
    // Loaded here, because only this command draws.
    const { qrSquares, qrText } = await import("./qr-code.ts");
    const names = WalletNames.read(NAME, values);
    const { genesis, receipt } = await readReceiptFile(NAME, values, file);
    const lines = summarizeReceipt(genesis, receipt);
    const link = formatLink(receipt.header.networkId, receipt.operation);
    terminal.answer({
      value: { ...namedFields(lines, names), link },
      text: `${formatNamed(lines, names)}\nlink        ${link}\n\n${qrText(qrSquares(link))}`,
    });
    return EXIT.ok;
  },
});
