/** Checks every seal of a store against the group key of the ceremony that its chain holds. */
import { keyCertificateSoFar } from "../../ledger/ceremony-progress.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { State } from "../../ledger/state.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import { verifyKeyCertificate } from "../../seal/key-certificate-verdict.ts";
import type { Store } from "../../storage/contracts.ts";
import { isValidPoint, verify } from "../base/crypto.ts";
import { FoundFault } from "./found-fault.ts";

export interface CheckedSeals {
  readonly seals: number;
  /** 0 without a seal. */
  readonly lastSealedHeight: number;
}

/** `tip`: the height of the verified chain. Throws FoundFault. */
export async function checkSeals(
  {
    context,
    store,
  }: { readonly context: LedgerContext; readonly store: Pick<Store, "blocks" | "seals"> },
  ceremony: State["ceremony"],
  tip: Height,
): Promise<CheckedSeals> {
  const groupKey = groupKeyOf(context, ceremony);
  let [count, last] = [0, 0];
  for (let found = await store.seals.loadAtOrAbove(height(1)); found !== undefined; ) {
    const { height: at, seal: signature } = found;
    const where = `the seal of block ${at}`;
    if (at > tip) throw new FoundFault(where, "is of a block that is not held");
    const message = await store.blocks.loadHeader(at);
    const holds =
      groupKey !== undefined &&
      message !== undefined &&
      verify({ publicKey: groupKey, message, signature });
    if (!holds) throw new FoundFault(where, "is not the group key's signature over its header");
    [count, last] = [count + 1, at];
    found = await store.seals.loadAtOrAbove(height(at + 1));
  }
  return { seals: count, lastSealedHeight: last };
}

/** The seal must verify under the group key of this ceremony, which a quorum has confirmed. */
function groupKeyOf(context: LedgerContext, ceremony: State["ceremony"]): PublicKey | undefined {
  const certificate =
    ceremony.kind === "final" ? keyCertificateSoFar(context, ceremony) : undefined;
  if (certificate === undefined) return undefined;
  const judges = { networkId: context.networkId, validators: context.members(ceremony.epoch) };
  const verdict = verifyKeyCertificate(judges, certificate, { verify, isValidPoint });
  if (verdict !== "valid") throw new FoundFault("the key certificate", `is not valid (${verdict})`);
  return certificate.groupKey;
}
