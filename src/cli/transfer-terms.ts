/**
 * Reads the terms of a transfer from the command line, and makes its request, signed here or to be signed by the
 * custodian.
 */
import type { TransferTerms } from "../client/wallet.ts";
import type { Genesis } from "../ledger/genesis.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import { parseWhole, usage } from "./arguments.ts";
import type { Options, Values } from "./command.ts";
import { randomId, readId } from "./id-arguments.ts";
import { ORDER_LIFETIME_MS } from "./order.ts";
import { type AskedAmount, readAmount, readMoney } from "./read-amount.ts";
import { readWallet } from "./wallet-argument.ts";
import type { WalletNames } from "./wallet-names.ts";

export const TRANSFER_OPTIONS = {
  from: {
    kind: "text",
    value: "WALLET",
    summary: "the paying wallet: its id, or your name for it",
  },
  to: { kind: "text", value: "WALLET", summary: "the paid wallet, likewise" },
  amount: {
    kind: "text",
    value: "AMOUNT",
    summary: 'the amount: with its currency, such as "0.25 EUR", or in minor units',
  },
  asset: {
    kind: "text",
    value: "CODE",
    summary: "in which currency (default: that of the amount, or the network's first)",
  },
  id: {
    kind: "text",
    value: "UUID",
    summary: "the payment's id: the same id again is the same payment (default: a random one)",
  },
  reference: {
    kind: "text",
    value: "TEXT",
    summary: `at most ${LIMITS.referenceLengthMax} bytes, for the payee`,
  },
  "valid-until": {
    kind: "text",
    value: "MS",
    summary:
      "last block time at which it may be applied, milliseconds since 1970 (default: in two minutes)",
  },
} as const satisfies Options;

export interface AskedTransfer extends TransferTerms {
  readonly from: WalletId;
}

/** Terms as typed. The currency and its digits are known only with the network. */
type Undenominated = Omit<AskedTransfer, "asset" | "amount"> & {
  readonly asset?: string;
  readonly amount: AskedAmount;
};

export function readTransfer(
  command: string,
  values: Values<typeof TRANSFER_OPTIONS>,
  names: WalletNames,
): Undenominated {
  const given = (name: "from" | "to" | "amount"): string => {
    const text = values[name];
    if (text === undefined) {
      const { value, summary } = TRANSFER_OPTIONS[name];
      throw usage(`${command}: --${name} ${value} is missing: ${summary}`);
    }
    return text;
  };
  const deadline = values["valid-until"];
  const bounds = { what: `${command}: --valid-until`, min: 0, max: Number.MAX_SAFE_INTEGER };
  return {
    from: readWallet(`${command}: --from`, given("from"), names),
    to: readWallet(`${command}: --to`, given("to"), names),
    amount: readAmount(`${command}: --amount`, given("amount")),
    id: values.id === undefined ? randomId() : readId(`${command}: --id`, values.id),
    validUntil:
      deadline === undefined ? Date.now() + ORDER_LIFETIME_MS : parseWhole(deadline, bounds),
    ...(values.asset === undefined ? {} : { asset: values.asset }),
    ...(values.reference === undefined ? {} : { reference: values.reference }),
  };
}

/** The signature covers the currency, so it must be known here and be one of the network's. */
export function denominate(command: string, genesis: Genesis, terms: Undenominated): AskedTransfer {
  const { amount: asked, asset: given } = terms;
  const what = `${command}: --amount`;
  const money = readMoney(command, genesis, { what, given, asked });
  // No node orders these. Found here, they are not signed and kept.
  if (money.amount === 0n) throw usage(`${what} is zero; give at least one minor unit`);
  if (terms.from === terms.to) throw usage(`${command}: --to is the paying wallet; name another`);
  return { ...terms, ...money };
}

/** True for an operation that is the requested payment. */
export function isAskedTransfer({ from, to, asset, amount, id, reference }: AskedTransfer) {
  return (operation: Operation): boolean =>
    operation.kind === "transfer" &&
    operation.from === from &&
    operation.to === to &&
    operation.asset === asset &&
    operation.amount === amount &&
    operation.id === id &&
    operation.reference === reference;
}

/** A request that the payer's custodian signs. If it has no deadline, the custodian chooses one. */
export function unsignedTransfer(terms: AskedTransfer, hasDeadline: boolean): UnsignedTransfer {
  const { from, to, asset, amount, id, reference, validUntil } = terms;
  return {
    transaction: {
      from,
      to,
      asset,
      amount,
      id,
      ...(reference === undefined ? {} : { reference }),
      ...(hasDeadline ? { validUntil: BigInt(validUntil) } : {}),
    },
  };
}

interface UnsignedTransfer {
  readonly transaction: {
    readonly from: string;
    readonly to: string;
    readonly asset: string;
    readonly amount: bigint;
    readonly id: string;
    readonly reference?: string;
    readonly validUntil?: bigint;
  };
}
