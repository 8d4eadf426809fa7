/**
 * Custody: this node signs for custodial callers with its custody key, never with its identity. It journals the
 * signed bytes under (principal, id) before they leave, so that a retry gets the same bytes (L24).
 */
import { LedgerService } from "../../../gen/countersign/v1/ledger_service_pb.ts";
import type { Principal } from "../../access/principal.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { rulesOf } from "../../ledger/operation-rules.ts";
import { assert } from "../../primitives/assert.ts";
import { equalBytes, toHex } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import {
  assembleOperation,
  decodeSignedOperation,
  encodeOperation,
  operationKey,
  type SignedOperation,
} from "../../primitives/operation.ts";
import type { Operation, OperationKind } from "../../primitives/operation-kinds.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { AuditedAct } from "../../storage/audit-chain.ts";
import type { AuditTrail } from "../../storage/audit-trail.ts";
import type { CustodyJournal } from "../../storage/contracts.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { custodianOf } from "./custodian.ts";

export interface CustodyParts {
  readonly context: LedgerContext;
  readonly self: ValidatorIndex;
  readonly custodyKey: SigningKey;
  readonly journal: CustodyJournal;
  readonly audit: AuditTrail;
  readonly finalizer: Pick<Finalizer, "committed">;
}

/** Names of the calls in the contract that order operations of clients. */
const CALLS: Partial<Record<OperationKind, string>> = {
  walletCreation: LedgerService.method.walletCreation.name,
  transfer: LedgerService.method.transaction.name,
};

/** A creation with money is signed as issuer. */
function actOf(operation: Operation): AuditedAct {
  const isIssue = operation.kind === "walletCreation" && operation.initialBalance !== undefined;
  return isIssue ? "issue" : "custody";
}

export class Custody {
  readonly #parts: CustodyParts;

  constructor(parts: CustodyParts) {
    this.#parts = parts;
  }

  get publicKey(): PublicKey {
    return this.#parts.custodyKey.publicKey;
  }

  /** The member whose custody key this is; undefined if the wallet's owner keeps the key. */
  custodianOf(publicKey: PublicKey): Validator | undefined {
    const { context, finalizer } = this.#parts;
    return custodianOf(context, finalizer.committed.state, publicKey);
  }

  /** Gives the bytes that were signed for this caller under the key of `operation` before, if any. */
  async signedBefore(
    principal: Principal,
    operation: Operation,
  ): Promise<SignedOperation | undefined> {
    const bytes = await this.#parts.journal.load({
      caller: principal,
      id: operationKey(operation),
    });
    return bytes === undefined ? undefined : this.#read(bytes);
  }

  /** Signs with the custody key. `record` must be called before the operation leaves. */
  sign(operation: Operation): SignedOperation {
    const { context, custodyKey } = this.#parts;
    assert(equalBytes(operation.author, custodyKey.publicKey), "custody signs as itself");
    return this.assemble(operation, custodyKey.sign(encodeOperation(context.networkId, operation)));
  }

  /** Journals an operation before it leaves; gives the one that was journaled under this key before, if any. */
  async record(principal: Principal, signed: SignedOperation): Promise<SignedOperation> {
    const [held] = await Promise.all([
      this.#parts.journal.putIfAbsent({ caller: principal, id: signed.key }, signed.bytes),
      this.#audit(principal, signed, actOf(signed.operation)),
    ]);
    return equalBytes(held, signed.bytes) ? signed : this.#read(held);
  }

  /** Audits that this node answers for an operation which its client signed; settles when that is synced. */
  async recordSponsored(principal: Principal, signed: SignedOperation): Promise<SignedOperation> {
    await this.#audit(principal, signed, "sponsor");
    return signed;
  }

  #audit(principal: Principal, { operation, hash }: SignedOperation, act: AuditedAct) {
    const subject = toHex(hash);
    return this.#parts.audit.record({ act, principal, call: CALLS[operation.kind] ?? "", subject });
  }

  /** Joins an operation with its author's signature, and with this node's own if the operation needs a sponsor. */
  assemble(operation: Operation, signature: Uint8Array): SignedOperation {
    const { context, self, custodyKey } = this.#parts;
    const { hash, networkId } = context;
    if (!rulesOf(operation).needsSponsor(operation)) {
      return assembleOperation(hash, networkId, { operation, signature });
    }
    const sponsorSignature = custodyKey.sign(encodeOperation(networkId, operation));
    const sponsor = { validator: self, signature: sponsorSignature };
    return assembleOperation(hash, networkId, { operation, signature, sponsor });
  }

  #read(bytes: Uint8Array): SignedOperation {
    const { hash, networkId } = this.#parts.context;
    const signed = decodeSignedOperation(hash, networkId, bytes);
    assert(!(signed instanceof EncodingError), "the custody journal gives back what it was given");
    return signed;
  }
}
