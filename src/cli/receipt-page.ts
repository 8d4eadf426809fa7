/** A receipt as one page of PDF: what happened, its proof as an attached file, and how to verify it. */
import PDFDocument from "pdfkit";
import { assert } from "../primitives/assert.ts";
import { type Bytes, toHex } from "../primitives/bytes.ts";
import { printable } from "../primitives/printable.ts";
import { type QrSquares, qrSquares } from "./qr-code.ts";
import type { ReceiptFile } from "./receipt-file.ts";
import { formatLink } from "./receipt-link.ts";
import { summarizeReceipt } from "./receipt-summary.ts";

/** Points. */
const MARGIN = 50;
const LABEL_WIDTH = 80;
const VALUE_WIDTH = 415;
const QR_WIDTH = 120;
const FONTS = { text: "Helvetica", head: "Helvetica-Bold", value: "Courier" } as const;
/** The fonts that every reader of PDF has show these. */
const BEYOND_LATIN = /[^\x20-\x7e\u00a1-\u00ff]/gu;
const ATTACHED = "receipt.json";

/** The same bytes for the same receipt: nothing comes from the clock or by chance. */
export async function renderReceipt(file: ReceiptFile): Promise<Bytes> {
  const { genesis, receipt, text } = file;
  const at = dateOf(receipt.header.time);
  const title = "Receipt of a ledger of Countersign";
  const document = new PDFDocument({
    ...{ size: "A4", margin: MARGIN, lang: "en" },
    info: { Title: title, CreationDate: at, Creator: "countersign", Producer: "countersign" },
  });
  const whole = collect(document);
  let pages = 1;
  document.on("pageAdded", () => {
    pages += 1;
  });
  document.font(FONTS.head).fontSize(16).text(title, MARGIN, MARGIN);
  document.moveDown(1);
  for (const [label, value] of summarizeReceipt(genesis, receipt)) line(document, label, value);
  const { proof } = receipt.receipt;
  if (proof.kind === "sealed") line(document, "seal", toHex(proof.sealedHeader.seal));
  verification(document, text);
  const link = formatLink(receipt.header.networkId, receipt.operation);
  draw(document, qrSquares(link));
  document.font(FONTS.value).fontSize(7).text(link, MARGIN, document.y, { width: 495 });
  document.file(Buffer.from(text), {
    ...{ name: ATTACHED, type: "application/json", description: "The receipt, with its proof" },
    ...{ creationDate: at, modifiedDate: at },
  });
  document.end();
  assert(pages === 1, "a receipt fits on one page");
  return await whole;
}

/** A block time may be beyond the calendar of dates. */
function dateOf(ms: number): Date {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? new Date(0) : date;
}

function collect(document: PDFKit.PDFDocument): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    document.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    document.on("end", () => resolve(new Uint8Array(Buffer.concat(chunks))));
    document.on("error", reject);
  });
}

function line(document: PDFKit.PDFDocument, label: string, value: string): void {
  const { y } = document;
  document.font(FONTS.text).fontSize(9).text(label, MARGIN, y, { width: LABEL_WIDTH });
  const options = { width: VALUE_WIDTH };
  document
    .font(FONTS.value)
    .fontSize(9)
    .text(shown(value), MARGIN + LABEL_WIDTH, y, options);
  document.moveDown(0.4);
}

function verification(document: PDFKit.PDFDocument, text: Bytes): void {
  document.moveDown(1);
  document.font(FONTS.head).fontSize(11).text("How to verify it", MARGIN, document.y);
  document.moveDown(0.4);
  const steps = [
    `This page proves nothing by itself: anybody can print one. The proof is the file ${ATTACHED} (${text.length} bytes), which is attached to this PDF.`,
    "Take the network's genesis from a source that you trust. Its hash must be the network above: countersign genesis hash genesis.json",
    `Save the attached file, by your reader of PDF or by: pdfdetach -save 1 -o ${ATTACHED} THIS.pdf`,
    `Run: countersign receipt verify ${ATTACHED} --genesis genesis.json`,
    "It must say what stands above. docs/signing.md says how to verify it by other software: the seal is a plain Ed25519 signature.",
  ];
  document.font(FONTS.text).fontSize(9);
  for (const [i, step] of steps.entries()) {
    document.text(`${i + 1}. ${step}`, MARGIN, document.y, { width: LABEL_WIDTH + VALUE_WIDTH });
    document.moveDown(0.3);
  }
  document.moveDown(0.7);
  const note = "The code holds the link below it: network and ids, no amount and no proof.";
  document.text(note, MARGIN, document.y);
  document.moveDown(0.5);
}

function draw(document: PDFKit.PDFDocument, squares: QrSquares): void {
  const top = document.y;
  const size = QR_WIDTH / squares.length;
  for (const [row, dark] of squares.entries()) {
    for (const [column, isDark] of dark.entries()) {
      if (isDark) document.rect(MARGIN + column * size, top + row * size, size, size);
    }
  }
  document.fill("black");
  document.y = top + QR_WIDTH + 10;
}

/** Other characters are in the attached file, and stand here as \u{…}. */
function shown(text: string): string {
  return printable(text).replace(
    BEYOND_LATIN,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
