/**
 * One attack, measured: honest payments before it, beside a program that burns a core, during it and after it, with the memory
 * and the logs of every honest node.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../../src/cli/percentile.ts";
import type { Attack, Tally } from "./attack.ts";
import { type Battlefield, startBurner } from "./battlefield.ts";
import { type Flow, Payers } from "./payers.ts";
import { fileMib, MemoryWatch, ProcessorShare } from "./readings.ts";

export interface TrialTimes {
  /** Payments in a network before its first attack: what a node has not done yet costs memory and time. */
  readonly warmMs: number;
  /** Each of the two measurements before the attack. */
  readonly beforeMs: number;
  readonly attackMs: number;
  /** From the end of the attack to the last reading of memory. */
  readonly afterMs: number;
}

export interface TrialFigures {
  readonly before: Flow;
  /** What the honest payers would have beside a program that burns as much of the machine as the attack did. */
  readonly besidePerSecond: number;
  readonly during: Flow;
  readonly after: Flow;
  /** Of the attacker, beyond what its honest node takes; cores. */
  readonly attackerCores: number;
  /** For each honest node, MiB. */
  readonly memoryBefore: readonly number[];
  readonly memoryPeak: readonly number[];
  readonly memoryAfter: readonly number[];
  /** The most of any honest node, MiB a minute. */
  readonly logPerMinute: number;
  /** Calls of honest payers that had to be repeated, all phases. */
  readonly repeated: number;
  /** An honest node that was started again while it was lied to was ready after so long. */
  readonly restartMs: number | undefined;
  /** What the attack did. */
  readonly tally: Tally;
}

/** The same where the nodes are warm and only the payers are new. */
const AGAIN_WARM_MS = 1_000;
/** Readings at the end that the memory afterwards is the median of. */
const LAST_MS = 10_000;

export async function measure(
  field: Battlefield,
  attack: Attack,
  times: TrialTimes,
): Promise<TrialFigures> {
  const { pids, logFiles, gateways } = field.watched(attack);
  const payers = await Payers.start(gateways, field.genesis);
  const memory = new MemoryWatch(pids);
  try {
    await sleep(field.isWarm ? AGAIN_WARM_MS : times.warmMs);
    field.isWarm = true;
    const quiet = await phase(payers, field.program.pid, times.beforeMs);
    const burner = startBurner();
    const beside = await phase(payers, burner.pid, times.beforeMs);
    await burner.stop();
    const logs = logFiles.map(fileMib);
    field.program.begin(attack.name);
    const restarted = "restartsNode" in attack ? field.restartOne() : undefined;
    const during = await phase(payers, field.program.pid, times.attackMs);
    const tally = await field.program.end();
    const grown = logFiles.map((file, i) => fileMib(file) - (logs[i] ?? 0));
    const ended = performance.now();
    await sleep(times.afterMs);
    const over = performance.now();
    const restartMs = await restarted;
    await payers.stop();
    const attackerCores = Math.max(0, during.cores - quiet.cores);
    const last = over - Math.min(LAST_MS, times.afterMs / 2);
    return {
      before: quiet.flow,
      besidePerSecond: interpolate(quiet.flow.perSecond, beside, attackerCores),
      during: during.flow,
      after: payers.flow(ended, over),
      attackerCores,
      memoryBefore: memory.of(quiet.from, beside.to, median),
      memoryPeak: memory.of(during.from, over, (sample) => Math.max(...sample)),
      memoryAfter: memory.of(last, over, median),
      logPerMinute: (Math.max(...grown) * 60_000) / (ended - during.from),
      repeated: payers.repeated,
      tally,
      restartMs,
    };
  } finally {
    memory.stop();
    await payers.stop();
  }
}

interface Phase {
  readonly from: number;
  readonly to: number;
  readonly flow: Flow;
  /** Of the process that is looked at. */
  readonly cores: number;
}

async function phase(payers: Payers, pid: number, ms: number): Promise<Phase> {
  const from = performance.now();
  const share = new ProcessorShare(pid);
  await sleep(ms);
  const cores = share.read();
  const to = performance.now();
  return { from, to, flow: payers.flow(from, to), cores };
}

/** Between nothing burned and what the burner got, in proportion: never below what the burner left. */
function interpolate(quiet: number, beside: Phase, cores: number): number {
  const part = Math.min(1, cores / Math.max(beside.cores, 0.01));
  return quiet + Math.min(0, beside.flow.perSecond - quiet) * part;
}
