/** The bounds that an attack on a network of four must not exceed, and the table of results. */
import { formatTable } from "../../src/cli/table.ts";
import type { Attack } from "./attack.ts";
import type { TrialFigures } from "./trial.ts";

const STALL_MS_MAX = 2_000;
const MEMORY_MIB_MAX = 64;
const RESTART_MS_MAX = 30_000;
const LOG_MIB_PER_MINUTE_MAX = 1;
/** Share of the payments beside a program that burns as much; for clients' attacks, at the other gateways. */
const SHARE_MIN = { member: 0.5, client: 0.8 } as const;

export interface Outcome {
  readonly attack: Attack;
  readonly figures: TrialFigures;
  readonly share: number;
  readonly memoryGrowth: number;
  /** The criteria that failed; empty if all hold. */
  readonly broken: readonly string[];
}

export function judge(attack: Attack, figures: TrialFigures): Outcome {
  const { during, after, besidePerSecond, memoryBefore, memoryAfter, logPerMinute } = figures;
  const share = during.perSecond / besidePerSecond;
  const growth = memoryAfter.map((mib, i) => mib - (memoryBefore[i] ?? 0));
  const memoryGrowth = Math.max(...growth);
  const stallMs = Math.max(during.stallMs, after.stallMs);
  const shareMin = attack.shareMin ?? SHARE_MIN[attack.by];
  const checks = {
    throughput: share >= shareMin,
    // The aftermath of an attack may cost more than the attack: then its program is idle, and no burner stands for
    // it.
    aftermath: after.perSecond / figures.before.perSecond >= shareMin,
    stall: stallMs <= STALL_MS_MAX,
    memory: memoryGrowth <= MEMORY_MIB_MAX,
    log: logPerMinute <= LOG_MIB_PER_MINUTE_MAX,
    restart: (figures.restartMs ?? 0) <= RESTART_MS_MAX,
    acted: Object.keys(figures.tally).length > 0 || attack.name === "nothing",
  };
  const broken = Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [name]));
  return { attack, figures, share, memoryGrowth, broken };
}

export function tableOf(outcomes: readonly Outcome[]): string {
  const heads = [
    "attack",
    "before/s",
    "beside/s",
    "during/s",
    "share",
    "after/s",
    "stall ms",
    "MiB before",
    "peak",
    "after",
    "log MiB/min",
    "cores",
    "verdict",
  ];
  return formatTable(heads, outcomes.map(rowOf));
}

function rowOf({ attack, figures, share, broken }: Outcome): string[] {
  const { before, during, after, besidePerSecond, logPerMinute } = figures;
  const most = (mib: readonly number[]) => Math.max(...mib).toFixed(0);
  const stalls = [before, during, after].map(({ stallMs }) => stallMs.toFixed(0)).join(" ");
  return [
    attack.name,
    before.perSecond.toFixed(1),
    besidePerSecond.toFixed(1),
    during.perSecond.toFixed(1),
    share.toFixed(2),
    after.perSecond.toFixed(1),
    stalls,
    most(figures.memoryBefore),
    most(figures.memoryPeak),
    most(figures.memoryAfter),
    logPerMinute.toFixed(2),
    (figures.attackerCores + figures.gatewayCores).toFixed(2),
    broken.length === 0 ? "held" : `NOT HELD: ${broken.join(", ")}`,
  ];
}

export function jsonOf(outcomes: readonly Outcome[]): string {
  const plain = outcomes.map(({ attack: { name, by, does }, ...rest }) => ({
    name,
    by,
    does,
    ...rest,
  }));
  return JSON.stringify(plain, undefined, 2);
}
