/** A proof file with its verdict, what it proves, and the steps of its check. */
import { useMemo } from "preact/hooks";
import type { VerifiedFile } from "../src/client/proof-file.ts";
import type { VerifiedEntry, VerifiedStatement } from "../src/client/statement-verifier.ts";
import type { Genesis } from "../src/ledger/genesis.ts";
import type { Bytes } from "../src/primitives/bytes.ts";
import { Proved } from "./checked-receipt.tsx";
import { Card, Mark, WalletLink } from "./parts.tsx";
import { checkProof } from "./proof-steps.ts";
import type { Basis } from "./receipt-view.tsx";
import { linkTo } from "./route.ts";
import { StepList, useSteps } from "./step-list.tsx";
import { count, money, quoted, time } from "./texts.ts";

/** Entries of a statement that are shown; all of them are checked. */
const SHOWN_MAX = 200;

const HEADLINES: Readonly<Record<VerifiedFile["kind"], string>> = {
  receipt: "Valid: the receipt of an operation",
  wallet: "Valid: the wallet and what it holds",
  absence: "Valid: there is no such wallet",
  supply: "Valid: the supply",
  statement: "Valid: these are all entries, in their order",
};

export function CheckedProof(props: {
  readonly basis: Basis;
  readonly name: string;
  readonly file: Bytes;
}) {
  const { basis, name, file } = props;
  const { verdict, steps } = useMemo(() => checkProof(basis.trust, file), [basis, file]);
  const shown = useSteps(steps.length, file);
  const isDone = shown === steps.length;
  const tone = verdict.valid ? "good" : "bad";
  const headline = verdict.valid ? HEADLINES[verdict.kind] : "Refused: this file proves nothing";
  return (
    <>
      <section class={`banner ${isDone ? tone : "running"}`} role="status" aria-label="Verdict">
        {isDone && <Mark tone={tone} />}
        <div>
          <p class="headline">{isDone ? headline : "Checking …"}</p>
          {isDone && (
            <p>
              {verdict.valid
                ? quoted(name)
                : `${quoted(verdict.problem)}. Do not rely on this file.`}
            </p>
          )}
        </div>
      </section>
      {isDone && verdict.valid && <Fact basis={basis} found={verdict} />}
      <Card title="The check, step by step">
        <StepList steps={steps.slice(0, shown)} />
      </Card>
    </>
  );
}

function Fact({ basis, found }: { readonly basis: Basis; readonly found: VerifiedFile }) {
  if (found.kind === "receipt") return <Proved basis={basis} receipt={found} />;
  const { header, certifiedHeader } = found;
  return (
    <Card title="What it proves">
      <FactText genesis={basis.genesis} found={found} />
      <p class="quiet">
        After block <a href={linkTo("blocks", String(header.height))}>{String(header.height)}</a> of{" "}
        {time(header.time)}, certified at height {String(certifiedHeader.height)}.
      </p>
    </Card>
  );
}

function FactText(props: {
  readonly genesis: Genesis;
  readonly found: Exclude<VerifiedFile, { kind: "receipt" }>;
}) {
  const { genesis, found } = props;
  switch (found.kind) {
    case "absence":
      return (
        <p>
          There is no wallet <code class="long">{found.walletId}</code>.
        </p>
      );
    case "supply":
      return (
        <ul>
          {found.supply.map(({ asset, amount }) => (
            <li key={asset}>{money(genesis, asset, amount)}</li>
          ))}
        </ul>
      );
    case "wallet":
      return (
        <>
          <p class="figure">{money(genesis, found.asset, found.wallet.balance)}</p>
          <p>
            in the wallet <WalletLink id={found.walletId} />, after{" "}
            {entriesText(found.wallet.entries)}
          </p>
        </>
      );
    default:
      return <StatementText genesis={genesis} found={found} />;
  }
}

function StatementText(props: { readonly genesis: Genesis; readonly found: VerifiedStatement }) {
  const { genesis, found } = props;
  const { opening, entries, wallet, asset } = found;
  const of = (minor: bigint) => money(genesis, asset, minor);
  const left = entries.length - SHOWN_MAX;
  return (
    <>
      <p>
        {entriesText(entries.length)} of the wallet <WalletLink id={found.walletId} />, none left
        out: from {of(opening.balance)} after {entriesText(opening.entries)} to {of(wallet.balance)}{" "}
        after {entriesText(wallet.entries)}.
      </p>
      <div class="scroll">
        <table class="stacked">
          <caption class="hidden">Entries of the statement</caption>
          <thead>
            <tr>
              <th scope="col">Entry</th>
              <th scope="col">Block</th>
              <th scope="col" class="number">
                Change
              </th>
              <th scope="col" class="number">
                Balance
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.slice(0, SHOWN_MAX).map((entry) => (
              <EntryRow key={String(entry.number)} entry={entry} of={of} />
            ))}
          </tbody>
        </table>
      </div>
      {left > 0 && (
        <p class="quiet">
          {count(left)} more were checked. <code>countersign verify</code> lists all of them.
        </p>
      )}
    </>
  );
}

function entriesText(entries: bigint | number): string {
  return `${count(entries)} ${BigInt(entries) === 1n ? "entry" : "entries"}`;
}

function EntryRow(props: {
  readonly entry: VerifiedEntry;
  readonly of: (minor: bigint) => string;
}) {
  const { number, height, delta, balance } = props.entry;
  return (
    <tr>
      <th scope="row">{String(number)}</th>
      <td data-label="Block">{String(height)}</td>
      <td data-label="Change" class="number">
        {delta < 0n ? `−${props.of(-delta)}` : `+${props.of(delta)}`}
      </td>
      <td data-label="Balance" class="number">
        {props.of(balance)}
      </td>
    </tr>
  );
}
