/** Verifies a receipt in front of the reader: from a file, or of a transaction that was followed here. */
import { create, toJsonString } from "@bufbuild/protobuf";
import { useEffect, useState } from "preact/hooks";
import {
  GetReceiptRequestSchema,
  GetReceiptResponseSchema,
} from "../gen/countersign/v1/ledger_service_pb.ts";
import { isValidPoint, sha256, verify } from "../src/client/portable-crypto.ts";
import { isReceiptJson } from "../src/client/proof-file.ts";
import { type Trust, trustGenesis } from "../src/client/receipt-verifier.ts";
import type { Genesis } from "../src/ledger/genesis.ts";
import { parseGenesis } from "../src/ledger/genesis-json.ts";
import { type Bytes, toHex, utf8 } from "../src/primitives/bytes.ts";
import { LIMITS } from "../src/primitives/limits.ts";
import { CheckedProof } from "./checked-proof.tsx";
import { CheckedReceipt } from "./checked-receipt.tsx";
import { FileDrop, type TakenFile } from "./file-drop.tsx";
import { useConnection, useLoaded } from "./hooks.ts";
import { Loading, Mark, ProblemBox } from "./parts.tsx";

const JSON_FORM = { alwaysEmitImplicit: false, prettySpaces: 2 } as const;

export interface Basis {
  readonly genesis: Genesis;
  readonly trust: Trust;
  /** Where it is from. */
  readonly source: "node" | "reader";
}

/** `parts`: payer and id of a transfer, or the wallet of a creation; none: a file is waited for. */
export function ReceiptView({ parts }: { readonly parts: readonly string[] }) {
  const [file, setFile] = useState<TakenFile>();
  const [own, setOwn] = useState<Basis>();
  const [fault, setFault] = useState("");
  const served = useLoaded("genesis", readServedGenesis);
  const basis = own ?? served.value;
  useEffect(() => setFile(undefined), [parts.join("/")]);
  const take = (taken: TakenFile) => {
    setFault("");
    const read = basisOf(taken.bytes, "reader");
    if (typeof read !== "string") setOwn(read);
    else if (isGenesis(taken.bytes)) setFault(`${taken.name}: ${read}`);
    else setFile(taken);
  };
  return (
    <>
      <h1>Verify a receipt or a proof</h1>
      <FileDrop bytesMax={LIMITS.proofBytesMax} take={take} refuse={setFault}>
        <p>
          <strong>Drop a receipt or a proof here</strong>: the JSON of <code>receipt get</code>, an
          answer with a receipt in it, or a file of <code>proof wallet</code>,{" "}
          <code>proof statement</code> or <code>proof supply</code>. It is checked in this page and
          sent nowhere. Drop a <code>genesis.json</code> of your own to check against that.
        </p>
      </FileDrop>
      {fault !== "" && (
        <div class="problem bad" role="alert">
          <p>
            <Mark tone="bad" />
            <strong>This file was not taken</strong>
          </p>
          <p>{fault}</p>
        </div>
      )}
      {served.problem && !own && <ProblemBox problem={served.problem} again={served.again} />}
      {basis && <BasisLine basis={basis} forget={own && (() => setOwn(undefined))} />}
      {basis && file && isReceiptJson(file.bytes) && (
        <CheckedReceipt key={file.name} basis={basis} name={file.name} text={file.bytes} />
      )}
      {basis && file && !isReceiptJson(file.bytes) && (
        <CheckedProof key={file.name} basis={basis} name={file.name} file={file.bytes} />
      )}
      {basis && !file && parts.length > 0 && <AskedReceipt basis={basis} parts={parts} />}
    </>
  );
}

async function readServedGenesis(signal: AbortSignal): Promise<Basis> {
  const response = await fetch("/genesis.json", { signal });
  if (!response.ok) throw new Error(`the node gave no genesis (${response.status})`);
  const basis = basisOf(utf8(await response.text()), "node");
  if (typeof basis === "string")
    throw new Error(`the genesis of the node cannot be read: ${basis}`);
  return basis;
}

function basisOf(bytes: Bytes, source: Basis["source"]): Basis | string {
  const genesis = parseGenesis(isValidPoint, new TextDecoder().decode(bytes));
  if (genesis instanceof Error) return genesis.message;
  return { genesis, trust: trustGenesis(genesis, { hash: sha256, verify, isValidPoint }), source };
}

/** A file that means to be one is told its fault as one. */
function isGenesis(bytes: Bytes): boolean {
  return new TextDecoder().decode(bytes).includes('"validators"');
}

function BasisLine({
  basis,
  forget,
}: {
  readonly basis: Basis;
  readonly forget: (() => void) | undefined;
}) {
  const { trust, source } = basis;
  return (
    <p class="basis">
      Checked against {source === "node" ? "the genesis that this node gives" : "your genesis"}:
      network <code class="long">{toHex(trust.networkId)}</code>
      {forget && (
        <button type="button" class="plain" onClick={forget}>
          Use the node's again
        </button>
      )}
    </p>
  );
}

/** The receipt as the node gives it now. */
function AskedReceipt({
  basis,
  parts,
}: {
  readonly basis: Basis;
  readonly parts: readonly string[];
}) {
  const { calls } = useConnection();
  const [first = "", id] = parts;
  const request = id === undefined ? { walletId: first } : { from: first, id };
  const { value, problem, again } = useLoaded(parts.join("/"), async (signal) => {
    const answer = await calls.getReceipt(create(GetReceiptRequestSchema, request), { signal });
    return utf8(`${toJsonString(GetReceiptResponseSchema, answer, JSON_FORM)}\n`);
  });
  if (problem) return <ProblemBox problem={problem} again={again} />;
  if (!value) return <Loading what="the receipt" />;
  return (
    <CheckedReceipt
      key={parts.join("/")}
      basis={basis}
      name={`receipt-${id ?? first}.json`}
      text={value}
    />
  );
}
