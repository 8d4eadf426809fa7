/** Judges of receipts that share no code: this project's verifier, and those of verifiers/python and verifiers/go. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { verifyReceiptJson } from "../../src/client/receipt-json.ts";
import type { Trust } from "../../src/client/receipt-verifier.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { type Bytes, equalBytes, toHex } from "../../src/primitives/bytes.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import type { SignatureCheck } from "../../src/primitives/signature.ts";
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

/** A proof, and the kind and wallet that the reader asks about. */
export interface AskedProof {
  readonly kind: string;
  readonly wallet?: string | undefined;
  readonly bytes: Bytes;
}

function written({ kind, wallet, bytes }: AskedProof): object {
  return { kind, wallet, hex: toHex(bytes) };
}

const SCRIPT = new URL("judge_receipts.py", import.meta.url).pathname;

/** A process of another verifier that judges receipts, one command after another. */
export class JudgeProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(program, args, { env: { ...process.env, ...env } });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    const operations = Object.entries(SIGNED).map(([name, bytes]) => [name, toHex(bytes)]);
    this.#send({
      genesis: JSON.parse(formatGenesis(genesis)),
      operations: Object.fromEntries(operations),
    });
  }

  /** The verifier of verifiers/python. */
  static python(): JudgeProcess {
    // -B: Python writes no files beside the examples.
    return new JudgeProcess("python3", ["-B", SCRIPT]);
  }

  /** The verifier of verifiers/go, which `buildGoJudge` built. */
  static go(program: string): JudgeProcess {
    return new JudgeProcess(program, [], { COUNTERSIGN_JUDGE: "1" });
  }

  /** For each text "a", "d", or the number of the failing check; skips the check `waive` (Python only). */
  async texts(
    operation: OperationName,
    texts: readonly Bytes[],
    waive?: string,
  ): Promise<readonly string[]> {
    return await this.#ask({ operation, texts: texts.map(toHex), waive });
  }

  /** Judges every `step`th change of a single bit of `text`, from number `from` on. */
  async flips(
    operation: OperationName,
    text: Bytes,
    { from, step }: { readonly from: number; readonly step: number },
  ): Promise<readonly string[]> {
    return await this.#ask({ operation, flips: toHex(text), from, step });
  }

  /** For each proof what it proves, as JSON without spaces, or the reason why it proves nothing. */
  async proofs(asked: readonly AskedProof[]): Promise<readonly string[]> {
    return await this.#ask({ proofs: asked.map(written) });
  }

  /** The same for files of any kind and form, receipts of the API included. */
  async files(files: readonly Bytes[]): Promise<readonly string[]> {
    return await this.#ask({ files: files.map(toHex) });
  }

  /** The same for every `step`th change of a single bit of a proof, from number `from` on. */
  async proofFlips(
    asked: AskedProof,
    { from, step }: { readonly from: number; readonly step: number },
  ): Promise<readonly string[]> {
    return await this.#ask({ proofFlips: written(asked), from, step });
  }

  /** For each signature "true" or "false" (Go only). */
  async signatures(checks: readonly SignatureCheck[]): Promise<readonly string[]> {
    const signatures = checks.map(({ publicKey, message, signature }) =>
      [publicKey, message, signature].map(toHex),
    );
    return await this.#ask({ signatures });
  }

  /** For each point "true" or "false": whether it is a public key (Go only). */
  async keys(points: readonly Bytes[]): Promise<readonly string[]> {
    return await this.#ask({ keys: points.map(toHex) });
  }

  /** For each case "true" or "false": whether the payment is never made (Go only). */
  async cancelled(
    cases: readonly {
      readonly payment: string;
      readonly cancellation: string;
      readonly receipt: string;
    }[],
  ): Promise<readonly string[]> {
    return await this.#ask({ cancelled: cases });
  }

  close(): void {
    this.#child.stdin.end();
  }

  async #ask(command: object): Promise<readonly string[]> {
    this.#send(command);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the judge ${this.#child.spawnfile} has ended`);
    return value === "" ? [] : value.split(" ");
  }

  #send(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }
}
