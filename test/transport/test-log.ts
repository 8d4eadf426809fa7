/** A log that records its lines, for tests of what the operator sees. */
import type { TransportLog } from "../../src/transport/transport-log.ts";

export interface TestLog extends TransportLog {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: object }[];
}

export function createTestLog(): TestLog {
  const lines: TestLog["lines"] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn") };
}
