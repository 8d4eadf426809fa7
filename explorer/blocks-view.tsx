/** The final blocks, the newest first. */
import { useRef } from "preact/hooks";
import { type Block, ListOrder } from "../gen/countersign/v1/ledger_service_pb.ts";
import { toHex } from "../src/primitives/bytes.ts";
import { useConnection, useLoaded, useSnapshot } from "./hooks.ts";
import { Pager, usePages } from "./pager.tsx";
import { Card, Loading, Mark, ProblemBox, Time } from "./parts.tsx";
import { linkTo } from "./route.ts";
import { count, short } from "./texts.ts";

const PAGE_SIZE = 25;

export function BlocksView() {
  const { calls } = useConnection();
  const { status } = useSnapshot();
  const pages = usePages("blocks");
  // The first page follows the chain: it is read again when the watched height has grown.
  const key = pages.isFirst ? `tip ${status?.height ?? ""}` : pages.cursor;
  const { value, problem, isLoading, again } = useLoaded(key, (signal) =>
    calls.listBlocks(
      { order: ListOrder.NEWEST_FIRST, pageSize: PAGE_SIZE, cursor: pages.cursor },
      { signal },
    ),
  );
  const shown = useLast(value);
  return (
    <>
      <h1>Blocks</h1>
      {problem && <ProblemBox problem={problem} again={again} />}
      <Card title="Final blocks">
        {isLoading && shown === undefined && <Loading what="the blocks" />}
        {shown?.blocks.length === 0 && <p class="quiet">There is no block yet.</p>}
        {shown && shown.blocks.length > 0 && <BlockTable blocks={shown.blocks} />}
        <Pager pages={pages} nextCursor={shown?.nextCursor ?? ""} />
      </Card>
    </>
  );
}

function BlockTable({ blocks }: { readonly blocks: readonly Block[] }) {
  const { network } = useSnapshot();
  return (
    <div class="scroll">
      <table class="stacked">
        <caption class="hidden">Blocks</caption>
        <thead>
          <tr>
            <th scope="col">Height</th>
            <th scope="col">Time</th>
            <th scope="col" class="number">
              Operations
            </th>
            <th scope="col">Leader</th>
            <th scope="col" class="number">
              View
            </th>
            <th scope="col">Seal</th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
          {blocks.map(({ hash, header, sealHeight }) => (
            <tr key={String(header?.height)}>
              <th scope="row">
                <a href={linkTo("blocks", String(header?.height ?? 0n))}>
                  {count(header?.height ?? 0n)}
                </a>
              </th>
              <td data-label="Time">
                <Time ms={header?.time ?? 0n} />
              </td>
              <td data-label="Operations" class="number">
                {count(header?.operationCount ?? 0)}
              </td>
              <td data-label="Leader">
                {network?.members[header?.proposer ?? -1]?.nodeId ?? `member ${header?.proposer}`}
              </td>
              <td data-label="View" class="number">
                {count(header?.view ?? 0n)}
              </td>
              <td data-label="Seal">
                <SealState height={header?.height ?? 0n} sealHeight={sealHeight} />
              </td>
              <td data-label="Hash" class="id" title={toHex(hash)}>
                {short(toHex(hash))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function SealState(props: {
  readonly height: bigint;
  readonly sealHeight: bigint | undefined;
}) {
  const { height, sealHeight } = props;
  if (sealHeight === undefined) return <span class="quiet">not yet</span>;
  return (
    <span class="state">
      <Mark tone="good" /> {sealHeight === height ? "own" : `by block ${count(sealHeight)}`}
    </span>
  );
}

/** The last value that there was: a list that is read again stays until the new one is there. */
function useLast<T>(value: T | undefined): T | undefined {
  const last = useRef<T | undefined>(undefined);
  if (value !== undefined) last.current = value;
  return last.current;
}
