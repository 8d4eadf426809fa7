/**
 * The signed payments of a file, in a file beside it, on disk before anything of them is sent. The command finds them when it is
 * repeated, and sends the same bytes: the same id is the same payment, never a second one.
 */
import { open } from "node:fs/promises";
import { entropy, sha256 } from "../node/base/crypto.ts";
import { type Bytes, fromHex, toHex, utf8 } from "../primitives/bytes.ts";
import { Encoder, EncodingError } from "../primitives/encoding.ts";
import {
  type NetworkId,
  type OperationId,
  uuidFromDigest,
  type WalletId,
} from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { decodeSignedOperation } from "../primitives/operation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import { TAGS } from "../primitives/tags.ts";
import { createFileDurably } from "../storage/atomic-file.ts";
import { FileTooLarge, readTextBounded } from "../storage/bounded-file.ts";
import { CommandError } from "./command.ts";

/** A signed payment of a row. */
export interface JournaledPayment {
  readonly transfer: Transfer;
  readonly bytes: Bytes;
}

interface JournalOwner {
  readonly networkId: NetworkId;
  readonly from: WalletId;
}

const SUFFIX = ".signed";
const SECRET_LENGTH = 32;
const HEAD = /^countersign payments 1 ([0-9a-f]{64}) ([0-9a-f-]{36}) ([0-9a-f]{64})$/;
const LINE = /^(\d{1,6}) ([0-9a-f]+)$/;

export function journalOf(path: string): string {
  return `${path}${SUFFIX}`;
}

export class PaymentsJournal {
  readonly path: string;
  readonly #networkId: NetworkId;
  readonly #secret: Bytes;
  readonly #signed = new Map<number, JournaledPayment>();
  /** Bytes of whole lines: a line that a crash cut off is overwritten. */
  #length: number;

  private constructor(path: string, text: string, networkId: NetworkId, secret: Bytes) {
    this.path = path;
    this.#networkId = networkId;
    this.#secret = secret;
    this.#length = utf8(text.slice(0, text.lastIndexOf("\n") + 1)).length;
  }

  /** The journal beside `file`, made if there is none. */
  static async open(command: string, file: string, owner: JournalOwner): Promise<PaymentsJournal> {
    const path = journalOf(file);
    const { networkId, from } = owner;
    const head = `countersign payments 1 ${toHex(networkId)} ${from} ${toHex(entropy(SECRET_LENGTH))}\n`;
    await createFileDurably(path, utf8(head));
    const text = textOf(command, path);
    const [, network, payer, secret = ""] = HEAD.exec(text.split("\n", 1)[0] ?? "") ?? [];
    const isOwn = network === toHex(networkId) && payer === from;
    if (!isOwn) {
      const whose =
        network === undefined
          ? "is no file of signed payments"
          : `holds what wallet ${payer} signed for network ${network}`;
      throw new CommandError(
        `${command}: ${path} ${whose}; give payments of another wallet or network a file of their own`,
      );
    }
    const journal = new PaymentsJournal(path, text, networkId, fromHex(secret) ?? new Uint8Array());
    journal.#read(command, text.slice(0, text.lastIndexOf("\n")).split("\n").slice(1));
    return journal;
  }

  /** The id of a row without one: always the same, so that no second signature makes it a second payment. */
  idOf(row: number): OperationId {
    const encoder = new Encoder().tag(TAGS.paymentOfFile).fixed(this.#secret, SECRET_LENGTH);
    return uuidFromDigest(sha256(encoder.u32(row).finish()));
  }

  /** The rows for which something was signed. */
  get rows(): readonly number[] {
    return [...this.#signed.keys()];
  }

  /** The last signed payment of a row. */
  signed(row: number): JournaledPayment | undefined {
    return this.#signed.get(row);
  }

  /** Settles when these rows are on disk. */
  async add(rows: readonly (readonly [row: number, bytes: Bytes])[]): Promise<void> {
    if (rows.length === 0) return;
    const lines = utf8(rows.map(([row, bytes]) => `${row} ${toHex(bytes)}\n`).join(""));
    const file = await open(this.path, "a");
    try {
      await file.truncate(this.#length);
      await file.appendFile(lines);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#length += lines.length;
    for (const [row, bytes] of rows) this.#take(row, bytes);
  }

  #read(command: string, lines: readonly string[]): void {
    for (const [i, line] of lines.entries()) {
      const [, row = "", hex = ""] = LINE.exec(line) ?? [];
      if (this.#take(Number(row), fromHex(hex) ?? new Uint8Array())) continue;
      throw new CommandError(
        `${command}: ${this.path}, line ${i + 2}, is no signed payment; put the file back as it was: it says which payments may have been made`,
      );
    }
  }

  /** False for bytes that are no signed transfer of the network. */
  #take(row: number, bytes: Bytes): boolean {
    const signed = decodeSignedOperation(sha256, this.#networkId, bytes);
    if (signed instanceof EncodingError || signed.operation.kind !== "transfer") return false;
    this.#signed.set(row, { transfer: signed.operation, bytes });
    return true;
  }
}

function textOf(command: string, path: string): string {
  try {
    return readTextBounded(path, LIMITS.files.paymentsJournalBytesMax);
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    throw new CommandError(`${command}: ${path} cannot be used: ${error.message}`);
  }
}
