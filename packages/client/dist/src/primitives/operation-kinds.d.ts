import { type Decoder, type Encoder } from "./encoding.ts";
import { type Cancellation } from "./operations/cancellation.ts";
import { type CeremonyStep } from "./operations/ceremony-operations.ts";
import type { CommonFields, OperationEncoding } from "./operations/fields.ts";
import { type Transfer } from "./operations/transfer.ts";
import { type WalletCreation } from "./operations/wallet-creation.ts";
export type Operation = WalletCreation | Transfer | Cancellation | CeremonyStep;
export type OperationKind = Operation["kind"];
export type OperationOf<K extends OperationKind> = Extract<Operation, {
    kind: K;
}>;
/** Each kind has the encoding of its own operations in this record, so `operation.kind` selects the right one. */
export declare function encodingOf({ kind }: Operation): OperationEncoding<Operation>;
export declare function writeKind(encoder: Encoder, operation: Operation): void;
export declare function readKind(decoder: Decoder): OperationKind;
export declare function readFields(decoder: Decoder, kind: OperationKind, common: CommonFields): Operation;
