/** A step of a check as the page shows it, and what the checks of receipts and of other proofs say alike. */
import type { Trust } from "../src/client/receipt-verifier.ts";
import { toHex } from "../src/primitives/bytes.ts";

export interface Step<Name extends string = string> {
  readonly name: Name;
  readonly title: string;
  /** Undefined: it was not checked, because a check before it fails. */
  readonly holds: boolean | undefined;
  /** The comparison that was made, for a person. */
  readonly text: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export const UNCHECKED = "Not checked, because a check before it fails.";

/** It holds by itself: all steps above were held against it. */
export function genesisStep({ networkId, validators }: Trust): Step<"genesis"> {
  return {
    ...{ name: "genesis", title: "The genesis", holds: true },
    text: `All of this was held against ${validators.length} members and the network id of the genesis. Compare the id with your own copy.`,
    facts: [["SHA-256(genesis)", toHex(networkId)]],
  };
}
