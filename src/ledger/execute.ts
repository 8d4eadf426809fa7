/**
 * Execution: the pure function from (state, operations, block time) to the next state, the results and the
 * roots. Balances change here alone, in the proposer as in every other node (L20).
 */
import type { Amount } from "../primitives/amount.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Digest } from "../primitives/hash.ts";
import {
  type MerkleLevels,
  merkleLevels,
  merkleRoot,
  rootOfLevels,
} from "../primitives/merkle-tree.ts";
import { decodeSignedOperation, type SignedOperation } from "../primitives/operation.ts";
import { type Result, resultLeafHash } from "../primitives/result.ts";
import type { LedgerContext } from "./context.ts";
import type { Invalid, InvalidReason } from "./invalid-reason.ts";
import { Overlay } from "./overlay.ts";
import { planOperation } from "./plan.ts";
import { unknownRulesetAfter } from "./rulesets.ts";
import { type State, stateRoot } from "./state.ts";
import { checkOperation, checkPlace } from "./validate.ts";
import type { WalletRecord } from "./wallet-record.ts";

/** The parts of a header that follow from execution (L17). */
export interface Roots {
  readonly operationCount: number;
  readonly operationsRoot: Digest;
  readonly resultsRoot: Digest;
  readonly walletCount: number;
  readonly stateRoot: Digest;
  /** Per asset in genesis order. */
  readonly supply: readonly Amount[];
}

export interface Execution {
  readonly kind: "executed";
  /** After the block. */
  readonly state: State;
  /** One for each operation, in order. */
  readonly results: readonly Result[];
  /** The tree of the results, from the hashes of their leaves up to the root: what receipts prove. */
  readonly resultLevels: MerkleLevels;
  readonly roots: Roots;
  /** Wallets that changed, as they are after the block. */
  readonly touched: readonly WalletRecord[];
}

/** True if every signature that `signatureChecks` lists holds; the checks are performed and remembered outside. */
export type SignaturesValid = (operation: SignedOperation) => boolean;

export interface BlockInput {
  /** After the parent block. */
  readonly state: State;
  /** Block time, milliseconds since the epoch. */
  readonly time: number;
  readonly signaturesValid: SignaturesValid;
}

/** Executes a whole block; one invalid operation makes it invalid, and then nothing has happened (L9). */
export function execute(
  context: LedgerContext,
  input: BlockInput & { readonly operations: readonly SignedOperation[] },
): Execution | Invalid {
  if (input.time < input.state.time) return { kind: "invalid", reason: "timeBeforeParent" };
  if (unknownRulesetAfter(context, input.state) !== undefined) {
    return { kind: "invalid", reason: "rulesetUnknown" };
  }
  const block = new BlockExecution(context, input);
  for (const [index, operation] of input.operations.entries()) {
    const outcome = block.add(operation);
    if (outcome.kind === "invalid") return { ...outcome, index };
  }
  return block.finish();
}

/** Decodes the body of a block; bytes that are no operation of this network make the block invalid. */
export function decodeOperations(
  context: LedgerContext,
  body: readonly Bytes[],
): readonly SignedOperation[] | Invalid {
  const operations: SignedOperation[] = [];
  for (const [index, bytes] of body.entries()) {
    const operation = decodeSignedOperation(context.hash, context.networkId, bytes);
    if (operation instanceof EncodingError) {
      return { kind: "invalid", reason: operation.code, index };
    }
    operations.push(operation);
  }
  return operations;
}

export type AddOutcome =
  | { readonly kind: "ordered"; readonly result: Result }
  | { readonly kind: "invalid"; readonly reason: InvalidReason };

/** A block being executed, one operation after another. A leader leaves out what turns out invalid. */
export class BlockExecution {
  readonly #context: LedgerContext;
  readonly #signaturesValid: SignaturesValid;
  readonly #overlay: Overlay;
  readonly #operations: SignedOperation[] = [];
  readonly #results: Result[] = [];
  #bytes = 0;

  /** The block time is not before the parent's, and this node knows the ruleset of the block. */
  constructor(context: LedgerContext, input: BlockInput) {
    this.#context = context;
    this.#signaturesValid = input.signaturesValid;
    this.#overlay = new Overlay(context, input.state, input.time);
  }

  /** Orders the next operation, applied or declined; an invalid one changes nothing. */
  add(operation: SignedOperation): AddOutcome {
    const reason = this.#whyInvalid(operation);
    if (reason !== undefined) return { kind: "invalid", reason };
    const plan = planOperation(this.#context, this.#overlay, operation);
    this.#overlay.take(operation, plan);
    const result: Result =
      plan.kind === "applied" ? { status: "applied" } : { status: "declined", reason: plan.reason };
    this.#operations.push(operation);
    this.#results.push(result);
    this.#bytes += operation.bytes.length;
    return { kind: "ordered", result };
  }

  finish(): Execution {
    const { hash } = this.#context;
    const { state, touched } = this.#overlay.finish();
    const resultHashes = this.#operations.map((operation, i) => {
      const result = this.#results[i] ?? { status: "applied" };
      return resultLeafHash(this.#context, operation, result);
    });
    const resultLevels = merkleLevels(hash, resultHashes);
    const operationHashes = this.#operations.map((operation) => operation.leafHash);
    const roots: Roots = {
      operationCount: this.#operations.length,
      operationsRoot: merkleRoot(hash, operationHashes),
      resultsRoot: rootOfLevels(hash, resultLevels),
      walletCount: state.wallets.size,
      stateRoot: stateRoot(this.#context, state),
      supply: state.supply,
    };
    return { kind: "executed", state, results: [...this.#results], resultLevels, roots, touched };
  }

  /** The signature is checked last, because it costs the most. L19 sets the limits of the block. */
  #whyInvalid(operation: SignedOperation): InvalidReason | undefined {
    const { limits } = this.#context.genesis;
    if (this.#operations.length >= limits.blockOperationsMax) return "tooManyOperations";
    if (this.#bytes + operation.bytes.length > limits.blockBytesMax) return "tooManyBytes";
    return (
      checkOperation(this.#context, operation) ??
      checkPlace(this.#context, this.#overlay, operation) ??
      (this.#signaturesValid(operation) ? undefined : "wrongSignature")
    );
  }
}
