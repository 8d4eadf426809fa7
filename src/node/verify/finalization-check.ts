/** Checks the certificate that makes a block of a store final. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { Block } from "../../primitives/block.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { certificateChecks, decodeCertificate } from "../../primitives/vote.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { FoundFault } from "./found-fault.ts";

/** Gives the number of its signatures. Throws FoundFault. */
export async function checkFinalization(
  { context, checker }: { readonly context: LedgerContext; readonly checker: SignatureChecker },
  of: {
    readonly where: string;
    readonly block: Pick<Block, "hash" | "header">;
    readonly certificate: Bytes;
  },
): Promise<number> {
  const { hash, header } = of.block;
  const certificate = decodeCertificate(of.certificate);
  const isOfBlock =
    !(certificate instanceof EncodingError) &&
    certificate.subject.kind === "finalize" &&
    equalBytes(certificate.subject.blockHash, hash);
  const checks = isOfBlock
    ? certificateChecks(context.networkId, context.membersAt(header.height), certificate)
    : undefined;
  if (checks === undefined || !(await checker.check(checks))) {
    throw new FoundFault(of.where, "has a finalization that is not a quorum's word on it");
  }
  return checks.length;
}
