/** Shared by the processes of the crash test: the owner of the store, and the acknowledged records. */
import type { StoreIdentity } from "../../src/storage/contracts.ts";
import { bytesNamed } from "./sample-chain.ts";

export const identity: StoreIdentity = { networkId: bytesNamed("network") };

/** The least number of acknowledged records of each kind. */
export interface Acknowledged {
  block: number;
  journal: number;
  custody: number;
}

/** Adds the lines of a killed process to `acknowledged`; a torn last line does not count. */
export function readAcknowledged(acknowledged: Acknowledged, output: string): void {
  for (const line of output.split("\n").slice(0, -1)) {
    const [kind, number] = line.split(" ");
    if (kind === "block" || kind === "journal" || kind === "custody") {
      acknowledged[kind] = Math.max(acknowledged[kind], Number(number));
    }
  }
}
