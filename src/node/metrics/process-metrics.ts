/** The metrics of a node process: those of its node, and readings of the process and of the store's disk. */
import { type StorePlace, storeSpace } from "../../storage/store-factory.ts";
import { watchLoopDelay } from "../base/system.ts";
import { Metrics } from "./metrics.ts";
import type { Observed } from "./observed.ts";
import { readingsOfProcess } from "./process-readings.ts";

export function metricsOfProcess(
  { node, calls, audit, auditFiles, access, sinks, traces }: Omit<Observed, "process" | "disk">,
  place: StorePlace,
): Metrics {
  // A folder that cannot be read at the moment has no sample.
  const space = () => storeSpace(place).catch(() => undefined);
  const process = readingsOfProcess(watchLoopDelay());
  return new Metrics({
    node,
    calls,
    audit,
    auditFiles,
    access,
    sinks,
    traces,
    process,
    disk: { space },
  });
}
