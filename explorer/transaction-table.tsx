/** Transactions of the ledger as rows: who paid whom, for what, how much, and how it ended. */
import type {
  GetReceiptRequest,
  OrderedTransaction,
} from "../gen/countersign/v1/ledger_service_pb.ts";
import { DeclineReason, type Result, ResultStatus } from "../gen/countersign/v1/types_pb.ts";
import { useSnapshot } from "./hooks.ts";
import { Mark, Time, WalletLink } from "./parts.tsx";
import { linkTo } from "./route.ts";
import { money, quoted } from "./texts.ts";

export function TransactionTable({
  transactions,
}: {
  readonly transactions: readonly OrderedTransaction[];
}) {
  return (
    <div class="scroll">
      <table class="stacked compact">
        <caption class="hidden">Transactions</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Transaction</th>
            <th scope="col">For</th>
            <th scope="col" class="number">
              Amount
            </th>
            <th scope="col">Result</th>
            <th scope="col">Proof</th>
          </tr>
        </thead>
        <tbody>
          {transactions.map((one) => (
            <Row key={`${one.height}.${one.index}`} transaction={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ transaction }: { readonly transaction: OrderedTransaction }) {
  const { time, height, operation, result, receipt } = transaction;
  return (
    <tr>
      <td data-label="Time" class="when">
        <Time ms={time} />{" "}
        <a class="quiet detail" href={linkTo("blocks", String(height))}>
          block {String(height)}
        </a>
      </td>
      <td data-label="What" class="what">
        <Parties operation={operation} />
      </td>
      <td data-label="For" class="reference">
        {operation.case === "transaction" ? quoted(operation.value.reference ?? "") || "–" : "–"}
      </td>
      <td data-label="Amount" class="number amount">
        <Amount operation={operation} />
      </td>
      <td data-label="Result" class="result">
        <Outcome result={result} />
      </td>
      <td data-label="Proof" class="proof">
        <ReceiptLink receipt={receipt} />
      </td>
    </tr>
  );
}

type Operation = OrderedTransaction["operation"];

function Parties({ operation }: { readonly operation: Operation }) {
  switch (operation.case) {
    case "transaction":
      return (
        <span>
          <WalletLink id={operation.value.from} /> <span aria-hidden="true">→</span>
          <span class="hidden">paid</span> <WalletLink id={operation.value.to} />
        </span>
      );
    case "creation":
      return (
        <span>
          New wallet <WalletLink id={operation.value.walletId} />
        </span>
      );
    case "cancellation":
      return (
        <span>
          <WalletLink id={operation.value.from} /> cancelled a payment
        </span>
      );
    default:
      return <span class="quiet">of a kind that this page does not know</span>;
  }
}

function Amount({ operation }: { readonly operation: Operation }) {
  const { network } = useSnapshot();
  switch (operation.case) {
    case "transaction":
      return <>{money(network, operation.value.asset, operation.value.amount)}</>;
    case "creation":
      return <>{money(network, operation.value.asset, operation.value.initialBalance)}</>;
    default:
      return <>–</>;
  }
}

const DECLINES: Readonly<Record<DeclineReason, string>> = {
  [DeclineReason.UNSPECIFIED]: "for a reason that this page does not know",
  [DeclineReason.EXPIRED]: "too late",
  [DeclineReason.WALLET_EXISTS]: "the wallet exists",
  [DeclineReason.UNKNOWN_PAYEE]: "no such payee",
  [DeclineReason.ASSET_MISMATCH]: "another currency",
  [DeclineReason.INSUFFICIENT_FUNDS]: "not enough money",
  [DeclineReason.OVERFLOW]: "too much money",
  [DeclineReason.CEREMONY_STEP_OUT_OF_PLACE]: "out of place",
  [DeclineReason.SPONSOR_QUOTA_USED]: "too many empty wallets",
};

export function Outcome({ result }: { readonly result: Result | undefined }) {
  if (result?.status === ResultStatus.APPLIED) {
    return (
      <span class="state">
        <Mark tone="good" /> applied
      </span>
    );
  }
  const reason = DECLINES[result?.reason ?? DeclineReason.UNSPECIFIED];
  return (
    <span class="state">
      <Mark tone="warn" /> declined: {reason}
    </span>
  );
}

export function ReceiptLink({ receipt }: { readonly receipt: GetReceiptRequest | undefined }) {
  if (receipt === undefined) return <>–</>;
  const { from, id, walletId } = receipt;
  const href = walletId === "" ? linkTo("receipt", from, id) : linkTo("receipt", walletId);
  return (
    <a href={href} aria-label={`Receipt of ${walletId === "" ? id : walletId}`}>
      Receipt
    </a>
  );
}
