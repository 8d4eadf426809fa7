/** An audit log in memory: the same chain as on disk, its lines kept for the test. */
import { sha256 } from "../../src/node/base/crypto.ts";
import { NO_AUDIT } from "../../src/storage/audit-chain.ts";
import { AuditLog, type AuditSink } from "../../src/storage/audit-trail.ts";

export class MemoryAuditSink implements AuditSink {
  readonly lines: string[] = [];
  /** While set, every write fails with it. */
  failure: Error | undefined;

  async append(lines: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.lines.push(...lines.split("\n").slice(0, -1));
  }
}

export function memoryAudit(sink: AuditSink = new MemoryAuditSink(), wall = Date.now): AuditLog {
  return new AuditLog({ sink, head: NO_AUDIT, hash: sha256, wall });
}
