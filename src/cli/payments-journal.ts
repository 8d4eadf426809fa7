/**
 * The signed payments of a file, in a file beside it, on disk before anything of them is sent. The command finds them when it is
 * repeated, and sends the same bytes: the same id is the same payment, never a second one. One process at a time has it open: two
 * would sign two payments under one id.
 */
import { entropy, sha256 } from "../node/base/crypto.ts";
import { type Bytes, fromHex, toHex } from "../primitives/bytes.ts";
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
import { LineJournal } from "../storage/line-journal.ts";
import { StorageError } from "../storage/storage-errors.ts";
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

interface JournalParts {
  readonly command: string;
  readonly file: LineJournal;
  readonly networkId: NetworkId;
  readonly secret: Bytes;
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
  readonly #command: string;
  readonly #file: LineJournal;
  readonly #networkId: NetworkId;
  readonly #secret: Bytes;
  readonly #signed = new Map<number, JournaledPayment>();

  private constructor({ command, file, networkId, secret }: JournalParts) {
    this.path = file.path;
    this.#command = command;
    this.#file = file;
    this.#networkId = networkId;
    this.#secret = secret;
  }

  /** The journal beside `file`, made if there is none; it must be closed. */
  static async open(command: string, file: string, owner: JournalOwner): Promise<PaymentsJournal> {
    const opened = await openFile(command, journalOf(file), owner);
    try {
      return PaymentsJournal.#read(command, opened, owner);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  static #read(
    command: string,
    file: LineJournal,
    { networkId, from }: JournalOwner,
  ): PaymentsJournal {
    const [, network, payer, secret = ""] = HEAD.exec(file.head) ?? [];
    const isOwn = network === toHex(networkId) && payer === from;
    if (!isOwn) {
      const whose =
        network === undefined
          ? "is no file of signed payments"
          : `holds what wallet ${payer} signed for network ${network}`;
      throw new CommandError(
        `${command}: ${file.path} ${whose}; give payments of another wallet or network a file of their own`,
      );
    }
    const parts = { command, file, networkId, secret: fromHex(secret) ?? new Uint8Array() };
    const journal = new PaymentsJournal(parts);
    journal.#takeLines();
    return journal;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The id of a row without one: always the same, so that no second signature makes it a second payment. */
  idOf(row: number): OperationId {
    const encoder = new Encoder().tag(TAGS.paymentOfFile).fixed(this.#secret, SECRET_LENGTH);
    return uuidFromDigest(encoder.u32(row).digest(sha256));
  }

  /** The rows for which something was signed. */
  get rows(): readonly number[] {
    return [...this.#signed.keys()];
  }

  /** The last signed payment of a row. */
  signed(row: number): JournaledPayment | undefined {
    return this.#signed.get(row);
  }

  /** Settles when these rows are on disk; false if they have no room, and nothing was written. */
  async add(rows: readonly (readonly [row: number, bytes: Bytes])[]): Promise<boolean> {
    if (rows.length === 0) return true;
    const lines = rows.map(([row, bytes]) => `${row} ${toHex(bytes)}`);
    const isAdded = await this.#file.add(lines).catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
      throw new CommandError(
        `${this.#command}: ${error.message}. Nothing more was signed; then repeat the command`,
      );
    });
    if (!isAdded) return false;
    for (const [row, bytes] of rows) this.#take(row, bytes);
    return true;
  }

  #takeLines(): void {
    for (const [i, line] of this.#file.lines.entries()) {
      const [, row = "", hex = ""] = LINE.exec(line) ?? [];
      if (this.#take(Number(row), fromHex(hex) ?? new Uint8Array())) continue;
      throw new CommandError(
        `${this.#command}: ${this.path}, line ${i + 2}, is no signed payment; put the file back as it was: it says which payments may have been made`,
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

async function openFile(
  command: string,
  path: string,
  { networkId, from }: JournalOwner,
): Promise<LineJournal> {
  const head = `countersign payments 1 ${toHex(networkId)} ${from} ${toHex(entropy(SECRET_LENGTH))}`;
  const bytesMax = LIMITS.files.paymentsJournalBytesMax;
  const file = await LineJournal.open(path, { head, bytesMax }).catch((error: unknown) => {
    if (!(error instanceof StorageError)) throw error;
    const remedy =
      error.code === "unavailable"
        ? "; if no other command makes these payments, remove this folder, which holds nothing, and repeat the command"
        : "";
    throw new CommandError(`${command}: ${error.message}${remedy}`);
  });
  if (file !== undefined) return file;
  throw new CommandError(
    `${command}: another command is making these payments, and has ${path} open; wait until it ends, or end it, then repeat the command`,
  );
}
