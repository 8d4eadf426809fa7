/** The transactions of the ledger, the newest first; new ones come by the stream. */
import { useState } from "preact/hooks";
import { ListOrder, type OrderedTransaction } from "../gen/countersign/v1/ledger_service_pb.ts";
import { DayRange, type Range, rangeTerms } from "./day-range.tsx";
import { useConnection, useLoaded } from "./hooks.ts";
import { Pager, usePages } from "./pager.tsx";
import { Card, Loading, ProblemBox } from "./parts.tsx";
import { TransactionTable } from "./transaction-table.tsx";
import { useStream } from "./use-stream.ts";

const PAGE_SIZE = 25;

export function PaymentsView() {
  const { calls } = useConnection();
  const [range, setRange] = useState<Range>({ from: "", to: "" });
  const rangeKey = `${range.from} ${range.to}`;
  const pages = usePages(rangeKey);
  const key = `${rangeKey} ${pages.cursor}`;
  const terms = { order: ListOrder.NEWEST_FIRST, pageSize: PAGE_SIZE, ...rangeTerms(range) };
  const { value, problem, isLoading, again } = useLoaded(key, (signal) =>
    calls.listTransactions({ ...terms, cursor: pages.cursor }, { signal }),
  );
  const isLive = pages.isFirst && range.to === "" && value !== undefined;
  const live = useLiveTransactions(isLive, key);
  const transactions = merged(live, value?.transactions ?? []);
  return (
    <>
      <h1>Payments</h1>
      <DayRange range={range} use={setRange} />
      {problem && <ProblemBox problem={problem} again={again} />}
      <Card
        title="Transactions"
        aside={
          isLive && (
            <span class="live" role="status">
              live
            </span>
          )
        }
      >
        {isLoading && value === undefined && <Loading what="the transactions" />}
        {value && transactions.length === 0 && <p class="quiet">There are none on this page.</p>}
        {transactions.length > 0 && <TransactionTable transactions={transactions} />}
        <Pager pages={pages} nextCursor={value?.nextCursor ?? ""} />
      </Card>
    </>
  );
}

/** The newest page's worth of what came since the list was read. */
function useLiveTransactions(isOn: boolean, key: string): readonly OrderedTransaction[] {
  const [live, setLive] = useState<{
    readonly key: string;
    readonly all: readonly OrderedTransaction[];
  }>({
    key,
    all: [],
  });
  useStream("", isOn, (events) => {
    const fresh = events.flatMap(({ event }) =>
      event.case === "transaction" ? [event.value] : [],
    );
    setLive((before) => {
      const held = before.key === key ? before.all : [];
      return { key, all: [...fresh.toReversed(), ...held].slice(0, PAGE_SIZE) };
    });
  });
  return live.key === key ? live.all : [];
}

/** The list may have been read after the first events. */
function merged(
  live: readonly OrderedTransaction[],
  listed: readonly OrderedTransaction[],
): readonly OrderedTransaction[] {
  const newest = listed[0];
  if (newest === undefined) return live;
  const isNew = ({ height, index }: OrderedTransaction) =>
    height > newest.height || (height === newest.height && index > newest.index);
  return [...live.filter(isNew), ...listed];
}
