/** Opens the audit log of a node, whose files are in its data folder. */
import { AuditFiles } from "../../storage/audit-files.ts";
import { AuditLog } from "../../storage/audit-trail.ts";
import { sha256 } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import { realSystem } from "../base/system.ts";

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
