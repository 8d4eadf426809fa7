/** The member that keeps the key of a custodial wallet. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { State } from "../../ledger/state.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { Validator } from "../../primitives/validators.ts";

/** The member whose custody key this is; undefined if the wallet's owner keeps the key. */
export function custodianOf(
  context: LedgerContext,
  { epoch }: Pick<State, "epoch">,
  publicKey: PublicKey,
): Validator | undefined {
  return context.members(epoch).find(({ custodyKey }) => equalBytes(custodyKey, publicKey));
}
