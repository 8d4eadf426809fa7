/** The rules that each kind of operation defines: its validity, its effects, and its needs. */
import type { Amount } from "../../primitives/amount.ts";
import type { Hash } from "../../primitives/hash.ts";
import type { NetworkId, WalletId } from "../../primitives/ids.ts";
import type { Epoch } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { Operation } from "../../primitives/operation-kinds.ts";
import type { DeclineReason } from "../../primitives/result.ts";
import type { SignatureCheck } from "../../primitives/signature.ts";
import type { CeremonyRecord } from "../ceremony-record.ts";
import type { LedgerContext } from "../context.ts";
import type { InvalidReason } from "../invalid-reason.ts";
import type { Place } from "../place.ts";
import type { Activation } from "../rulesets.ts";
import type { WalletRecord } from "../wallet-record.ts";

/** The effects of an operation, all or none, or the reason why it is declined. */
export type Plan =
  | { readonly kind: "declined"; readonly reason: DeclineReason }
  | {
      readonly kind: "applied";
      /** New records of the wallets it changes. */
      readonly wallets: readonly WalletRecord[];
      /** Supply after, of the asset in which it creates money. */
      readonly supply?: { readonly asset: number; readonly after: Amount };
      readonly ceremony?: CeremonyRecord;
      readonly activation?: Activation;
    };

/** Money that leaves a wallet. */
export interface Payment {
  readonly from: WalletId;
  readonly amount: Amount;
}

/** An entry that an applied operation makes in a wallet's statement. */
export interface Movement {
  readonly wallet: WalletId;
  /** Minor units, negative for the payer. */
  readonly delta: bigint;
  /** The other wallet of a transfer. */
  readonly counterparty?: WalletId | undefined;
}

export interface OperationRules<O extends Operation> {
  /** The first ruleset whose blocks may order this kind (L29). */
  readonly since: number;
  /** Finds faults of the operation by itself; its size was checked before. */
  check(context: LedgerContext, operation: O, signed: SignedOperation): InvalidReason | undefined;
  /** Finds faults of the operation at this place; its window, its id and its sponsor's cap were checked before. */
  checkPlace(context: LedgerContext, place: Place, operation: O): InvalidReason | undefined;
  /** The reason to decline it; it is valid at the place and not expired. */
  whyDeclined(
    context: LedgerContext,
    place: Place,
    operation: O,
    signed: SignedOperation,
  ): DeclineReason | undefined;
  /** Gives its effects, or that reason. */
  plan(context: LedgerContext, place: Place, operation: O, signed: SignedOperation): Plan;
  /** True if it takes a member's signature besides its author's (L13). */
  needsSponsor(operation: O): boolean;
  /** The money that it takes from a wallet. */
  payment(operation: O): Payment | undefined;
  /**
   * The money that must be in a wallet, beside what its other pooled operations need, or else the operation costs its author
   * nothing (T9): what it pays, or a token of it. The wallet is the one whose key is the author.
   */
  backing(operation: O): Payment | undefined;
  /** The entries that it makes once it is applied, those of one wallet in the order of their numbers. */
  movements(network: Network, operation: O): readonly Movement[];
  /** The wallet that exists once it is applied. */
  creates(network: Network, operation: O): WalletId | undefined;
  /** Signatures inside the operation, besides its author's and its sponsor's. */
  innerSignatures(
    context: LedgerContext,
    operation: O,
    ceremonyEpoch: Epoch,
  ): readonly SignatureCheck[];
}

export interface Network {
  readonly hash: Hash;
  readonly networkId: NetworkId;
}

export function decline(reason: DeclineReason): Plan {
  return { kind: "declined", reason };
}
