/**
 * One attack, measured: honest payments before it, beside programs that burn processor time, during it and after it,
 * with the memory and logs of every honest node.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../../src/cli/percentile.ts";
import type { Attack, Tally } from "./attack.ts";
import { type Battlefield, type Burner, startBurner, type Watched } from "./battlefield.ts";
import { liveHeaps } from "./heap.ts";
import { type Flow, Payers } from "./payers.ts";
import { fileMib, MemoryWatch, ProcessorShare } from "./readings.ts";

export interface TrialTimes {
  /** Payments in a network before its first attack: the first use of any code costs a node memory and time. */
  readonly warmMs: number;
  /** Each of the three measurements before the attack. */
  readonly beforeMs: number;
  readonly attackMs: number;
  /** From the end of the attack to the last reading of memory. */
  readonly afterMs: number;
}

export interface TrialFigures {
  readonly before: Flow;
  /**
   * Payments that the honest payers would have made beside programs that burn as much as the attacker and its
   * gateway.
   */
  readonly besidePerSecond: number;
  readonly during: Flow;
  readonly after: Flow;
  /** Cores used by the attacker beyond those that its honest node uses for the payments of that time. */
  readonly attackerCores: number;
  /** The same of the attacked gateway: in a real network it has a machine of its own. */
  readonly gatewayCores: number;
  /** Average over the honest nodes that no client attacks: the cost of the attack to the network. */
  readonly othersCores: { readonly before: number; readonly during: number };
  /** For each honest node, MiB. */
  readonly memoryBefore: readonly number[];
  readonly memoryPeak: readonly number[];
  readonly memoryAfter: readonly number[];
  /** Live heap of each honest node before the attack and at the end, MiB. */
  readonly heapBefore: readonly number[];
  readonly heapAfter: readonly number[];
  /** The largest of all honest nodes, MiB a minute. */
  readonly logPerMinute: number;
  /** Calls of honest payers that were repeated, in all phases. */
  readonly repeated: number;
  /** Milliseconds until the honest node that was started again during the lies was ready. */
  readonly restartMs: number | undefined;
  /** The counts of the attack. */
  readonly tally: Tally;
}

/** The same in a network whose nodes are warm and whose payers alone are new. */
const AGAIN_WARM_MS = 1_000;
/** The memory afterwards is the median of the readings in this time at the end. */
const LAST_MS = 10_000;

export async function measure(
  field: Battlefield,
  attack: Attack,
  times: TrialTimes,
): Promise<TrialFigures> {
  const watched = field.watched(attack);
  const { pids, logFiles, gateways } = watched;
  await field.program.prepare(attack.name);
  const payers = await Payers.start(gateways, field.genesis);
  const memory = new MemoryWatch(pids);
  try {
    await sleep(field.isWarm ? AGAIN_WARM_MS : times.warmMs);
    field.isWarm = true;
    const seen = [field.program.pid, ...pids];
    const quiet = await phase(payers, seen, times.beforeMs);
    const burned = await phasesBesideBurners(payers, times.beforeMs);
    const besideTo = performance.now();
    const heapBefore = await liveHeaps(field.home, pids);
    const logs = logFiles.map(fileMib);
    field.program.begin();
    const restarted = "restartsNode" in attack ? field.restartOne() : undefined;
    const during = await phase(payers, seen, times.attackMs);
    const tally = await field.program.end();
    const grown = logFiles.map((file, i) => fileMib(file) - (logs[i] ?? 0));
    const ended = performance.now();
    await sleep(times.afterMs);
    const over = performance.now();
    const restartMs = await restarted;
    await payers.stop();
    const cores = coresOf(watched, quiet, during);
    const last = over - Math.min(LAST_MS, times.afterMs / 2);
    return {
      before: quiet.flow,
      besidePerSecond: besideAs(cores.attackerCores + cores.gatewayCores, [quiet, ...burned]),
      during: during.flow,
      after: payers.flow(ended, over),
      ...cores,
      memoryBefore: memory.of(quiet.from, besideTo, median),
      memoryPeak: memory.of(during.from, over, (sample) => Math.max(...sample)),
      memoryAfter: memory.of(last, over, median),
      heapBefore,
      heapAfter: await liveHeaps(field.home, pids),
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
  readonly flow: Flow;
  /** One entry for each observed process. */
  readonly cores: readonly number[];
}

async function phase(payers: Payers, pids: readonly number[], ms: number): Promise<Phase> {
  const from = performance.now();
  const shares = pids.map((pid) => new ProcessorShare(pid));
  await sleep(ms);
  const cores = shares.map((share) => share.read());
  return { from, flow: payers.flow(from, performance.now()), cores };
}

/** Beside one program that burns a core, then beside two. */
async function phasesBesideBurners(payers: Payers, ms: number): Promise<Phase[]> {
  const burners: Burner[] = [];
  const phases: Phase[] = [];
  try {
    for (let count = 1; count <= 2; count++) {
      burners.push(startBurner());
      const pids = burners.map(({ pid }) => pid);
      phases.push(await phase(payers, pids, ms));
    }
  } finally {
    await Promise.all(burners.map((burner) => burner.stop()));
  }
  return phases;
}

type Cores = Pick<TrialFigures, "attackerCores" | "gatewayCores" | "othersCores">;

/**
 * The first process of both phases is the attack's, the others are the honest nodes. A process that serves fewer payments
 * needs less for them, so on a busy machine it would otherwise show only a part of what the attack takes.
 */
function coresOf({ pids, attackedPid }: Watched, quiet: Phase, during: Phase): Cores {
  const served = Math.min(1, during.flow.perSecond / Math.max(1, quiet.flow.perSecond));
  const [attacker = 0, ...nodes] = during.cores.map((cores, i) => {
    return cores - served * (quiet.cores[i] ?? 0);
  });
  const attacked = attackedPid === undefined ? -1 : pids.indexOf(attackedPid);
  const ofOthers = ({ cores: [, ...ofNodes] }: Phase) => {
    const others = ofNodes.filter((_, i) => i !== attacked);
    return sum(others) / others.length;
  };
  return {
    attackerCores: Math.max(0, attacker),
    gatewayCores: Math.max(0, nodes[attacked] ?? 0),
    othersCores: { before: ofOthers(quiet), during: ofOthers(during) },
  };
}

/**
 * The expected payments beside a load of this many cores, interpolated between the rates beside no burner, one and
 * two. The rate never rises with the load, and never falls below the one at the highest measured load.
 */
function besideAs(cores: number, [quiet, ...burned]: readonly [Phase, ...Phase[]]): number {
  let below = { cores: 0, perSecond: quiet.flow.perSecond };
  for (const beside of burned) {
    const above = {
      cores: Math.max(below.cores + 0.01, sum(beside.cores)),
      perSecond: Math.min(below.perSecond, beside.flow.perSecond),
    };
    if (cores <= above.cores) {
      const part = (cores - below.cores) / (above.cores - below.cores);
      return below.perSecond + (above.perSecond - below.perSecond) * part;
    }
    below = above;
  }
  return below.perSecond;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
