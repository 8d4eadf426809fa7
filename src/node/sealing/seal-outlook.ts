/**
 * Whether seals can be made, and how many failures they bear: who holds a share of the group key is on the ledger, who of
 * them is there is what this node sees. A member that is there and has lost its share is known to itself alone.
 */
import { ceremonyMembers } from "../../ledger/ceremony.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { State } from "../../ledger/state.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealShare } from "../../transport/ledger-api.ts";

export interface SealOutlook {
  /** This node's own. */
  readonly share: SealShare;
  /** As the ledger says; empty until the key is final. */
  readonly holders: readonly ValidatorIndex[];
  /** Those of them that can take part now. */
  readonly present: readonly ValidatorIndex[];
  /** How many of those may fail; below 0 no seal can be made. Undefined until the key is final. */
  readonly margin: number | undefined;
}

export interface OutlookParts {
  readonly context: LedgerContext;
  readonly self: ValidatorIndex;
  readonly state: State;
  /** Whether this node has its share; undefined as long as it has not looked. */
  readonly hasShare: boolean | undefined;
  /** Whether a peer can be asked, and has sent nothing wrong. */
  readonly isUsable: (peer: ValidatorIndex) => boolean;
}

export function sealOutlook(parts: OutlookParts): SealOutlook {
  const { context, self, state, hasShare, isUsable } = parts;
  const { ceremony } = state;
  if (ceremony.kind !== "final") {
    return { share: "notYet", holders: [], present: [], margin: undefined };
  }
  const holders = ceremonyMembers(context, ceremony);
  const own = hasShare === false ? "missing" : "held";
  const share = holders.includes(self) ? own : "leftOut";
  const present = holders.filter((index) => {
    return index === self ? share === "held" : isUsable(index);
  });
  return { share, holders, present, margin: present.length - context.threshold };
}
