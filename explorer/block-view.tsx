/** One block: its header, what certifies it, and the transactions in it. */
import type { ComponentChildren } from "preact";
import { fromHex, toHex } from "../src/primitives/bytes.ts";
import { SealState } from "./blocks-view.tsx";
import { useConnection, useLoaded, useSnapshot } from "./hooks.ts";
import { Pager, usePages } from "./pager.tsx";
import { Card, Loading, ProblemBox, Time } from "./parts.tsx";
import { linkTo } from "./route.ts";
import { count, money } from "./texts.ts";
import { TransactionTable } from "./transaction-table.tsx";

const PAGE_SIZE = 50;

/** `place`: a height, or a hash in hexadecimal. */
export function BlockView({ place }: { readonly place: string }) {
  const { calls } = useConnection();
  const { network, status } = useSnapshot();
  const pages = usePages(place);
  const { value, problem, again } = useLoaded(`${place} ${pages.cursor}`, (signal) =>
    calls.getBlock({ ...placeOf(place), pageSize: PAGE_SIZE, cursor: pages.cursor }, { signal }),
  );
  const header = value?.block?.header;
  const height = header?.height;
  return (
    <>
      <h1>Block {height === undefined ? place.slice(0, 64) : count(height)}</h1>
      {height !== undefined && (
        <nav class="actions beside" aria-label="Blocks beside it">
          {height > 1n && (
            <a href={linkTo("blocks", String(height - 1n))}>← {count(height - 1n)}</a>
          )}
          {status && height < status.height && (
            <a href={linkTo("blocks", String(height + 1n))}>{count(height + 1n)} →</a>
          )}
        </nav>
      )}
      {problem && <ProblemBox problem={problem} again={again} />}
      {!value && !problem && <Loading what="the block" />}
      {value && header && (
        <>
          <Card title="Header">
            <dl>
              <Fact name="Time" value={<Time ms={header.time} />} />
              <Fact
                name="Leader"
                value={network?.members[header.proposer]?.nodeId ?? `member ${header.proposer}`}
              />
              <Fact name="View" value={count(header.view)} />
              <Fact name="Operations" value={count(header.operationCount)} />
              <Fact name="Wallets" value={count(header.walletCount)} />
              <Fact
                name="Money"
                value={header.supply
                  .map((minor, i) => money(network, network?.assets[i]?.code ?? "", minor))
                  .join(", ")}
              />
              <Fact
                name="Seal"
                value={<SealState height={header.height} sealHeight={value.block?.sealHeight} />}
              />
              <Fact name="Hash" value={<Hex bytes={value.block?.hash} />} />
              <Fact name="Parent" value={<Hex bytes={header.parentHash} />} />
              <Fact name="State root" value={<Hex bytes={header.stateRoot} />} />
            </dl>
          </Card>
          <Card title="Transactions">
            {value.transactions.length === 0 ? (
              <p class="quiet">It has none; steps of the key ceremony are not listed.</p>
            ) : (
              <TransactionTable transactions={value.transactions} />
            )}
            <Pager pages={pages} nextCursor={value.nextCursor} />
          </Card>
        </>
      )}
    </>
  );
}

const HASH_BYTES = 32;

/** A text that is neither is asked for as a height that no block has. */
function placeOf(place: string): { readonly height: bigint } | { readonly hash: Uint8Array } {
  const hash = fromHex(place.toLowerCase());
  if (hash?.length === HASH_BYTES) return { hash };
  return { height: /^\d{1,15}$/.test(place) ? BigInt(place) : 0n };
}

function Hex({ bytes }: { readonly bytes: Uint8Array | undefined }) {
  return <code class="long">{toHex(bytes ?? new Uint8Array())}</code>;
}

export function Fact({
  name,
  value,
}: {
  readonly name: string;
  readonly value: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
