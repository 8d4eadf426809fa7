/** The metrics of a node of a test network, as its process would give them. */

import { createGuessFigures } from "../../../src/node/access/guess-figures.ts";
import { realSystem, watchLoopDelay } from "../../../src/node/base/system.ts";
import { CallFigures } from "../../../src/node/metrics/call-figures.ts";
import { Metrics } from "../../../src/node/metrics/metrics.ts";
import type { ObservedDisk } from "../../../src/node/metrics/observed.ts";
import { readingsOfProcess } from "../../../src/node/metrics/process-readings.ts";
import type { Node } from "../../../src/node/node.ts";
import { memoryAudit } from "../../support/memory-audit.ts";

const readings = readingsOfProcess(watchLoopDelay());
const audit = memoryAudit();
const AMPLE: ObservedDisk = { space: async () => ({ used: 1e6, free: 1e12 }) };

export interface ScrapeParts {
  readonly calls?: CallFigures;
  readonly disk?: ObservedDisk;
}

export async function scrapeOf(
  node: Node,
  { calls = new CallFigures(realSystem), disk = AMPLE }: ScrapeParts = {},
): Promise<string> {
  const metrics = new Metrics({
    node: node.observed,
    calls,
    audit,
    auditFiles: { removed: 0, isIntact: async () => true },
    access: {
      guesses: createGuessFigures(),
      tokens: { holding: 0, firstExpiry: undefined },
      keySets: () => [],
    },
    sinks: { list: () => [], now: () => 0 },
    process: readings,
    disk,
  });
  return (await metrics.read()).text;
}
