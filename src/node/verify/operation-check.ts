/** Checks that an operation in a block of a store has the signatures that it needs. */
import type { LedgerContext } from "../../ledger/context.ts";
import { signatureChecks } from "../../ledger/signature-checks.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Epoch } from "../../primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../../primitives/operation.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { FoundFault } from "./found-fault.ts";

export interface CheckedOperation {
  readonly operation: SignedOperation;
  /** Number of its signatures. */
  readonly signatures: number;
}

/** Throws FoundFault. */
export async function checkOperation(
  { context, checker }: { readonly context: LedgerContext; readonly checker: SignatureChecker },
  of: {
    readonly where: string;
    readonly index: number;
    readonly bytes: Bytes;
    /** Of the ceremony before the block. */
    readonly epoch: Epoch;
  },
): Promise<CheckedOperation> {
  const operation = decodeSignedOperation(context.hash, context.networkId, of.bytes);
  if (!(operation instanceof EncodingError)) {
    const checks = signatureChecks(context, operation, of.epoch);
    if (checks !== undefined && (await checker.check(checks))) {
      return { operation, signatures: checks.length };
    }
  }
  throw new FoundFault(
    of.where,
    `holds an operation, number ${of.index}, that its author did not sign`,
  );
}
