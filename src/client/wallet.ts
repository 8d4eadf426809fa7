/** A wallet whose owner keeps the key: its requests are signed before any gateway sees them (L2). */
import { create } from "@bufbuild/protobuf";
import {
  type CancelTransactionRequest,
  CancelTransactionRequestSchema,
  type TransactionRequest,
  TransactionRequestSchema,
  type WalletCreationRequest,
  WalletCreationRequestSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { encodeSignedRead, formatReadCredential } from "../access/signed-read.ts";
import type { Amount } from "../primitives/amount.ts";
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import {
  deriveWalletId,
  type NetworkId,
  type OperationId,
  type WalletId,
} from "../primitives/ids.ts";
import { assembleOperation, encodeOperation } from "../primitives/operation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { WalletCreation } from "../primitives/operations/wallet-creation.ts";
import type { PublicKey, SigningKey } from "../primitives/signature.ts";

export interface WalletParts {
  readonly networkId: NetworkId;
  readonly hash: Hash;
  readonly key: SigningKey;
  /** Chosen once for this wallet; with the key it gives the wallet's id. */
  readonly creationId: OperationId;
}

export interface CreationTerms {
  /** Code of an asset of the genesis. */
  readonly asset: string;
  /** Milliseconds since the epoch: the last block time at which the wallet may be created. */
  readonly validUntil: number;
}

export interface TransferTerms {
  /** Chosen by the payer, once for each payment: the same id again is the same payment, never a second one. */
  readonly id: OperationId;
  readonly to: WalletId;
  /** Code of an asset of the genesis: that of both wallets. */
  readonly asset: string;
  /** Minor units of the asset, at least 1. */
  readonly amount: Amount;
  /** Milliseconds since the epoch: the last block time at which it may be applied. */
  readonly validUntil: number;
  /** At most `LIMITS.referenceLengthMax` bytes of UTF-8. */
  readonly reference?: string | undefined;
}

export interface CancellationTerms {
  /** That of the payment. */
  readonly id: OperationId;
  /** Milliseconds since the epoch; not before the payment's, or it proves nothing (L28). */
  readonly validUntil: number;
}

export interface ReadTerms {
  /** The id in the genesis of the node that is asked. */
  readonly node: string;
  /** Full name of the call: one of `SIGNED_READS` of access/call-scopes.ts. */
  readonly call: string;
  /** The body of the request exactly as it is sent. */
  readonly body: Bytes;
  /** Milliseconds since the epoch: the present. The node takes it within a minute. */
  readonly signedAt: number;
}

/**
 * Each request holds everything that is signed, so it can be sent to any gateway, and again after a lost answer. No
 * matter which gateway orders it, there is one result.
 */
export class Wallet {
  readonly id: WalletId;
  readonly publicKey: PublicKey;
  readonly #parts: WalletParts;

  constructor(parts: WalletParts) {
    const { hash, networkId, key, creationId } = parts;
    this.id = deriveWalletId(hash, { networkId, publicKey: key.publicKey, creationId });
    this.publicKey = key.publicKey;
    this.#parts = parts;
  }

  /** Chosen once for this wallet; with the key it gives the wallet's id. */
  get creationId(): OperationId {
    return this.#parts.creationId;
  }

  /** Creates the wallet without money; the gateway that takes the request sponsors it. */
  create(terms: CreationTerms): WalletCreationRequest {
    return this.#creation(terms, this.#parts.key);
  }

  /** Creates the wallet with new money: it needs only the signature of an issuer of the genesis. */
  createIssued(
    terms: CreationTerms & { readonly initialBalance: Amount },
    issuer: SigningKey,
  ): WalletCreationRequest {
    assert(terms.initialBalance > 0n, "an issuer creates wallets with money");
    return this.#creation(terms, issuer, terms.initialBalance);
  }

  /** Pays from this wallet. */
  transfer(terms: TransferTerms): TransactionRequest {
    const { id, to, asset, amount, validUntil, reference } = terms;
    const { networkId, key } = this.#parts;
    return create(TransactionRequestSchema, {
      transaction: {
        from: this.id,
        to,
        asset,
        amount,
        id,
        validUntil: BigInt(validUntil),
        ...(reference === undefined ? {} : { reference }),
      },
      signature: key.sign(encodeOperation(networkId, this.#transferOf(terms))),
    });
  }

  /** Takes the id of a payment of this wallet, so that it is never made, unless it was ordered before. */
  cancellation({ id, validUntil }: CancellationTerms): CancelTransactionRequest {
    const { networkId, key } = this.#parts;
    const { id: from, publicKey: author } = this;
    const bytes = encodeOperation(networkId, {
      kind: "cancellation",
      author,
      id,
      validUntil,
      from,
    });
    return create(CancelTransactionRequestSchema, {
      cancellation: { from, id, validUntil: BigInt(validUntil) },
      signature: key.sign(bytes),
    });
  }

  /** The same payment as one text of bytes, signature included, as streams take it (submit-transactions.ts). */
  transferBytes(terms: TransferTerms): Bytes {
    const { networkId, hash, key } = this.#parts;
    const operation = this.#transferOf(terms);
    const signature = key.sign(encodeOperation(networkId, operation));
    return assembleOperation(hash, networkId, { operation, signature }).bytes;
  }

  /** The header `authorization` of one request that reads this wallet, for a node with access control. */
  signRead({ node, call, body, signedAt }: ReadTerms): string {
    const { networkId, hash, key } = this.#parts;
    const read = { networkId, node, call, wallet: this.id, signedAt, bodyDigest: hash(body) };
    return formatReadCredential({ ...read, signature: key.sign(encodeSignedRead(read)) });
  }

  #transferOf({ id, to, asset, amount, validUntil, reference }: TransferTerms): Transfer {
    const common = { kind: "transfer", author: this.publicKey, id, validUntil } as const;
    return { ...common, from: this.id, to, asset, amount, reference };
  }

  #creation(
    { asset, validUntil }: CreationTerms,
    author: SigningKey,
    initialBalance?: Amount,
  ): WalletCreationRequest {
    const { networkId, creationId, key } = this.#parts;
    const { publicKey } = key;
    const creation: WalletCreation = {
      kind: "walletCreation",
      author: author.publicKey,
      id: creationId,
      validUntil,
      publicKey,
      asset,
      initialBalance,
    };
    return create(WalletCreationRequestSchema, {
      creationId,
      asset,
      publicKey,
      validUntil: BigInt(validUntil),
      signature: author.sign(encodeOperation(networkId, creation)),
      ...(initialBalance === undefined ? {} : { initialBalance, issuer: author.publicKey }),
    });
  }
}
