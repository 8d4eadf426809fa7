/**
 * Turns commands into signed operations: as the client signed them (L2), or completed with id and deadline and signed
 * by the custody key (L24). A request that repeats an earlier one gets the bytes of the first.
 */
import { CALL_SCOPES, missingScope, readsForeignWallets } from "../../access/call-scopes.ts";
import type { Caller, Principal } from "../../access/principal.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet } from "../../ledger/state.ts";
import type { WalletRecord } from "../../ledger/wallet-record.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { type OperationId, uuidFromDigest, type WalletId } from "../../primitives/ids.ts";
import {
  decodeSignedOperation,
  operationKey,
  type SignedOperation,
} from "../../primitives/operation.ts";
import type { Operation } from "../../primitives/operation-kinds.ts";
import type { Cancellation } from "../../primitives/operations/cancellation.ts";
import type { Transfer } from "../../primitives/operations/transfer.ts";
import type { WalletCreation } from "../../primitives/operations/wallet-creation.ts";
import type { Signature } from "../../primitives/signature.ts";
import type {
  CancellationCommand,
  CreationCommand,
  CustodialCreation,
  CustodialTransfer,
  SignedTransfer,
  TransferCommand,
} from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Intake } from "../intake/intake.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import { clockWrong } from "./clock-refusals.ts";
import type { CommitLag } from "./commit-lag.ts";
import type { Custody } from "./custody.ts";
import type { Ownership } from "./ownership.ts";
import type { Receipts } from "./receipts.ts";
import {
  differences,
  idInUse,
  idTaken,
  notTransfer,
  unknownWallet,
  unreadableTransfer,
} from "./refusals.ts";

export interface SigningParts {
  readonly context: LedgerContext;
  readonly intake: Intake;
  readonly receipts: Receipts;
  readonly custody: Custody;
  readonly ownership: Ownership;
  readonly system: System;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly clock: Pick<OwnClock, "errorMs">;
  readonly lag: Pick<CommitLag, "caughtUp">;
}

/** A signed transfer that came in its canonical bytes, under the author that these name. */
interface DecodedTransfer extends SignedTransfer {
  readonly signed: SignedOperation;
}

/** An order of a wallet's owner. */
interface SignedByPayer {
  readonly operation: Omit<Transfer, "author"> | Omit<Cancellation, "author">;
  readonly signature: Signature;
  /** The same as it came, if it came whole. */
  readonly decoded?: SignedOperation | undefined;
}

/** Lifetime of an operation whose deadline the gateway chooses: much longer than any wait for it. */
const OWN_LIFETIME_MS = 120_000;

export class Signing {
  readonly #parts: SigningParts;

  constructor(parts: SigningParts) {
    this.#parts = parts;
  }

  async creation(command: CreationCommand, caller: Caller): Promise<SignedOperation | Refusal> {
    const { custody, ownership } = this.#parts;
    if (command.kind === "signed") return custody.assemble(command.creation, command.signature);
    const publicKey = command.publicKey ?? custody.publicKey;
    if (command.initialBalance === undefined && !equalBytes(publicKey, custody.publicKey)) {
      return new Refusal("MISSING_FIELD", {
        message: "a wallet without money is created by its own key",
        field: "signature",
        remedy: "Sign the creation with the wallet's key, or leave publicKey out.",
      });
    }
    const refusal = this.#refuseCustody(command, caller);
    if (refusal !== undefined) return refusal;
    const { principal } = caller;
    const creation = this.complete(command);
    if (await ownership.isTaken(creation, principal)) return idTaken(creation);
    return await this.#sign(creation, command.validUntil, principal);
  }

