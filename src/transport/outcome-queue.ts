/** Outcomes of a stream's operations that are not written yet, in groups: the results of a block share one proof. */
import type { SubmitTransactionsResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ReceiptProof } from "../primitives/receipt.ts";
import { refusalsToMessage, resultsToMessage } from "./convert-submit.ts";
import type { TransferAnswer } from "./ledger-api.ts";
import { Refusal } from "./refusal.ts";

/** One message, and what to call when it is written. */
export interface OutcomeBatch {
  readonly message: SubmitTransactionsResponse;
  readonly written: readonly (() => void)[];
}

interface Waiting<T> {
  readonly number: number;
  readonly told: T;
  readonly written: () => void;
}

const { perMessageMax } = LIMITS.submitStreams;

export class OutcomeQueue {
  readonly #refusals: Waiting<Refusal>[] = [];
  /** In the order of their first results. None is empty. */
  readonly #groups: Waiting<TransferAnswer>[][] = [];

  /** `written` is called when a message with this outcome was written. */
  add(number: number, outcome: TransferAnswer | Refusal, written: () => void): void {
    if (outcome instanceof Refusal) {
      this.#refusals.push({ number, told: outcome, written });
      return;
    }
    const result = { number, told: outcome, written };
    const { proof } = outcome.receipt;
    const group = this.#groups.find(([first]) => first && isSame(first.told.receipt.proof, proof));
    if (group === undefined) this.#groups.push([result]);
    else group.push(result);
  }

  /** Takes the outcomes of the next message. */
  take(): OutcomeBatch | undefined {
    const refusals = this.#refusals.splice(0, perMessageMax);
    if (refusals.length > 0) {
      const told = refusals.map(({ number, told: refusal }) => [number, refusal] as const);
      return { message: refusalsToMessage(told), written: writtenOf(refusals) };
    }
    const [group] = this.#groups;
    if (group === undefined) return undefined;
    const taken = group.splice(0, perMessageMax);
    if (group.length === 0) this.#groups.shift();
    const results = taken.map(({ number, told }) => [number, told] as const);
    return { message: resultsToMessage(results), written: writtenOf(taken) };
  }
}

function writtenOf(waiting: readonly Waiting<unknown>[]): (() => void)[] {
  return waiting.map(({ written }) => written);
}

/** This node's chain has one header at each height, so proofs with the same ends are the same. */
function isSame(left: ReceiptProof, right: ReceiptProof): boolean {
  if (left === right) return true;
  const hasSameForm = left.kind === right.kind && left.headers.length === right.headers.length;
  if (!hasSameForm) return false;
  const [lower, upper] = [endsOf(left), endsOf(right)];
  return lower.every((end, i) => equalBytes(end, upper[i] ?? end.subarray(0, 0)));
}

function endsOf(proof: ReceiptProof): readonly [own: Bytes, certified: Bytes] {
  const none = new Uint8Array();
  const certified =
    proof.kind === "sealed" ? proof.sealedHeader.bytes : (proof.headers.at(-1) ?? none);
  return [proof.headers[0] ?? certified, certified];
}
