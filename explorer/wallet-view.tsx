/** One wallet with its statement: who paid it, whom it paid, for what. New entries come by the stream. */
import { useState } from "preact/hooks";
import { type Entry, EntryKind, ListOrder } from "../gen/countersign/v1/ledger_service_pb.ts";
import type { Wallet } from "../gen/countersign/v1/types_pb.ts";
import { toHex } from "../src/primitives/bytes.ts";
import { Fact } from "./block-view.tsx";
import { useConnection, useLoaded, useSnapshot } from "./hooks.ts";
import { Pager, usePages } from "./pager.tsx";
import { Card, Loading, ProblemBox, Time, WalletLink } from "./parts.tsx";
import { count, money, quoted } from "./texts.ts";
import { ReceiptLink } from "./transaction-table.tsx";
import { useStream } from "./use-stream.ts";

const PAGE_SIZE = 25;
const REFERENCE_MAX = 140;

export function WalletView({ id }: { readonly id: string }) {
  const { calls } = useConnection();
  const wallet = useLoaded(id, (signal) => calls.getWallet({ id }, { signal }));
  const held = wallet.value?.wallet;
  return (
    <>
      <h1>Wallet</h1>
      {wallet.problem && <ProblemBox problem={wallet.problem} again={wallet.again} />}
      {wallet.isLoading && !held && <Loading what="the wallet" />}
      {held && (
        <>
          <Summary wallet={held} />
          <Statement id={id} changed={wallet.again} />
        </>
      )}
    </>
  );
}

function Summary({ wallet }: { readonly wallet: Wallet }) {
  const { network } = useSnapshot();
  const { id, asset, balance, entries, publicKey, custodian } = wallet;
  return (
    <Card title="Balance">
      <p class="figure">{money(network, asset, balance)}</p>
      <dl>
        <Fact name="Wallet" value={<code class="long">{id}</code>} />
        <Fact name="Entries" value={count(entries)} />
        <Fact name="Key kept by" value={custodian ?? "its owner"} />
        <Fact name="Public key" value={<code class="long">{toHex(publicKey)}</code>} />
      </dl>
    </Card>
  );
}

function Statement({ id, changed }: { readonly id: string; readonly changed: () => void }) {
  const { calls } = useConnection();
  const [referencePrefix, setReference] = useState("");
  const [counterparty, setCounterparty] = useState("");
  const filter = `${id} ${referencePrefix} ${counterparty}`;
  const pages = usePages(filter);
  const { value, problem, isLoading, again } = useLoaded(`${filter} ${pages.cursor}`, (signal) =>
    calls.listEntries(
      {
        ...{ walletId: id, order: ListOrder.NEWEST_FIRST, pageSize: PAGE_SIZE },
        ...{ cursor: pages.cursor, referencePrefix, counterparty },
      },
      { signal },
    ),
  );
  useStream(id, value !== undefined, () => {
    changed();
    if (pages.isFirst) again();
  });
  return (
    <Card title="Statement">
      <div class="filters">
        <label>
          Reference begins with
          <input
            type="text"
            maxLength={REFERENCE_MAX}
            value={referencePrefix}
            onChange={({ currentTarget }) => setReference(currentTarget.value)}
          />
        </label>
        <label>
          Only with wallet
          <input
            type="text"
            class="wide"
            spellcheck={false}
            value={counterparty}
            onChange={({ currentTarget }) =>
              setCounterparty(currentTarget.value.trim().toLowerCase())
            }
          />
        </label>
      </div>
      {problem && <ProblemBox problem={problem} again={again} />}
      {isLoading && !value && <Loading what="the statement" />}
      {value?.entries.length === 0 && <p class="quiet">No entry fits.</p>}
      {value && value.entries.length > 0 && <EntryTable entries={value.entries} />}
      <Pager pages={pages} nextCursor={value?.nextCursor ?? ""} />
    </Card>
  );
}

function EntryTable({ entries }: { readonly entries: readonly Entry[] }) {
  const { network } = useSnapshot();
  return (
    <div class="scroll">
      <table class="stacked compact">
        <caption class="hidden">Entries of the statement</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Entry</th>
            <th scope="col">For</th>
            <th scope="col" class="number">
              Amount
            </th>
            <th scope="col" class="number">
              Balance
            </th>
            <th scope="col">Proof</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={String(entry.number)}>
              <td data-label="Time" class="when">
                <Time ms={entry.time} />
              </td>
              <td data-label="Entry" class="what">
                <EntryText entry={entry} />
              </td>
              <td data-label="For" class="reference">
                {quoted(entry.reference ?? "") || "–"}
              </td>
              <td
                data-label="Amount"
                class={`number amount ${entry.kind === EntryKind.PAID ? "out" : "in"}`}
              >
                {entry.kind === EntryKind.PAID ? "−" : "+"}
                {money(network, entry.asset, entry.amount)}
              </td>
              <td data-label="Balance" class="number balance">
                {money(network, entry.asset, entry.balance)}
              </td>
              <td data-label="Proof" class="proof">
                <ReceiptLink receipt={entry.receipt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EntryText({ entry }: { readonly entry: Entry }) {
  if (entry.kind === EntryKind.CREATED) return <span>Created</span>;
  return (
    <span>
      {entry.kind === EntryKind.PAID ? "Paid to " : "Received from "}
      <WalletLink id={entry.counterparty} />
    </span>
  );
}