  /** Money for a wallet with this gateway's own key makes a custodial wallet, although the request gives a key. */
  #refuseCustody(
    { initialBalance, publicKey }: CustodialCreation,
    caller: Caller,
  ): Refusal | undefined {
    const { custody } = this.#parts;
    if (initialBalance === undefined || publicKey === undefined) return undefined;
    if (!equalBytes(publicKey, custody.publicKey)) return undefined;
    const { issuedCustodial } = CALL_SCOPES["countersign.v1.LedgerService"].walletCreation;
    const scope = missingScope(caller, issuedCustodial);
    if (scope === undefined) return undefined;
    return new Refusal("PERMISSION_DENIED", {
      message: `the gateway keeps the key of this wallet, and ${caller.principal} does not have the scope ${scope}`,
      field: "publicKey",
      metadata: { scope },
    });
  }

  /**
   * A wallet that is not the caller's answers as one that there is not, after the same wait, before anything else is said of
   * the order.
   */
  async transfer(
    command: TransferCommand | DecodedTransfer,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<SignedOperation | Refusal> {
    const { from } = command.kind === "signed" ? command.transfer : command;
    const order = await this.#onceCaughtUp(() => this.#ownTransfer(command, caller), signal);
    return order ?? unknownWallet(from, "transaction.from");
  }

  /** A wallet that is not the caller's answers as for a transfer. */
  async cancellation(
    { cancellation, signature }: CancellationCommand,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<SignedOperation | Refusal> {
    const order = await this.#onceCaughtUp(
      () => this.#signedByPayer({ operation: cancellation, signature }, caller),
      signal,
    );
    return order ?? unknownWallet(cancellation.from, "cancellation.from");
  }

  /** Tries again after a wait: the creation of the paying wallet may have become final just now. */
  async #onceCaughtUp<T>(
    attempt: () => Promise<T | undefined>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const first = await attempt();
    if (first !== undefined) return first;
    await this.#parts.lag.caughtUp(signal);
    return await attempt();
  }

  /**
   * The transfer that these bytes are. The state says which key must have signed it, as for any signed transfer, and not the author
   * that the bytes name.
   */
  async canonicalTransfer(
    bytes: Bytes,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<SignedOperation | Refusal> {
    const { context } = this.#parts;
    // A copy: these bytes are a part of a message that brought others, which the pool would keep in memory with them.
    const signed = decodeSignedOperation(context.hash, context.networkId, new Uint8Array(bytes));
    if (signed instanceof EncodingError) return unreadableTransfer(signed);
    const { operation, sponsor } = signed;
    if (operation.kind !== "transfer") return notTransfer("the operation is no transfer");
    if (sponsor !== undefined) return notTransfer("a transfer has no sponsor");
    const { signature } = signed;
    const command = {
      kind: "signed",
      transfer: operation,
      signature,
      wait: "final",
      signed,
    } as const;
    return await this.transfer(command, caller, signal);
  }

  /** Undefined if there is no such payer, or none that the caller may know of. */
  async #ownTransfer(
    command: TransferCommand | DecodedTransfer,
    caller: Caller,
  ): Promise<SignedOperation | Refusal | undefined> {
    if (command.kind === "custodial") {
      const payer = this.#walletOf(command.from);
      return payer && (await this.#custodialTransfer(command, payer, caller));
    }
    const decoded = "signed" in command ? command.signed : undefined;
    const { transfer: operation, signature } = command;
    return await this.#signedByPayer({ operation, signature, decoded }, caller);
  }

  #walletOf(id: WalletId): WalletRecord | undefined {
    const { context, finalizer } = this.#parts;
    return findWallet(context, finalizer.committed.state, id);
  }

  /** The operation under the key of its payer; undefined if there is no such payer, or none that the caller may know of. */
  async #signedByPayer(
    { operation, signature, decoded }: SignedByPayer,
    caller: Caller,
  ): Promise<SignedOperation | undefined> {
    const { custody, intake } = this.#parts;
    const payer = this.#walletOf(operation.from);
    // Without a payer a check is made too, so that its time tells nothing.
    const author = payer?.publicKey ?? custody.publicKey;
    const isWhole = decoded !== undefined && equalBytes(decoded.operation.author, author);
    const order = isWhole ? decoded : custody.assemble({ ...operation, author }, signature);
    const isSigned = await intake.isSigned(order);
    const isShown = payer !== undefined && (isSigned || readsForeignWallets(caller));
    return isShown ? order : undefined;
  }

  async #custodialTransfer(
    command: CustodialTransfer,
    payer: WalletRecord,
    caller: Caller,
  ): Promise<SignedOperation | Refusal | undefined> {
    const { custody, ownership } = this.#parts;
    const isCustodian = await ownership.isCustodian(payer, caller.principal);
    if (!isCustodian && !readsForeignWallets(caller)) return undefined;
    const custodian = custody.custodianOf(payer.publicKey);
    if (custodian === undefined) {
      return new Refusal("MISSING_FIELD", { message: "signature is missing", field: "signature" });
    }
    const transfer = this.#completeTransfer(command, payer);
    if (!equalBytes(custodian.custodyKey, custody.publicKey)) {
      const held = command.id === undefined ? undefined : await this.#find(transfer);
      if (held !== undefined) return sameRequest(transfer, held);
      return new Refusal("NOT_CUSTODIAN", {
        message: `the key of this wallet is kept by ${custodian.id}`,
        field: "transaction.from",
        metadata: { custodian: custodian.id, address: custodian.clientAddress },
      });
    }
    if (!isCustodian) return foreignWallet(payer.id);
    return await this.#sign(transfer, command.validUntil, caller.principal);
  }

  /** The creation that this node would sign for the command. */
  complete(command: CustodialCreation): WalletCreation {
    const { context, custody } = this.#parts;
    return {
      kind: "walletCreation",
      author: custody.publicKey,
      id: command.creationId ?? this.#randomId(),
      validUntil: command.validUntil ?? this.#ownDeadline(),
      publicKey: command.publicKey ?? custody.publicKey,
      asset: command.asset ?? context.genesis.assets[0]?.code ?? "",
      initialBalance: command.initialBalance,
    };
  }

  #completeTransfer(command: CustodialTransfer, payer: WalletRecord): Transfer {
    const { from, to, amount, reference } = command;
    return {
      kind: "transfer",
      author: payer.publicKey,
      id: command.id ?? this.#randomId(),
      validUntil: command.validUntil ?? this.#ownDeadline(),
      from,
      to,
      asset: command.asset ?? this.#parts.context.genesis.assets[payer.asset]?.code ?? "",
      amount,
      reference,
    };
  }

  /** Finds the operation under the id of `transfer`, so that it can be answered again without the key that signed it. */
  async #find(transfer: Transfer): Promise<SignedOperation | undefined> {
    const { intake, receipts } = this.#parts;
    const found = await intake.find(operationKey(transfer));
    return found === undefined || "operation" in found ? found : await receipts.operationAt(found);
  }

  /** `validUntil`: the deadline that the client chose, if it chose one. */
  async #sign(
    operation: WalletCreation | Transfer,
    validUntil: number | undefined,
    principal: Principal,
  ): Promise<SignedOperation | Refusal> {
    const { custody, clock } = this.#parts;
    const held = await custody.signedBefore(principal, operation);
    if (held !== undefined) return sameRequest(operation, held);
    const { errorMs } = clock;
    // Other nodes would refuse a deadline from a wrong clock, and the id would be bound to it.
    if (validUntil === undefined && errorMs !== undefined) return clockWrong(operation, errorMs);
    return custody.sign(operation);
  }

  #randomId(): OperationId {
    const { context, system } = this.#parts;
    return uuidFromDigest(context.hash(system.entropy(32)));
  }

  /** If this clock lags behind the ledger, its deadline would be past before the operation leaves. */
  #ownDeadline(): number {
    const { context, system, finalizer } = this.#parts;
    const { lifetimeMsMax, clockSkewMs } = context.genesis.timings;
    const lifetime = Math.min(OWN_LIFETIME_MS, Math.floor((lifetimeMsMax - clockSkewMs) / 2));
    return Math.max(system.wall(), finalizer.committed.state.time) + lifetime;
  }
}

/** Gives the operation that left under this id before if `asked` is the same request; otherwise refuses. */
function sameRequest(asked: Operation, held: SignedOperation): SignedOperation | Refusal {
  return differences(asked, held.operation).length === 0 ? held : idInUse(asked, held);
}

/** For a caller that may read all wallets, and so may know of this one. */
function foreignWallet(id: WalletId): Refusal {
  return new Refusal("PERMISSION_DENIED", {
    message: `this gateway keeps the key of wallet ${id} for another principal`,
    field: "transaction.from",
    remedy: "Pay with a credential of the principal that had the wallet created.",
  });
}
