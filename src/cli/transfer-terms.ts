/** What a transfer is asked to be on the command line, and the request for it: signed here, or by its custodian. */
import type { TransactionRequest } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { TransferTerms, Wallet } from "../client/wallet.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation.ts";
import { parseWhole, usage } from "./arguments.ts";
import type { Options, Values } from "./command.ts";
import { randomId, readId } from "./ids.ts";
import { readAmount } from "./money.ts";

export const TRANSFER_OPTIONS = {
  from: { kind: "text", value: "WALLET", summary: "who pays" },
  to: { kind: "text", value: "WALLET", summary: "who is paid" },
  amount: { kind: "text", value: "MINOR", summary: "how much, minor units" },
  id: {
    kind: "text",
    value: "UUID",
    summary: "the payment's id: the same id again is the same payment (default: a random one)",
  },
  reference: { kind: "text", value: "TEXT", summary: "at most 140 bytes, for the payee" },
  "valid-until": {
    kind: "text",
    value: "MS",
    summary:
      "last block time at which it may be applied, milliseconds since 1970 (default: in two minutes)",
  },
} as const satisfies Options;

const LIFETIME_MS = 120_000;

export interface AskedTransfer extends TransferTerms {
  readonly from: WalletId;
}

export function readTransfer(
  command: string,
  values: Values<typeof TRANSFER_OPTIONS>,
): AskedTransfer {
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
    from: readId(`${command}: --from`, given("from")),
    to: readId(`${command}: --to`, given("to")),
    amount: readAmount(`${command}: --amount`, given("amount")),
    id: values.id === undefined ? randomId() : readId(`${command}: --id`, values.id),
    validUntil: deadline === undefined ? Date.now() + LIFETIME_MS : parseWhole(deadline, bounds),
    ...(values.reference === undefined ? {} : { reference: values.reference }),
  };
}

/** Whether an operation is the payment that was asked for. */
export function isAskedTransfer({ from, to, amount, id, reference }: AskedTransfer) {
  return (operation: Operation): boolean =>
    operation.kind === "transfer" &&
    operation.from === from &&
    operation.to === to &&
    operation.amount === amount &&
    operation.id === id &&
    operation.reference === reference;
}

/** Signed if the payer's key is here; else its custodian has to sign, and chooses the deadline unless it was named. */
export function transferRequest(
  wallet: Wallet | undefined,
  terms: AskedTransfer,
  hasDeadline: boolean,
): TransactionRequest | UnsignedTransfer {
  if (wallet !== undefined) return wallet.transfer(terms);
  const { from, to, amount, id, reference, validUntil } = terms;
  return {
    transaction: {
      from,
      to,
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
    readonly amount: bigint;
    readonly id: string;
    readonly reference?: string;
    readonly validUntil?: bigint;
  };
}
