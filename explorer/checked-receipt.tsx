/** A receipt with its verdict, what it proves, and the steps of its check, which appear one after another. */
import { useMemo } from "preact/hooks";
import { sha256 } from "../src/client/portable-crypto.ts";
import type { VerifiedReceipt } from "../src/client/receipt-verifier.ts";
import type { Bytes } from "../src/primitives/bytes.ts";
import { createdWalletId } from "../src/primitives/operations/wallet-creation.ts";
import { Card, Mark, WalletLink } from "./parts.tsx";
import { checkReceipt } from "./receipt-steps.ts";
import type { Basis } from "./receipt-view.tsx";
import { linkTo } from "./route.ts";
import { StepList, useSteps } from "./step-list.tsx";
import { money, quoted, time } from "./texts.ts";

export function CheckedReceipt(props: {
  readonly basis: Basis;
  readonly name: string;
  readonly text: Bytes;
}) {
  const { basis, name, text } = props;
  const { verdict, steps } = useMemo(() => checkReceipt(basis.trust, text), [basis, text]);
  const shown = useSteps(steps.length, text);
  const isDone = shown === steps.length;
  const tone = verdict.valid ? "good" : "bad";
  return (
    <>
      <section class={`banner ${isDone ? tone : "running"}`} role="status" aria-label="Verdict">
        {isDone && <Mark tone={tone} />}
        <div>
          <p class="headline">{isDone ? headline(verdict) : "Checking …"}</p>
          {isDone && !verdict.valid && (
            <p>
              {verdict.field !== "" && <code>{quoted(verdict.field)}</code>}{" "}
              {quoted(verdict.problem)}. Do not rely on this file.
            </p>
          )}
          {isDone && verdict.valid && <p>{quoted(name)}</p>}
        </div>
      </section>
      {isDone && verdict.valid && <Proved basis={basis} receipt={verdict} />}
      <Card title="The check, step by step" aside={<Save name={name} text={text} />}>
        <StepList steps={steps.slice(0, shown)} />
      </Card>
    </>
  );
}

function headline(verdict: ReturnType<typeof checkReceipt>["verdict"]): string {
  if (!verdict.valid) return "Refused: this receipt proves nothing";
  const { result, receipt } = verdict;
  const how = receipt.proof.kind === "sealed" ? "countersigned" : "final, its seal still to come";
  return result.status === "applied" ? `Valid: applied, ${how}` : `Valid: declined, ${how}`;
}

/** The fact that the receipt proves, from its leaf alone. */
export function Proved(props: { readonly basis: Basis; readonly receipt: VerifiedReceipt }) {
  const { basis, receipt } = props;
  const { operation, header, certifiedHeader } = receipt;
  return (
    <Card title="What it proves">
      <OperationText basis={basis} operation={operation} />
      <p class="quiet">
        In block <a href={linkTo("blocks", String(header.height))}>{String(header.height)}</a> of{" "}
        {time(header.time)}, certified at height {String(certifiedHeader.height)}.
      </p>
    </Card>
  );
}

function OperationText({
  basis,
  operation,
}: {
  readonly basis: Basis;
  readonly operation: VerifiedReceipt["operation"];
}) {
  const { genesis, trust } = basis;
  switch (operation.kind) {
    case "transfer":
      return (
        <>
          <p class="figure">{money(genesis, operation.asset, operation.amount)}</p>
          <p>
            <WalletLink id={operation.from} /> paid <WalletLink id={operation.to} />
            {operation.reference !== undefined && (
              <>
                {" "}
                for <q>{quoted(operation.reference)}</q>
              </>
            )}
          </p>
          <p class="quiet">
            Id <code class="long">{operation.id}</code>
          </p>
        </>
      );
    case "walletCreation":
      return (
        <p>
          Wallet{" "}
          <WalletLink
            id={createdWalletId({ hash: sha256, networkId: trust.networkId }, operation)}
          />{" "}
          was created with {money(genesis, operation.asset, operation.initialBalance ?? 0n)}.
        </p>
      );
    case "cancellation":
      return (
        <p>
          The payment <code class="long">{operation.id}</code> of <WalletLink id={operation.from} />{" "}
          is never made.
        </p>
      );
    default:
      return <p>A step of the key ceremony.</p>;
  }
}

/** Saves the very bytes that were checked. */
function Save({ name, text }: { readonly name: string; readonly text: Bytes }) {
  const save = () => {
    const url = URL.createObjectURL(
      new Blob([Uint8Array.from(text)], { type: "application/json" }),
    );
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button type="button" onClick={save}>
      Save the receipt
    </button>
  );
}
