/** All metrics, in the order of docs/metrics.md. */
import { ACCESS_FAMILIES } from "./access-families.ts";
import { CALL_FAMILIES } from "./call-families.ts";
import { CONSENSUS_FAMILIES } from "./consensus-families.ts";
import type { Family } from "./family.ts";
import { LINK_FAMILIES } from "./link-families.ts";
import { MEMPOOL_FAMILIES } from "./mempool-families.ts";
import { NODE_FAMILIES } from "./node-families.ts";
import { PROCESS_FAMILIES } from "./process-families.ts";
import { SEAL_FAMILIES } from "./seal-families.ts";
import { SINK_FAMILIES } from "./sink-families.ts";
import { STORE_FAMILIES } from "./store-families.ts";
import { TRACE_FAMILIES } from "./trace-families.ts";

export interface FamilyGroup {
  readonly title: string;
  readonly families: readonly Family[];
}

export const FAMILY_GROUPS: readonly FamilyGroup[] = [
  { title: "The node and its ledger", families: NODE_FAMILIES },
  { title: "Consensus and blocks", families: CONSENSUS_FAMILIES },
  { title: "Mempool", families: MEMPOOL_FAMILIES },
  { title: "Seals", families: SEAL_FAMILIES },
  { title: "Links and clocks", families: LINK_FAMILIES },
  { title: "Store and disk", families: STORE_FAMILIES },
  { title: "Calls", families: CALL_FAMILIES },
  { title: "Access and audit log", families: ACCESS_FAMILIES },
  { title: "Sinks", families: SINK_FAMILIES },
  { title: "Traces", families: TRACE_FAMILIES },
  { title: "Process", families: PROCESS_FAMILIES },
];
