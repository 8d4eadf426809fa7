/**
 * The signed payments of a file, in a file beside it, on disk before anything of them is sent. The command finds them when it is
 * repeated, and sends the same bytes: the same id is the same payment, never a second one. One process at a time has it open: two
 * would sign two payments under one id.
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
import type { ExclusiveLock } from "../storage/exclusive-lock.ts";
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
  readonly path: string;
  readonly text: string;
  readonly networkId: NetworkId;
  readonly secret: Bytes;
  readonly lock: ExclusiveLock;
}

const SUFFIX = ".signed";
const LOCK_SUFFIX = ".lock";
const SECRET_LENGTH = 32;
const HEAD = /^countersign payments 1 ([0-9a-f]{64}) ([0-9a-f-]{36}) ([0-9a-f]{64})$/;
const LINE = /^(\d{1,6}) ([0-9a-f]+)$/;

export function journalOf(path: string): string {
  return `${path}${SUFFIX}`;
}

export class PaymentsJournal {
  readonly path: string;
  readonly #command: string;
  readonly #lock: ExclusiveLock;
  readonly #networkId: NetworkId;
  readonly #secret: Bytes;
  readonly #signed = new Map<number, JournaledPayment>();
  /** Bytes of whole lines: a line that a crash cut off is overwritten. */
  #length: number;
  /** Bytes on disk, with such a line. */
  #size: number;

  private constructor({ command, path, text, networkId, secret, lock }: JournalParts) {
    this.path = path;
    this.#command = command;
    this.#lock = lock;
    this.#networkId = networkId;
    this.#secret = secret;
    this.#size = utf8(text).length;
    this.#length = utf8(text.slice(0, text.lastIndexOf("\n") + 1)).length;
  }

  /** The journal beside `file`, made if there is none; it must be closed. */
  static async open(command: string, file: string, owner: JournalOwner): Promise<PaymentsJournal> {
    const path = journalOf(file);
    const lock = await lockOf(command, path);
    try {
      return await PaymentsJournal.#openLocked({ command, path, lock }, owner);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  static async #openLocked(
    locked: Pick<JournalParts, "command" | "path" | "lock">,
    { networkId, from }: JournalOwner,
  ): Promise<PaymentsJournal> {
    const { command, path } = locked;
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
    const journal = new PaymentsJournal({
      ...locked,
      ...{ text, networkId, secret: fromHex(secret) ?? new Uint8Array() },
    });
    journal.#read(command, text.slice(0, text.lastIndexOf("\n")).split("\n").slice(1));
    return journal;
  }

  close(): Promise<void> {
    return this.#lock.release();
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

  /** Settles when these rows are on disk; false if they have no room, and nothing was written. */
  async add(rows: readonly (readonly [row: number, bytes: Bytes])[]): Promise<boolean> {
    if (rows.length === 0) return true;
    const added = rows.reduce(
      (sum, [row, bytes]) => sum + `${row} \n`.length + 2 * bytes.length,
      0,
    );
    const length = this.#length + added;
    // The next command could not read more.
    if (length > LIMITS.files.paymentsJournalBytesMax) return false;
    const lines = utf8(rows.map(([row, bytes]) => `${row} ${toHex(bytes)}\n`).join(""));
    const file = await open(this.path, "a");
    try {
      const { size } = await file.stat();
      if (size !== this.#size) throw this.#changed();
      await file.truncate(this.#length);
      await file.appendFile(lines);
      await file.sync();
      this.#size = (await file.stat()).size;
    } finally {
      await file.close();
    }
    if (this.#size !== length) throw this.#changed();
    this.#length = length;
    for (const [row, bytes] of rows) this.#take(row, bytes);
    return true;
  }

  #changed(): CommandError {
    return new CommandError(
      `${this.#command}: ${this.path} was changed while this command had it open; nothing more was signed. See that nothing else writes it, then repeat the command`,
    );
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

async function lockOf(command: string, path: string): Promise<ExclusiveLock> {
  const folder = `${path}${LOCK_SUFFIX}`;
  // Loads LevelDB, which other commands do not need.
  const { takeExclusiveLock } = await import("../storage/exclusive-lock.ts");
  try {
    const lock = await takeExclusiveLock(folder);
    if (lock !== undefined) return lock;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new CommandError(
      `${command}: ${error.message}; if no other command makes these payments, remove this folder, which holds nothing, and repeat the command`,
    );
  }
  throw new CommandError(
    `${command}: another command is making these payments, and has ${path} open; wait until it ends, or end it, then repeat the command`,
  );
}

function textOf(command: string, path: string): string {
  try {
    return readTextBounded(path, LIMITS.files.paymentsJournalBytesMax);
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    throw new CommandError(`${command}: ${path} cannot be used: ${error.message}`);
  }
}
