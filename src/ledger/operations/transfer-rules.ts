/** The rules of transfers (L14). */
import { addAmounts } from "../../primitives/amount.ts";
import { assert } from "../../primitives/assert.ts";
import { equalBytes, utf8 } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Transfer } from "../../primitives/operations/transfer.ts";
import type { Place } from "../place.ts";
import { FIRST_RULESET } from "../rulesets.ts";
import { appendEntry, type WalletRecord } from "../wallet-record.ts";
import { decline, type OperationRules } from "./rules.ts";

export const TRANSFER_RULES: OperationRules<Transfer> = {
  since: FIRST_RULESET,

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

  whyDeclined(_, place, transfer) {
    const [payer, payee] = [payerOf(place, transfer), place.wallet(transfer.to)];
    if (payee === undefined) return "unknownPayee";
    if (payee.asset !== payer.asset) return "assetMismatch";
    if (payer.balance < transfer.amount) return "insufficientFunds";
    if (addAmounts(payee.balance, transfer.amount) === "overflow") return "overflow";
    return undefined;
  },

  plan(context, place, transfer, signed) {
    const reason = this.whyDeclined(context, place, transfer, signed);
    if (reason !== undefined) return decline(reason);
    const [payer, payee] = [payerOf(place, transfer), place.wallet(transfer.to)];
    assert(payee !== undefined, "a transfer to an unknown payee is declined");
    const entry = { height: place.height, operationHash: signed.hash };
    return {
      kind: "applied",
      wallets: [
        appendEntry(context, payer, { ...entry, delta: -transfer.amount }),
        appendEntry(context, payee, { ...entry, delta: transfer.amount }),
      ],
    };
  },

  payment: ({ from, amount }) => ({ from, amount }),
  backing: ({ from, amount }) => ({ from, amount }),
  movements: (_, { from, to, amount }) => [
    { wallet: from, delta: -amount, counterparty: to },
    { wallet: to, delta: amount, counterparty: from },
  ],
  needsSponsor: () => false,
  creates: () => undefined,
  innerSignatures: () => [],
};

function payerOf(place: Place, { from }: Transfer): WalletRecord {
  const payer = place.wallet(from);
  assert(payer !== undefined, "a transfer of an unknown payer is invalid");
  return payer;
}
