/** The JSON names that refusals use for the fields of each kind of operation. */
import type { Operation, OperationKind } from "../primitives/operation-kinds.ts";

interface RequestNames {
  /** The message inside the request that holds the fields, with its dot; empty if the request itself holds them. */
  readonly prefix: "transaction." | "cancellation." | "";
  readonly id: string;
  readonly amount: string;
  /** The key that signs, in words. */
  readonly signer: string;
}

/** Operations of nodes; no request makes them. */
const STEP: RequestNames = { prefix: "", id: "id", amount: "", signer: "member's identity key" };

const NAMES: Readonly<Record<OperationKind, RequestNames>> = {
  transfer: { prefix: "transaction.", id: "id", amount: "amount", signer: "paying wallet's key" },
  cancellation: {
    prefix: "cancellation.",
    id: "id",
    amount: "",
    signer: "paying wallet's key",
  },
  walletCreation: {
    prefix: "",
    id: "creationId",
    amount: "initialBalance",
    signer: "author's key",
  },
  ceremonyOpen: STEP,
  ceremonyRound1: STEP,
  ceremonyShares: STEP,
  ceremonyConfirm: STEP,
  ceremonyComplaint: STEP,
  rulesetActivation: STEP,
};

export function requestNames({ kind }: Operation): RequestNames {
  return NAMES[kind];
}
