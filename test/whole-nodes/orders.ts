/** What the clients of a world ask for: creations and payments as their owners signed them. */
import type { Signer } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { OperationId, WalletId } from "../../src/primitives/ids.ts";
import {
  encodeOperation,
  type Transfer,
  type WalletCreation,
} from "../../src/primitives/operation.ts";
import type { Receipt } from "../../src/primitives/receipt.ts";
import type { Call, LedgerApi, WaitFor } from "../../src/transport/ledger-api.ts";
import type { Refusal } from "../../src/transport/refusal.ts";
import type { Question } from "../chaos/history.ts";
import { nameOf } from "../chaos/operation-name.ts";
import { idOf, keyOf } from "../ledger/fixture.ts";
import { TIMINGS } from "./plan.ts";
import type { World } from "./world.ts";

const BALANCE = 1_000n;

export interface Owned {
  readonly id: WalletId;
  readonly signer: Signer;
}

export interface Answer {
  readonly receipt: Receipt;
}

/** An operation as its owner signed it. */
export interface Order {
  readonly operation: Transfer | WalletCreation;
  readonly question: Question & { readonly key: string };
  readonly make: (ledger: LedgerApi, call: Call) => Promise<Answer | Refusal>;
}

export class Orders {
  readonly #world: Pick<World, "clock" | "random" | "context">;
  #count = 0;

  constructor(world: Pick<World, "clock" | "random" | "context">) {
    this.#world = world;
  }

  creation(signer: Signer, id: OperationId): Order {
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
    const { validUntil, asset, initialBalance } = operation;
    const command = { creationId: id, validUntil, asset, initialBalance, publicKey, signature };
    const wait = this.#wait();
    return {
      operation,
      question: { kind: "creation", key: nameOf(context, operation), amount: String(BALANCE) },
      make: (ledger, call) =>
        ledger.createWallet({ ...command, issuer: issuer.publicKey, wait }, call),
    };
  }

  /** From one of `wallets` to another. */
  payment(wallets: readonly Owned[], of: bigint): Order {
    const [from, to] = this.#world.random.sample(wallets, 2);
    if (from === undefined || to === undefined) throw new Error("two wallets");
    const transfer: Transfer = {
      kind: "transfer",
      author: from.signer.publicKey,
      id: idOf(`payment ${this.#count++}`),
      validUntil: this.#deadline(),
      from: from.id,
      to: to.id,
      amount: amount(of),
      reference: undefined,
    };
    return this.#signed(transfer, from.signer);
  }

  /** Under the same id. */
  otherBody({ operation }: Order, wallets: readonly Owned[]): Order {
    if (operation.kind !== "transfer") throw new Error("a payment");
    const payer = wallets.find(({ id }) => id === operation.from);
    if (payer === undefined) throw new Error("a wallet of these clients");
    return this.#signed({ ...operation, amount: amount(operation.amount + 1n) }, payer.signer);
  }

  #signed(transfer: Transfer, signer: Signer): Order {
    const { context } = this.#world;
    const signature = signer.sign(encodeOperation(context.networkId, transfer));
    const { from, to, id, validUntil } = transfer;
    const wait = this.#wait();
    const command = { from, to, amount: transfer.amount, id, validUntil, signature, wait };
    const texts = { from, to, amount: String(transfer.amount), wait };
    return {
      operation: transfer,
      question: { kind: "transfer", key: nameOf(context, transfer), ...texts },
      make: (ledger, call) => ledger.transfer(command, call),
    };
  }

  #deadline(): number {
    const { clock, random } = this.#world;
    return clock.now + random.between(1_000, TIMINGS.lifetimeMsMax - TIMINGS.clockSkewMs);
  }

  #wait(): WaitFor {
    return this.#world.random.chance(0.3) ? "sealed" : "final";
  }
}
