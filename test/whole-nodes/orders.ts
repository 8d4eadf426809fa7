/** The orders of a world's clients: creations and payments as their owners signed them. */
import type { SigningKey } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import { deriveWalletId, type OperationId, type WalletId } from "../../src/primitives/ids.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";
import type { Receipt } from "../../src/primitives/receipt.ts";
import type { CallContext, LedgerApi, WaitFor } from "../../src/transport/ledger-api.ts";
import type { Refusal } from "../../src/transport/refusal.ts";
import { idOf, keyOf } from "../ledger/fixture.ts";
import type { Question } from "../support/history/history.ts";
import { nameOf } from "../support/history/operation-name.ts";
import { TIMINGS } from "./plan.ts";
import type { World } from "./world.ts";

const BALANCE = 1_000n;

/** A wallet whose owner keeps the key. */
export interface Owned {
  readonly id: WalletId;
  readonly signer: SigningKey;
}

/** A wallet whose key this gateway keeps. */
export interface Custodial {
  readonly id: WalletId;
  readonly gateway: number;
}

export type Wallet = Owned | Custodial;

export interface Answer {
  readonly receipt: Receipt;
}

/** One order of a client, which may be sent many times. */
export interface Order {
  readonly question: Question & { readonly key: string };
  readonly make: (ledger: LedgerApi, call: CallContext) => Promise<Answer | Refusal>;
  /** True if the answer is about this order. */
  readonly isOf: (operation: Operation) => boolean;
  /** The only gateway that can sign it; absent if its owner signed. */
  readonly gateway?: number;
  /** The time at which its client gives up: a signed order can no longer be ordered then. */
  readonly until: number;
  /** Another body under the same id. */
  readonly other?: () => Order;
}

/** Later than its deadline by any clock of the network, and the grace after it. */
const OUTLIVED_MS = TIMINGS.graceMs + 2 * TIMINGS.clockSkewMs;
/** The time for which a client repeats a payment whose deadline its gateway chooses. */
const CUSTODIAL_MS = 6_000;

export class Orders {
  readonly #world: Pick<World, "clock" | "random" | "context">;
  #count = 0;

  constructor(world: Pick<World, "clock" | "random" | "context">) {
    this.#world = world;
  }

  creation(signer: SigningKey, id: OperationId): Order {
    const { context } = this.#world;
    const issuer = keyOf("issuer");
    const { publicKey } = signer;
    const operation: WalletCreation = {
      kind: "walletCreation",
      author: issuer.publicKey,
      id,
      validUntil: this.#deadline(),
      publicKey,
      asset: "EUR",
      initialBalance: amount(BALANCE),
    };
    const signature = issuer.sign(encodeOperation(context.networkId, operation));
    const wait = this.#wait();
    const command = { kind: "signed", creation: operation, signature, wait } as const;
    return {
      question: { kind: "creation", key: nameOf(context, operation), amount: String(BALANCE) },
      make: (ledger, call) => ledger.createWallet(command, call),
      isOf: (other) => this.#same(operation, other),
      until: operation.validUntil + OUTLIVED_MS,
    };
  }

  /** A creation without money that the gateway signs. */
  custodialCreation(gateway: number, creationId: OperationId): Order {
    const { clock, context } = this.#world;
    const publicKey = context.genesis.validators[gateway]?.custodyKey;
    if (publicKey === undefined) throw new Error("a member");
    const { hash, networkId } = context;
    const key = `wallet/${deriveWalletId(hash, { networkId, publicKey, creationId })}`;
    return {
      question: { kind: "creation", key, amount: "0" },
      make: (ledger, call) =>
        ledger.createWallet({ kind: "custodial", creationId, wait: "final" }, call),
      isOf: (other) => other.kind === "walletCreation" && other.id === creationId,
      gateway,
      until: clock.now + CUSTODIAL_MS,
    };
  }

  payment(from: Wallet, to: WalletId, of: bigint): Order {
    const id = idOf(`payment ${this.#count++}`);
    if ("gateway" in from) return this.#custodial(from, { id, to, amount: amount(of) });
    const { signer } = from;
    const author = signer.publicKey;
    const validUntil = this.#deadline();
    const common = { kind: "transfer", author, id, validUntil, reference: undefined } as const;
    return this.#signed({ ...common, from: from.id, to, asset: "EUR", amount: amount(of) }, signer);
  }

  #signed(transfer: Transfer, signer: SigningKey): Order {
    const { context } = this.#world;
    const signature = signer.sign(encodeOperation(context.networkId, transfer));
    const { from, to, validUntil } = transfer;
    const wait = this.#wait();
    const command = { kind: "signed", transfer, signature, wait } as const;
    const texts = { from, to, amount: String(transfer.amount), wait };
    const more = { ...transfer, amount: amount(transfer.amount + 1n) };
    return {
      question: { kind: "transfer", key: nameOf(context, transfer), ...texts },
      make: (ledger, call) => ledger.transfer(command, call),
      isOf: (other) => this.#same(transfer, other),
      until: validUntil + OUTLIVED_MS,
      other: () => this.#signed(more, signer),
    };
  }

  /** The gateway chooses the deadline: another one if it does not remember the first. */
  #custodial(from: Custodial, asked: Pick<Transfer, "id" | "to" | "amount">): Order {
    const { id, to, amount: of } = asked;
    const wait = this.#wait();
    const command = { kind: "custodial", from: from.id, to, amount: of, id, wait } as const;
    const texts = { from: from.id, to, amount: String(of), wait };
    return {
      question: { kind: "transfer", key: `${from.id}/${id}`, ...texts },
      make: (ledger, call) => ledger.transfer(command, call),
      isOf: (other) =>
        other.kind === "transfer" &&
        other.from === from.id &&
        other.id === id &&
        other.to === to &&
        other.amount === of,
      gateway: from.gateway,
      until: this.#world.clock.now + CUSTODIAL_MS,
      other: () => this.#custodial(from, { id, to, amount: amount(of + 1n) }),
    };
  }

  #same(left: Operation, right: Operation): boolean {
    const { networkId } = this.#world.context;
    return equalBytes(encodeOperation(networkId, left), encodeOperation(networkId, right));
  }

  #deadline(): number {
    const { clock, random } = this.#world;
    return clock.now + random.between(1_000, TIMINGS.lifetimeMsMax - TIMINGS.clockSkewMs);
  }

  #wait(): WaitFor {
    return this.#world.random.chance(0.3) ? "sealed" : "final";
  }
}
