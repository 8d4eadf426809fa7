/**
 * From a client's command to the signed operation it means: completed with id and deadline and signed by the custody
 * key if this gateway signs (L24), or exactly as the client signed it (L2). What left before under the same id
 * leaves again.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet, type State } from "../../ledger/state.ts";
import type { WalletRecord } from "../../ledger/wallet.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { type OperationId, uuidFromDigest, type WalletId } from "../../primitives/ids.ts";
import { operationKey, type SignedOperation } from "../../primitives/operation.ts";
import type { Operation } from "../../primitives/operation-kinds.ts";
import type { Transfer } from "../../primitives/operations/transfer.ts";
import type { WalletCreation } from "../../primitives/operations/wallet-creation.ts";
import type { CreationCommand, TransferCommand } from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import type { Intake } from "../intake/intake.ts";
import { clockWrong } from "./clock-refusals.ts";
import { type Custody, OPEN_PRINCIPAL } from "./custody.ts";
import type { Receipts } from "./receipts.ts";
import { differences, idInUse, unknownWallet } from "./refusals.ts";

export interface DraftsParts {
  readonly context: LedgerContext;
  readonly intake: Intake;
  readonly receipts: Receipts;
  readonly custody: Custody;
  readonly system: System;
  readonly committedState: () => State;
  /** How far this node's clock is ahead of its peers', if it is wrong; negative: behind. */
  readonly clockError: () => number | undefined;
  /** Settles when this node has caught up with what it knows to be final, or soon enough. */
  readonly catchUp: (signal: AbortSignal) => Promise<void>;
}

/** How long an operation that the gateway dates itself stays valid: well past any wait for it. */
const OWN_LIFETIME_MS = 120_000;

export class Drafts {
  readonly #parts: DraftsParts;

  constructor(parts: DraftsParts) {
    this.#parts = parts;
  }

  async creation(command: CreationCommand): Promise<SignedOperation | Refusal> {
    const { context, custody } = this.#parts;
    const initialBalance = command.initialBalance === 0n ? undefined : command.initialBalance;
    if (command.signature !== undefined) return this.#clientCreation(command);
    const publicKey = command.publicKey ?? custody.publicKey;
    if (initialBalance === undefined && !equalBytes(publicKey, custody.publicKey)) {
      return new Refusal("MISSING_FIELD", {
        message: "a wallet without money is created by its own key",
        field: "signature",
        remedy: "Sign the creation with the wallet's key, or leave publicKey out.",
      });
    }
    const { issuer } = command;
    if (issuer !== undefined && !equalBytes(issuer, custody.publicKey)) {
      return new Refusal("MISSING_FIELD", {
        message: "this gateway cannot sign for that issuer",
        field: "signature",
        remedy: "Sign the creation with the issuer's key, or leave issuer out.",
      });
    }
    const draft: WalletCreation = {
      kind: "walletCreation",
      author: custody.publicKey,
      id: command.creationId ?? this.#randomId(),
      validUntil: command.validUntil ?? this.#ownDeadline(),
      publicKey,
      asset: command.asset ?? context.genesis.assets[0]?.code ?? "",
      initialBalance,
    };
    return await this.#sign(draft, command);
  }

