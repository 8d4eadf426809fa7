/**
 * Hands out backups of the node's store on the operator's socket: one at a time, piece by piece, at the pace of the one that
 * reads. The store goes on; the copy is as of its first piece.
 */
import { type Caller, isOnSocket } from "../../access/principal.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { encodeRecords } from "../../storage/backup-records.ts";
import type { Store } from "../../storage/contracts.ts";
import type { BackupInfo, BackupPlace } from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";

const ID_LENGTH = 16;
const EMPTY = new Uint8Array(0);

export interface BackupDeskParts {
  readonly store: Pick<Store, "backup">;
  readonly nodeId: string;
  readonly networkId: NetworkId;
  readonly system: Pick<System, "after" | "entropy">;
  readonly log: Pick<Log, "info" | "warn">;
}

/** A backup that is being read. */
interface Reading {
  readonly id: Bytes;
  readonly pieces: AsyncGenerator<Bytes>;
  /** The piece that was given last, and its offset: its answer may have been lost. */
  last: { readonly offset: number; readonly piece: Bytes };
  isBusy: boolean;
  /** Cancels the end that comes when it is not read on. */
  cancelEnd: () => void;
}

export class BackupDesk {
  readonly #parts: BackupDeskParts;
  #reading: Reading | undefined;

  constructor(parts: BackupDeskParts) {
    this.#parts = parts;
  }

  begin(caller: Caller): BackupInfo | Refusal {
    if (!isOnSocket(caller)) {
      return new Refusal("PERMISSION_DENIED", {
        message:
          "a backup holds everything that this node stores, and is not given over the network",
        remedy: "Make it on the node's machine: countersign backup.",
      });
    }
    if (this.#reading !== undefined) {
      return new Refusal("LIMIT", {
        message: "another backup of this node is under way",
        remedy: `Wait for its end. One that was broken off ends ${LIMITS.backupIdleMsMax / 1000} seconds later.`,
      });
    }
    const { store, nodeId, networkId, system, log } = this.#parts;
    const id = system.entropy(ID_LENGTH);
    this.#reading = {
      id,
      pieces: encodeRecords(store.backup(), LIMITS.backupAnswerBytesMax),
      last: { offset: 0, piece: EMPTY },
      isBusy: false,
      cancelEnd: () => undefined,
    };
    this.#awaitQuestion(this.#reading);
    log.info({ principal: caller.principal }, "the operator begins a backup");
    return { id, nodeId, networkId };
  }

  async read({ id, offset }: BackupPlace): Promise<Bytes | Refusal> {
    const reading = this.#named(id);
    if (reading instanceof Refusal) return reading;
    if (reading.isBusy) {
      return new Refusal("LIMIT", { message: "this backup is being read by another call" });
    }
    const { last } = reading;
    if (offset === last.offset && last.piece.length > 0) return last.piece;
    const next = last.offset + last.piece.length;
    if (offset !== next) {
      const message = `is ${offset}, but the next bytes are those from ${next} on`;
      return new Refusal("MALFORMED", { message, field: "offset" });
    }
    return await this.#next(reading, offset);
  }

  /** Reads on, unless the backup ends meanwhile. */
  async #next(reading: Reading, offset: number): Promise<Bytes | Refusal> {
    reading.cancelEnd();
    reading.isBusy = true;
    try {
      const step = await reading.pieces.next();
      const piece = step.done === true ? EMPTY : step.value;
      reading.last = { offset, piece };
      return this.#reading === reading ? piece : ended();
    } catch (error) {
      // The generator has ended: nothing more can be read.
      if (this.#reading === reading) this.#reading = undefined;
      throw error;
    } finally {
      reading.isBusy = false;
      if (this.#reading === reading) this.#awaitQuestion(reading);
    }
  }

  end(id: Bytes): Refusal | undefined {
    const reading = this.#named(id);
    if (reading instanceof Refusal) return reading;
    this.#close(reading);
    this.#parts.log.info({}, "a backup has ended");
    return undefined;
  }

  /** Ends what is under way, before the store is closed. */
  stop(): void {
    if (this.#reading !== undefined) this.#close(this.#reading);
  }

  #named(id: Bytes): Reading | Refusal {
    const reading = this.#reading;
    return reading !== undefined && equalBytes(reading.id, id) ? reading : ended();
  }

  #awaitQuestion(reading: Reading): void {
    reading.cancelEnd = this.#parts.system.after(LIMITS.backupIdleMsMax, () => {
      this.#parts.log.warn({}, "a backup was not read on, and has ended");
      this.#close(reading);
    });
  }

  #close(reading: Reading): void {
    reading.cancelEnd();
    this.#reading = undefined;
    // Frees the iteration of the store; one under way does so after its step. The store may be closed by then.
    reading.pieces.return(undefined).catch(() => undefined);
  }
}

function ended(): Refusal {
  return new Refusal("NOT_FOUND", {
    message: "no backup of this id is under way; it has ended",
    remedy: "Begin another one.",
  });
}
