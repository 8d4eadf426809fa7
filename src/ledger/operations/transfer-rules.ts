/** The rules of transfers (L14). */
import { addAmounts } from "../../primitives/amount.ts";
import { assert } from "../../primitives/assert.ts";
import { equalBytes, utf8 } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Transfer } from "../../primitives/operations/transfer.ts";
import { appendEntry } from "../wallet-record.ts";
import { decline, type OperationRules } from "./rules.ts";

export const TRANSFER_RULES: OperationRules<Transfer> = {
  /** The asset by itself: whether the payer holds it is judged at its place. */
  check(context, transfer, { sponsor }) {
    if (sponsor !== undefined) return "sponsorNotDue";
    if (transfer.amount === 0n) return "zeroAmount";
    if (transfer.from === transfer.to) return "payerIsPayee";
    if (context.assetIndex(transfer.asset) === undefined) return "unknownAsset";
    const { reference } = transfer;
    if (reference === undefined) return undefined;
    return utf8(reference).length > LIMITS.referenceLengthMax ? "referenceTooLong" : undefined;
  },

  checkPlace(context, place, transfer) {
    const payer = place.wallet(transfer.from);
    if (payer === undefined) return "unknownPayer";
    if (!equalBytes(payer.publicKey, transfer.author)) return "authorIsNotPayer";
    return context.assetIndex(transfer.asset) === payer.asset ? undefined : "assetIsNotPayers";
  },

  plan(context, place, transfer, { hash: operationHash }) {
    const payer = place.wallet(transfer.from);
    assert(payer !== undefined, "a transfer of an unknown payer is invalid");
    const payee = place.wallet(transfer.to);
    if (payee === undefined) return decline("unknownPayee");
    if (payee.asset !== payer.asset) return decline("assetMismatch");
    if (payer.balance < transfer.amount) return decline("insufficientFunds");
    if (addAmounts(payee.balance, transfer.amount) === "overflow") return decline("overflow");
    const entry = { height: place.height, operationHash };
    return {
      kind: "applied",
      wallets: [
        appendEntry(context, payer, { ...entry, delta: -transfer.amount }),
        appendEntry(context, payee, { ...entry, delta: transfer.amount }),
      ],
    };
  },

  payment: ({ from, amount }) => ({ from, amount }),
  movements: (_, { from, to, amount }) => [
    { wallet: from, delta: -amount, counterparty: to },
    { wallet: to, delta: amount, counterparty: from },
  ],
  needsSponsor: () => false,
  creates: () => undefined,
  innerSignatures: () => [],
};