  #clientCreation(command: CreationCommand): SignedOperation | Refusal {
    const { custody } = this.#parts;
    const { creationId: id, asset, publicKey, validUntil, issuer, signature } = command;
    const initialBalance = command.initialBalance === 0n ? undefined : command.initialBalance;
    if (id === undefined) return missing("creationId");
    if (asset === undefined) return missing("asset");
    if (publicKey === undefined) return missing("publicKey");
    if (validUntil === undefined) return missing("validUntil");
    if (signature === undefined) return missing("signature");
    if (initialBalance !== undefined && issuer === undefined) return missing("issuer");
    const author = initialBalance === undefined ? publicKey : (issuer ?? publicKey);
    const common = { kind: "walletCreation", author, id, validUntil } as const;
    const creation: WalletCreation = { ...common, publicKey, asset, initialBalance };
    return custody.sponsored(creation, signature);
  }

  async transfer(
    command: TransferCommand,
    signal: AbortSignal,
  ): Promise<SignedOperation | Refusal> {
    const { context, custody } = this.#parts;
    const payer = await this.#findPayer(command.from, signal);
    if (payer === undefined) return unknownWallet(command.from, "transaction.from");
    const { from, to, reference } = command;
    const draft: Transfer = {
      kind: "transfer",
      author: payer.publicKey,
      id: command.id ?? this.#randomId(),
      validUntil: command.validUntil ?? this.#ownDeadline(),
      from,
      to,
      asset: command.asset ?? context.genesis.assets[payer.asset]?.code ?? "",
      amount: command.amount,
      reference,
    };
    if (command.signature !== undefined) {
      if (command.id === undefined) return missing("transaction.id");
      if (command.asset === undefined) return missing("transaction.asset");
      if (command.validUntil === undefined) return missing("transaction.validUntil");
      return custody.sponsored(draft, command.signature);
    }
    const custodian = custody.custodianOf(payer.publicKey);
    if (custodian === undefined) return missing("signature");
    if (!equalBytes(custodian.custodyKey, custody.publicKey)) {
      const held = command.id === undefined ? undefined : await this.#find(draft);
      if (held !== undefined) return repeated(draft, held);
      return new Refusal("NOT_CUSTODIAN", {
        message: `the key of this wallet is kept by ${custodian.id}`,
        field: "transaction.from",
        metadata: { custodian: custodian.id, address: custodian.clientAddress },
      });
    }
    return await this.#sign(draft, command);
  }

  /** What this node knows under the id of `draft`: it can be answered again without the key that signed it. */
  async #find(draft: Transfer): Promise<SignedOperation | undefined> {
    const { intake, receipts } = this.#parts;
    const found = await intake.find(operationKey(draft));
    return found === undefined || "operation" in found ? found : await receipts.operationAt(found);
  }

  async #sign(
    draft: WalletCreation | Transfer,
    { validUntil }: { readonly validUntil?: number | undefined },
  ): Promise<SignedOperation | Refusal> {
    const { custody, clockError } = this.#parts;
    const held = await custody.signedBefore(OPEN_PRINCIPAL, draft);
    if (held !== undefined) return repeated(draft, held);
    const errorMs = clockError();
    // No other node would take a deadline by a wrong clock, and the id would be bound to it.
    if (validUntil === undefined && errorMs !== undefined) return clockWrong(draft, errorMs);
    return custody.sign(draft);
  }

  /** The paying wallet, also if it is only just on its way here. */
  async #findPayer(id: WalletId, signal: AbortSignal): Promise<WalletRecord | undefined> {
    const { context, committedState, catchUp } = this.#parts;
    const found = findWallet(context, committedState(), id);
    if (found !== undefined) return found;
    await catchUp(signal);
    return findWallet(context, committedState(), id);
  }

  #randomId(): OperationId {
    const { context, system } = this.#parts;
    return uuidFromDigest(context.hash(system.entropy(32)));
  }

  /** A clock that lags behind the ledger would give a deadline that is past before the operation leaves. */
  #ownDeadline(): number {
    const { context, system, committedState } = this.#parts;
    const { lifetimeMsMax, clockSkewMs } = context.genesis.timings;
    const lifetime = Math.min(OWN_LIFETIME_MS, Math.floor((lifetimeMsMax - clockSkewMs) / 2));
    return Math.max(system.wall(), committedState().time) + lifetime;
  }
}

/** What left under this id before, if `draft` repeats it: then these very bytes go out again. */
function repeated(draft: Operation, held: SignedOperation): SignedOperation | Refusal {
  return differences(draft, held.operation).length === 0 ? held : idInUse(draft, held);
}

function missing(field: string): Refusal {
  return new Refusal("MISSING_FIELD", { message: `${field} is missing`, field });
}
