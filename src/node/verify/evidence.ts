/**
 * Evidence that a node keeps. Anyone who has the genesis can judge it. Two conflicting votes prove their signer's
 * fault by themselves (R22). A statement of another result (S9) proves it together with the final block of that
 * height, so that block's header and finalization are exported beside it.
 */
import { decodeEvidence, type Evidence } from "../../consensus/votes.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { blockHash, decodeHeader } from "../../primitives/block.ts";
import { type Bytes, equalBytes, toHex } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import {
  certificateChecks,
  decodeCertificate,
  type Vote,
  voteCheck,
} from "../../primitives/vote.ts";
import type { Store } from "../../storage/contracts.ts";
import type { FaultKind } from "../../storage/faults.ts";
import {
  type ComputedResult,
  decodeSignedVerification,
  encodeVerification,
  resultOf,
  type SignedVerification,
  sameResult,
} from "../../transport/verification.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";

/** Evidence in the form that is handed on. */
export interface EvidenceRecord {
  /** The record as the store keeps it. */
  readonly bytes: Bytes;
  /** The final block that it contradicts, for a statement of another result. */
  readonly block?: FinalBlock | undefined;
}

export interface FinalBlock {
  /** Headers from the block's own up to the one that the finalization is for. */
  readonly headers: readonly Bytes[];
  readonly finalization: Bytes;
}

export interface Judgement {
  readonly member: Validator;
  readonly kind: FaultKind;
  /** False: the member has signed it, but the final block that it contradicts is missing. */
  readonly proven: boolean;
  /** The signed statement in words. */
  readonly what: string;
}

/** All evidence of a store, with the final blocks that are held here. */
export async function collectEvidence(
  store: Pick<Store, "blocks" | "evidence">,
): Promise<EvidenceRecord[]> {
  const records: EvidenceRecord[] = [];
  for (const bytes of await store.evidence.load()) records.push(await withFinalBlock(store, bytes));
  return records;
}

/** A record, with the final block that it contradicts if that is held here. */
export async function withFinalBlock(
  store: Pick<Store, "blocks">,
  bytes: Bytes,
): Promise<EvidenceRecord> {
  const signed = decodeSignedVerification(bytes);
  const at = signed instanceof EncodingError ? undefined : signed.statement.computed?.height;
  return { bytes, block: at === undefined ? undefined : await finalBlock(store, at) };
}

async function finalBlock(
  { blocks }: Pick<Store, "blocks">,
  at: Height,
): Promise<FinalBlock | undefined> {
  const tip = await blocks.loadTip();
  if (at < 1 || at > (tip?.height ?? 0)) return undefined;
  const proof = await blocks.loadFinalization(at);
  if (proof === undefined || proof.height - at >= LIMITS.fetchedBlocksMax) return undefined;
  const headers: Bytes[] = [];
  for (let next: number = at; next <= proof.height; next++) {
    const header = await blocks.loadHeader(height(next));
    if (header === undefined) return undefined;
    headers.push(header);
  }
  return { headers, finalization: proof.certificate };
}

/** The fault that a record proves. If it proves none, a clause that says why, such as "is signed by no member". */
export async function judgeEvidence(
  context: LedgerContext,
  checker: SignatureChecker,
  record: EvidenceRecord,
): Promise<Judgement | string> {
  const votes = decodeEvidence(record.bytes);
  if (!(votes instanceof EncodingError)) return await judgeVotes(context, checker, votes);
  const signed = decodeSignedVerification(record.bytes);
  if (signed instanceof EncodingError) {
    return "cannot be decoded: it is neither two conflicting votes nor a signed result";
  }
  return await judgeResult(context, checker, { signed, block: record.block });
}

async function judgeVotes(
  context: LedgerContext,
  checker: SignatureChecker,
  { kind, first, second }: Evidence,
): Promise<Judgement | string> {
  const { networkId } = context;
  // A nullify vote has no height to tell its epoch by; there is one epoch so far.
  if (first.epoch !== context.epochAt(height(1))) return "is of an epoch that is not known";
  const members = context.members(first.epoch);
  const member = members[first.signer];
  const checks = [first, second].flatMap((vote) => voteCheck(networkId, members, vote) ?? []);
  if (member === undefined || checks.length !== 2) return "names a signer that is no member";
  if (!(await checker.check(checks))) return "is not signed by the member it names";
  const what = `view ${first.view}: ${describeVote(first)} and ${describeVote(second)}`;
  return { member, kind, proven: true, what };
}

function describeVote(vote: Vote): string {
  if (vote.kind === "nullify") return "nullify";
  return `${vote.kind} of ${toHex(vote.blockHash)} at height ${vote.height}`;
}

async function judgeResult(
  context: LedgerContext,
  checker: SignatureChecker,
  {
    signed,
    block,
  }: { readonly signed: SignedVerification; readonly block: FinalBlock | undefined },
): Promise<Judgement | string> {
  const { statement, signature } = signed;
  const { computed } = statement;
  if (!equalBytes(statement.networkId, context.networkId)) return "is of another network";
  if (computed === undefined) return "states no result";
  const member = context.members(context.epochAt(computed.height))[statement.sender];
  if (member === undefined) return "names a signer that is no member";
  const message = encodeVerification(statement);
  if (!(await checker.check([{ publicKey: member.identityKey, message, signature }]))) {
    return "is not signed by the member it names";
  }
  const kind = "differingResult";
  const what = `height ${computed.height}: states block ${toHex(computed.blockHash)}`;
  if (block === undefined) return { member, kind, proven: false, what };
  const final = await readFinal(context, checker, { block, at: computed.height });
  if (typeof final === "string") return final;
  if (sameResult(final, computed)) return "states the result that is final: it proves no fault";
  return { member, kind, proven: true, what: `${what}, ${toHex(final.blockHash)} is final` };
}

/** The result of the block at `at` that a quorum finalized, directly or by a block above it. */
async function readFinal(
  context: LedgerContext,
  checker: SignatureChecker,
  { block, at }: { readonly block: FinalBlock; readonly at: Height },
): Promise<ComputedResult | string> {
  let found: ComputedResult | undefined;
  let parent: Bytes | undefined;
  for (const [index, bytes] of block.headers.entries()) {
    const header = decodeHeader(bytes);
    if (header instanceof EncodingError || header.height !== at + index) {
      return "has a header that cannot be decoded, or one of another height";
    }
    if (parent !== undefined && !equalBytes(header.parentHash, parent)) {
      return "has headers that are not linked by their hashes";
    }
    parent = blockHash(context.hash, bytes);
    found ??= resultOf(header, parent);
  }
  const certificate = decodeCertificate(block.finalization);
  if (found === undefined || parent === undefined) return "has no header of the final block";
  if (certificate instanceof EncodingError) return "has a finalization that cannot be decoded";
  const { subject } = certificate;
  const isOfLast =
    subject.kind === "finalize" &&
    equalBytes(subject.blockHash, parent) &&
    subject.epoch === context.epochAt(subject.height);
  const members = context.membersAt(at);
  const checks = isOfLast ? certificateChecks(context.networkId, members, certificate) : undefined;
  if (checks === undefined || !(await checker.check(checks))) {
    return "has a finalization that no quorum signed for its last header";
  }
  return found;
}
