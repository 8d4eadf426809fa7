/**
 * Judges a peer's records of this node (R29). A peer may lie or stay silent, so only records signed with this node's
 * own identity key count against it, and only a certificate proves a view.
 */
import type { Core } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { type Epoch, type Height, height, type View, view } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import { certificateChecks, type Vote, voteCheck } from "../../primitives/vote.ts";
import type { Recollection } from "../../transport/peer-api.ts";
import { encodeRegistration, type SignedRegistration } from "../../transport/registration.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";

export interface JudgeParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly self: Validator;
  readonly checker: SignatureChecker;
}

/**
 * sound: this node knows everything in it. lapse: proof that its journal lacks something. worthless: it proves
 * nothing.
 */
export type Finding =
  /** `finalHeight`: of a block that the peer's finalization proves to be final; 0, the genesis, without one. */
  | { readonly kind: "sound"; readonly finalHeight: Height }
  | { readonly kind: "lapse"; readonly found: string }
  | { readonly kind: "worthless"; readonly problem: string };

/** The node's own record of itself. */
export interface OwnMemory {
  readonly own: SignedRegistration;
  readonly core: Pick<Core, "lacks">;
}

export async function checkRecall(
  parts: JudgeParts,
  memory: OwnMemory,
  recollection: Recollection,
): Promise<Finding> {
  const { registration, vote } = recollection;
  if (registration !== undefined && !(await isOwnRegistration(parts, registration))) {
    return worthless("a registration that this node never signed");
  }
  if (vote !== undefined && !(await isOwnVote(parts, vote))) {
    return worthless("a vote that this node never signed");
  }
  if ((await enterableView(parts, recollection)) === undefined) {
    return worthless("a view without the certificate that leads into it");
  }
  const finalHeight = await provenHeight(parts, recollection);
  if (finalHeight === undefined) return worthless("a finalization that does not hold");
  const found =
    (registration && journalLapse(memory.own, registration)) ??
    (vote && memory.core.lacks(vote)
      ? `it has voted to ${vote.kind} in view ${vote.view}, and its journal has no record of that`
      : undefined);
  return found === undefined ? { kind: "sound", finalHeight } : { kind: "lapse", found };
}

/**
 * The view that the peer's certificate lets a node enter; undefined if the certificate does not prove the claimed
 * view.
 */
export async function enterableView(
  { context, epoch, checker }: JudgeParts,
  { view: claimed, entry }: Pick<Recollection, "view" | "entry">,
): Promise<View | undefined> {
  if (entry === undefined) return claimed === 1 ? claimed : undefined;
  const { subject } = entry;
  if (subject.epoch !== epoch || view(subject.view + 1) !== claimed) return undefined;
  const checks = certificateChecks(context.networkId, context.members(epoch), entry);
  return checks !== undefined && (await checker.check(checks)) ? claimed : undefined;
}

/** The height of the block that the peer's finalization makes final; undefined if the finalization does not hold. */
async function provenHeight(
  { context, epoch, checker }: JudgeParts,
  { finalization }: Pick<Recollection, "finalization">,
): Promise<Height | undefined> {
  if (finalization === undefined) return height(0);
  const { subject } = finalization;
  if (subject.kind !== "finalize" || subject.epoch !== epoch) return undefined;
  const checks = certificateChecks(context.networkId, context.members(epoch), finalization);
  return checks !== undefined && (await checker.check(checks)) ? subject.height : undefined;
}

/** True if this node's identity key signed it, for this network. */
export async function isOwnRegistration(
  { context, self, checker }: JudgeParts,
  { registration, signature }: SignedRegistration,
): Promise<boolean> {
  if (!equalBytes(registration.networkId, context.networkId)) return false;
  if (registration.nodeId !== self.id) return false;
  const message = encodeRegistration(registration);
  return await checker.check([{ publicKey: self.identityKey, message, signature }]);
}

async function isOwnVote(parts: JudgeParts, vote: Vote): Promise<boolean> {
  const { context, epoch, self, checker } = parts;
  if (vote.signer !== self.index || vote.epoch !== epoch) return false;
  const check = voteCheck(context.networkId, context.members(epoch), vote);
  return check !== undefined && (await checker.check([check]));
}

/** The reason why the journal behind `own` is not this node's newest; undefined if it is. */
function journalLapse(
  { registration: own }: SignedRegistration,
  { registration: held }: SignedRegistration,
): string | undefined {
  if (!equalBytes(held.journalId, own.journalId)) {
    const replaced = own.rejoined && held.starts < own.starts;
    return replaced ? undefined : "it was started on another journal than this one";
  }
  if (held.starts > own.starts) {
    return `it was started ${held.starts} times on this journal, which counts ${own.starts}`;
  }
  if (held.starts === own.starts && !equalBytes(held.startId, own.startId)) {
    return "another process runs, or ran, on a copy of its journal";
  }
  return undefined;
}

function worthless(problem: string): Finding {
  return { kind: "worthless", problem };
}
