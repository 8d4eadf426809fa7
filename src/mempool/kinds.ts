/**
 * The kinds of pooled operations. Each has room of its own in the pool and turns of its own in a block, so that no
 * flood of one kind displaces another.
 */
import type { SignedOperation } from "../primitives/operation.ts";
import type { OperationKind } from "../primitives/operation-kinds.ts";

export type PoolKind =
  /** A transfer that its wallet covers in the state it was admitted to, or a cancellation by a wallet with money. */
  | "payment"
  /** A transfer that would be declined there, or after the pooled payments of its wallet, or the cancellation of such a wallet. */
  | "uncovered"
  /** A creation with money. */
  | "issue"
  /** A creation without money, which a member sponsors. */
  | "sponsored"
  /** A step of the key ceremony, or the activation of a ruleset: of members alone. */
  | "ceremony";

/**
 * The order of turns while a block is filled; a kind without operations is skipped. So payments have at least half of
 * the places, and each other kind an eighth, as far as they need them.
 */
export const TURNS: readonly PoolKind[] = [
  "payment",
  "ceremony",
  "payment",
  "issue",
  "payment",
  "sponsored",
  "payment",
  "uncovered",
];

/** The room of each kind, as a share of that of payments. */
export const ROOM: Readonly<Record<PoolKind, number>> = {
  payment: 1,
  issue: 1 / 2,
  sponsored: 1 / 8,
  uncovered: 1 / 16,
  ceremony: 1 / 16,
};

export const POOL_KINDS = Object.keys(ROOM) as readonly PoolKind[];

/**
 * Kinds whose operations cost their makers nothing. They are checked at a rate of the member that sends them, so that
 * their checks and places take nothing that payments need.
 */
export const UNPAID: ReadonlySet<PoolKind> = new Set(["sponsored", "uncovered", "ceremony"]);

const ceremony = (): PoolKind => "ceremony";
const paid = (_: SignedOperation, isCovered: boolean): PoolKind =>
  isCovered ? "payment" : "uncovered";

const KINDS: Readonly<
  Record<OperationKind, (signed: SignedOperation, isCovered: boolean) => PoolKind>
> = {
  transfer: paid,
  cancellation: paid,
  walletCreation: ({ sponsor }) => (sponsor === undefined ? "issue" : "sponsored"),
  ceremonyOpen: ceremony,
  ceremonyRound1: ceremony,
  ceremonyShares: ceremony,
  ceremonyConfirm: ceremony,
  ceremonyComplaint: ceremony,
  rulesetActivation: ceremony,
};

/** The pool kind of an operation. `isCovered`: the wallet that backs it, if any, holds enough. */
export function poolKindOf(signed: SignedOperation, isCovered = true): PoolKind {
  return KINDS[signed.operation.kind](signed, isCovered);
}
