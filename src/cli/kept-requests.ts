/**
 * Signed transfers with an unknown outcome, kept beside the keys that signed them, so that the same command sends the same
 * bytes. A second signature under one id, with another deadline, would be a second order
 * (docs/decisions/0010-repeated-requests.md).
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { equals, toJsonString } from "@bufbuild/protobuf";
import {
  type TransactionRequest,
  TransactionRequestSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { TransferTerms, Wallet } from "../client/wallet.ts";
import { utf8 } from "../primitives/bytes.ts";
import type { OperationId, WalletId } from "../primitives/ids.ts";
import { createFileDurably, syncDirectory } from "../storage/atomic-file.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { readPrivateFile } from "../storage/private-file.ts";
import { StorageError } from "../storage/storage-errors.ts";
import { Refusal } from "../transport/refusal.ts";
import { readStrictJson } from "../transport/strict-json.ts";
import { usage } from "./arguments.ts";
import { CommandError } from "./command.ts";

export interface KeptTransfer {
  /** The payer. */
  readonly wallet: Wallet;
  readonly request: TransactionRequest;
  /** True if it was signed by an earlier command, which may have sent it. */
  readonly isRepeated: boolean;
}

export class KeptRequests {
  readonly #command: string;
  readonly #folder: string;

  /** `wallets` is the folder of the keys. */
  constructor(command: string, wallets: string) {
    this.#command = command;
    this.#folder = join(wallets, "unsettled");
  }

  /** Returns the signed transfer, which is on disk before it is sent, or the same transfer signed earlier under its id. */
  async sign(wallet: Wallet, terms: TransferTerms): Promise<KeptTransfer> {
    const request = wallet.transfer(terms);
    const path = this.#pathOf(wallet.id, terms.id);
    await makeFolder(this.#folder, 0o700);
    const json = `${toJsonString(TransactionRequestSchema, request)}\n`;
    if (await createFileDurably(path, utf8(json))) return { wallet, request, isRepeated: false };
    const held = await this.#read(path);
    const validUntil = Number(held.transaction?.validUntil ?? 0n);
    // Ed25519 is deterministic, so the two can differ only in their deadline.
    if (!equals(TransactionRequestSchema, held, wallet.transfer({ ...terms, validUntil }))) {
      throw usage(
        `${this.#command}: --id ${terms.id} belongs to another signed payment whose outcome is unknown (${path}); ` +
          "repeat that one as it was, or give this one an id of its own",
      );
    }
    return { wallet, request: held, isRepeated: true };
  }

  /** The deadline of the transfer that is kept under this id; undefined if there is none. */
  async deadlineOf(from: WalletId, id: OperationId): Promise<number | undefined> {
    const path = this.#pathOf(from, id);
    if (!existsSync(path)) return undefined;
    const { transaction } = await this.#read(path);
    return transaction === undefined ? undefined : Number(transaction.validUntil);
  }

  /** Called when the outcome is known: the receipt was shown, or the transfer was refused and never sent before. */
  async settle(from: WalletId, id: OperationId): Promise<void> {
    const path = this.#pathOf(from, id);
    if (!existsSync(path)) return;
    await rm(path, { force: true });
    await syncDirectory(this.#folder);
  }

  async #read(path: string): Promise<TransactionRequest> {
    const remedy =
      "look for its outcome by countersign receipt get, and remove the file when that is known";
    try {
      const request = readStrictJson(TransactionRequestSchema, await readPrivateFile(path));
      if (!(request instanceof Refusal)) return request;
      throw new CommandError(
        `${this.#command}: ${path} is no request: ${request.message}; ${remedy}`,
      );
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      throw new CommandError(`${this.#command}: ${error.message}; ${remedy}`);
    }
  }

  #pathOf(from: WalletId, id: OperationId): string {
    return join(this.#folder, `${from}.${id}.json`);
  }
}
