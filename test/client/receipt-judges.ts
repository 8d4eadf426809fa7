/** Two judges of receipts that share no code: this project's verifier, and the one of examples/python. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { verifyReceiptJson } from "../../src/client/receipt-json.ts";
import type { Trust } from "../../src/client/receipt-verifier.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { type Bytes, equalBytes, toHex } from "../../src/primitives/bytes.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import type { OperationName } from "./receipt-forge.ts";
import { creation } from "./whole-receipts.ts";
import { cancellation, genesis, networkId, payment, trust } from "./workshop.ts";

/** The requests that the receipts answer, as their authors signed them. */
export const SIGNED: Readonly<Record<OperationName, Bytes>> = {
  payment: encodeOperation(networkId, payment),
  creation: encodeOperation(networkId, creation),
  cancellation: encodeOperation(networkId, cancellation),
};

export interface Judgement {
  readonly outcome: "applied" | "declined" | "invalid";
  readonly sealed: boolean;
  /** JSON path of the failing part; empty for the text as a whole, and if no part fails. */
  readonly field: string;
}

/** This project's verifier. The caller has to check that a receipt is about the request; this function does so. */
export function judge(operation: OperationName, text: Bytes, by: Trust = trust): Judgement {
  const found = verifyReceiptJson(by, text);
  if (!found.valid) return { outcome: "invalid", sealed: false, field: found.field };
  if (!equalBytes(encodeOperation(networkId, found.operation), SIGNED[operation])) {
    return { outcome: "invalid", sealed: false, field: "leaf" };
  }
  const sealed = found.receipt.proof.kind === "sealed";
  return { outcome: found.result.status, sealed, field: "" };
}

const SCRIPT = new URL("judge_receipts.py", import.meta.url).pathname;

/** A process of examples/python that judges receipts, one command after another. */
export class PythonJudge {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    // -B: Python writes no files beside the examples.
    this.#child = spawn("python3", ["-B", SCRIPT]);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    const operations = Object.entries(SIGNED).map(([name, bytes]) => [name, toHex(bytes)]);
    this.#send({
      genesis: JSON.parse(formatGenesis(genesis)),
      operations: Object.fromEntries(operations),
    });
  }

  /** For each text "a", "d", or the number of the failing check; skips the check `waive`. */
  async texts(
    operation: OperationName,
    texts: readonly Bytes[],
    waive?: string,
  ): Promise<readonly string[]> {
    this.#send({ operation, texts: texts.map(toHex), waive });
    return await this.#answer();
  }

  /** Judges every `step`th change of a single bit of `text`, from number `from` on. */
  async flips(
    operation: OperationName,
    text: Bytes,
    { from, step }: { readonly from: number; readonly step: number },
  ): Promise<readonly string[]> {
    this.#send({ operation, flips: toHex(text), from, step });
    return await this.#answer();
  }

  close(): void {
    this.#child.stdin.end();
  }

  #send(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  async #answer(): Promise<readonly string[]> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the Python judge has ended");
    return value === "" ? [] : value.split(" ");
  }
}
