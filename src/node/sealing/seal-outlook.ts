/**
 * Tells if seals can be made, and how many failures they tolerate. The ledger names the members that hold a share of
 * the group key, and this node sees which of them are up. Only a member that has lost its share knows that it has.
 */
import { ceremonyMembers } from "../../ledger/ceremony-progress.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { State } from "../../ledger/state.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealShare } from "../../transport/ledger-api.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import type { SealDriver } from "./seal-driver.ts";

export interface SealOutlook {
  /** This node's own. */
  readonly share: SealShare;
  /** As the ledger names them; empty until the key is final. */
  readonly holders: readonly ValidatorIndex[];
  /** Those of them that can take part now. */
  readonly present: readonly ValidatorIndex[];
  /** The number of holders that may still fail; below 0 no seal can be made. Undefined until the key is final. */
  readonly margin: number | undefined;
}

export interface OutlookParts {
  readonly context: LedgerContext;
  readonly self: ValidatorIndex;
  readonly state: State;
  readonly driver: Pick<SealDriver, "hasShare" | "isBlamed">;
  readonly links: Pick<PeerLinks, "isConnected">;
}

export function sealOutlook(parts: OutlookParts): SealOutlook {
  const { context, self, state, driver, links } = parts;
  const { ceremony } = state;
  if (ceremony.kind !== "final") {
    return { share: "notYet", holders: [], present: [], margin: undefined };
  }
  const holders = ceremonyMembers(context, ceremony);
  const own = driver.hasShare === false ? "missing" : "held";
  const share = holders.includes(self) ? own : "leftOut";
  const present = holders.filter((index) => {
    return index === self ? share === "held" : links.isConnected(index) && !driver.isBlamed(index);
  });
  return { share, holders, present, margin: present.length - context.thresholdOf(ceremony.epoch) };
}
