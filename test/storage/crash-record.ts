/** What the processes of the crash test share: whose store it is, and what was acknowledged. */
import type { StoreIdentity } from "../../src/storage/contracts.ts";
import { bytesNamed } from "./sample-chain.ts";

export const identity: StoreIdentity = { networkId: bytesNamed("network") };

/** How many of each are acknowledged at least. */
export interface Acknowledged {
  block: number;
  journal: number;
  custody: number;
}

/** Raises `acknowledged` by the lines of a killed process; a torn last line counts for nothing. */
export function readAcknowledged(acknowledged: Acknowledged, output: string): void {
  for (const line of output.split("\n").slice(0, -1)) {
    const [kind, number] = line.split(" ");
    if (kind === "block" || kind === "journal" || kind === "custody") {
      acknowledged[kind] = Math.max(acknowledged[kind], Number(number));
    }
  }
}
