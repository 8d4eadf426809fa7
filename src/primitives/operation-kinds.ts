/** All kinds of operations. A new kind starts here: the compiler then names every other place that must handle it. */
import { assert } from "./assert.ts";
import { type Decoder, type Encoder, EncodingError } from "./encoding.ts";
import { CANCELLATION, type Cancellation } from "./operations/cancellation.ts";
import {
  CEREMONY_COMPLAINT,
  CEREMONY_CONFIRM,
  CEREMONY_OPEN,
  CEREMONY_ROUND1,
  CEREMONY_SHARES,
  type CeremonyStep,
} from "./operations/ceremony-operations.ts";
import type { CommonFields, OperationEncoding } from "./operations/fields.ts";
import { RULESET_ACTIVATION, type RulesetActivation } from "./operations/ruleset-activation.ts";
import { TRANSFER, type Transfer } from "./operations/transfer.ts";
import { WALLET_CREATION, type WalletCreation } from "./operations/wallet-creation.ts";

export type Operation = WalletCreation | Transfer | Cancellation | CeremonyStep | RulesetActivation;
export type OperationKind = Operation["kind"];
export type OperationOf<K extends OperationKind> = Extract<Operation, { kind: K }>;

const ENCODINGS: { readonly [K in OperationKind]: OperationEncoding<OperationOf<K>> } = {
  walletCreation: WALLET_CREATION,
  transfer: TRANSFER,
  cancellation: CANCELLATION,
  ceremonyOpen: CEREMONY_OPEN,
  ceremonyRound1: CEREMONY_ROUND1,
  ceremonyShares: CEREMONY_SHARES,
  ceremonyConfirm: CEREMONY_CONFIRM,
  ceremonyComplaint: CEREMONY_COMPLAINT,
  rulesetActivation: RULESET_ACTIVATION,
};

/** In the order of their codes. */
const OPERATION_KINDS: readonly OperationKind[] = (
  Object.keys(ENCODINGS) as OperationKind[]
).toSorted((left, right) => ENCODINGS[left].code - ENCODINGS[right].code);

const BY_CODE = new Map(OPERATION_KINDS.map((kind) => [ENCODINGS[kind].code, kind]));
assert(BY_CODE.size === OPERATION_KINDS.length, "no two kinds of operations share a code");

/** Each kind has the encoding of its own operations in this record, so `operation.kind` selects the right one. */
export function encodingOf({ kind }: Operation): OperationEncoding<Operation> {
  return ENCODINGS[kind];
}

export function writeKind(encoder: Encoder, operation: Operation): void {
  encoder.u8(encodingOf(operation).code);
}

export function readKind(decoder: Decoder): OperationKind {
  const kind = BY_CODE.get(decoder.u8());
  if (kind === undefined) throw new EncodingError("malformed", "unknown kind of operation");
  return kind;
}

export function readFields(decoder: Decoder, kind: OperationKind, common: CommonFields): Operation {
  return { kind, ...common, ...ENCODINGS[kind].read(decoder) } as Operation;
}
