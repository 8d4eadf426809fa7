/** A wallet whose owner keeps the key: its requests are signed before any gateway sees them (L2). */
import { create } from "@bufbuild/protobuf";
import { CancelTransactionRequestSchema, TransactionRequestSchema, WalletCreationRequestSchema, } from "../../gen/countersign/v1/ledger_service_pb.js";
import { encodeSignedRead, formatReadCredential } from "../access/signed-read.js";
import { assert } from "../primitives/assert.js";
import { deriveWalletId, } from "../primitives/ids.js";
import { assembleOperation, encodeOperation } from "../primitives/operation.js";
/**
 * Each request holds everything that is signed, so it can be sent to any gateway, and again after a lost answer. No
 * matter which gateway orders it, there is one result.
 */
export class Wallet {
    id;
    publicKey;
    #parts;
    constructor(parts) {
        const { hash, networkId, key, creationId } = parts;
        this.id = deriveWalletId(hash, { networkId, publicKey: key.publicKey, creationId });
        this.publicKey = key.publicKey;
        this.#parts = parts;
    }
    /** Chosen once for this wallet; with the key it gives the wallet's id. */
    get creationId() {
        return this.#parts.creationId;
    }
    /** Creates the wallet without money; the gateway that takes the request sponsors it. */
    create(terms) {
        return this.#creation(terms, this.#parts.key);
    }
    /** Creates the wallet with new money: it needs only the signature of an issuer of the genesis. */
    createIssued(terms, issuer) {
        assert(terms.initialBalance > 0n, "an issuer creates wallets with money");
        return this.#creation(terms, issuer, terms.initialBalance);
    }
    /** Pays from this wallet. */
    transfer(terms) {
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
    cancellation({ id, validUntil }) {
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
    transferBytes(terms) {
        const { networkId, hash, key } = this.#parts;
        const operation = this.#transferOf(terms);
        const signature = key.sign(encodeOperation(networkId, operation));
        return assembleOperation(hash, networkId, { operation, signature }).bytes;
    }
    /** The header `authorization` of one request that reads this wallet, for a node with access control. */
    signRead({ node, call, body, signedAt }) {
        const { networkId, hash, key } = this.#parts;
        const read = { networkId, node, call, wallet: this.id, signedAt, bodyDigest: hash(body) };
        return formatReadCredential({ ...read, signature: key.sign(encodeSignedRead(read)) });
    }
    #transferOf({ id, to, asset, amount, validUntil, reference }) {
        const common = { kind: "transfer", author: this.publicKey, id, validUntil };
        return { ...common, from: this.id, to, asset, amount, reference };
    }
    #creation({ asset, validUntil }, author, initialBalance) {
        const { networkId, creationId, key } = this.#parts;
        const { publicKey } = key;
        const creation = {
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
