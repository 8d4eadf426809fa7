/** The records of a node process: its audit log, and the metrics of all its parts. */
import { AuditFiles } from "../storage/audit-files.ts";
import { AuditLog } from "../storage/audit-trail.ts";
import { type StorePlace, storeSpace } from "../storage/store-factory.ts";
import { sha256 } from "./base/crypto.ts";
import type { Log } from "./base/log.ts";
import { realSystem, watchLoopDelay } from "./base/system.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Observed } from "./metrics/observed.ts";
import { readingsOfProcess } from "./metrics/process-readings.ts";
import type { Node } from "./node.ts";

/** Goes on with the log in `folder`; the log of the node says after which entry. */
export async function openAuditLog(folder: string, log: Log) {
  const { files, head } = await AuditFiles.open(folder, sha256, {
    onRemoval: ({ file, last }) => {
      const fields = { file, lastEntry: last?.number, hash: last?.hash };
      log.warn(fields, "the oldest file of the audit log is removed: the trail begins after it");
    },
  });
  log.info({ entries: head.number, hash: head.hash }, "the audit log goes on after this entry");
  const audit = new AuditLog({ sink: files, head, hash: sha256, wall: realSystem.wall });
  const closeAudit = async () => {
    await audit.idle();
    await files.close();
  };
  return { audit, auditFiles: files, closeAudit };
}

export function createMetrics(
  {
    node,
    calls,
    audit,
    auditFiles,
  }: Pick<Observed, "calls" | "audit" | "auditFiles"> & { readonly node: Node },
  place: StorePlace,
): Metrics {
  // A folder that cannot be read at the moment has no sample.
  const space = () => storeSpace(place).catch(() => undefined);
  const process = readingsOfProcess(watchLoopDelay());
  return new Metrics({ node: node.observed, calls, audit, auditFiles, process, disk: { space } });
}
