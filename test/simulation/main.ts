/** `npm run simulate -- --seeds 500 --nodes 4,7 [--seed S] [--send-before-sync]`: many seeds, one line of progress. */
import { parseArgs } from "node:util";
import { watchOutput } from "../../scripts/watched-output.ts";
import { type Report, runSeed } from "./run.ts";

interface Totals {
  done: number;
  failed: number;
  events: number;
  blocks: number;
  views: number;
  evidence: number;
  seals: number;
  viewsToRestMax: number;
  viewsToRestExcessMax: number;
  msToRestMax: number;
}

const PROGRESS_EVERY_MS = 2_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "500" },
      nodes: { type: "string", default: "4,7" },
      seed: { type: "string" },
      ledger: { type: "string", default: "real" },
      "send-before-sync": { type: "boolean", default: false },
    },
  });
  const first = values.seed === undefined ? 1 : wholeNumber(values.seed, "--seed");
  const count = values.seed === undefined ? wholeNumber(values.seeds, "--seeds") : 1;
  const sizes = values.nodes.split(",").map((text) => wholeNumber(text, "--nodes"));
  const sendBeforeSync = values["send-before-sync"];
  const { ledger } = values;
  if (ledger !== "real" && ledger !== "toy") throw new Error("--ledger is real or toy");
  let failed = 0;
  for (const nodes of sizes)
    failed += await runSize({ nodes, first, count, ledger, sendBeforeSync });
  if (failed > 0) process.exitCode = 1;
}

async function runSize(options: {
  nodes: number;
  first: number;
  count: number;
  ledger: "real" | "toy";
  sendBeforeSync: boolean;
}): Promise<number> {
  const { nodes, first, count, ledger, sendBeforeSync } = options;
  const begun = performance.now();
  let printed = begun;
  const totals: Totals = {
    done: 0,
    failed: 0,
    events: 0,
    blocks: 0,
    views: 0,
    evidence: 0,
    seals: 0,
    viewsToRestMax: 0,
    viewsToRestExcessMax: 0,
    msToRestMax: 0,
  };
  for (let seed = first; seed < first + count; seed++) {
    try {
      const report = await runSeed({ seed, nodes, ledger, sendBeforeSync });
      add(totals, report);
      if (count === 1) console.log(`seed ${seed}, ${nodes} nodes: audit ${report.auditHash}`);
    } catch (error) {
      totals.failed += 1;
      console.log(
        `seed ${seed}, ${nodes} nodes: ${error instanceof Error ? error.message : error}`,
      );
      if (count === 1 && error instanceof Error) console.log(error.stack);
    }
    totals.done += 1;
    if (performance.now() - printed < PROGRESS_EVERY_MS) continue;
    printed = performance.now();
    const leftMs = ((printed - begun) / totals.done) * (count - totals.done);
    const left = `about ${Math.ceil(leftMs / 1000)} s left`;
    console.log(
      `${nodes} nodes: ${totals.done} of ${count} seeds, ${totals.failed} failed, ${left}`,
    );
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${nodes} nodes: ${count} seeds in ${seconds} s, ${totals.failed} failed; ${totals.blocks} blocks, ` +
      `${totals.views} views, ${totals.events} events, ${totals.evidence} proofs of fault, ${totals.seals} seals; rest after at most ` +
      `${totals.viewsToRestMax} views (${totals.viewsToRestExcessMax} beyond the backlog) and ${totals.msToRestMax} ms`,
  );
  return totals.failed;
}

function add(totals: Totals, report: Report): void {
  totals.events += report.events;
  totals.blocks += report.blocks;
  totals.views += report.views;
  totals.evidence += report.evidence;
  totals.seals += report.seals;
  totals.viewsToRestMax = Math.max(totals.viewsToRestMax, report.viewsToRest);
  totals.viewsToRestExcessMax = Math.max(totals.viewsToRestExcessMax, report.viewsToRestExcess);
  totals.msToRestMax = Math.max(totals.msToRestMax, report.msToRest);
}

function wholeNumber(text: string, name: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`${name} takes whole numbers, not "${text}"`);
  return Number(text);
}

watchOutput("simulate");
await main();
