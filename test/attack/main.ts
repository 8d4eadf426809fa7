/**
 * `npm run attack`: attacks on a network of four real processes, and the cost of each to honest payers and nodes.
 * Payments during an attack are compared with payments beside programs that burn as much processor time as the
 * attacker, and as the gateway that a client attacks, because only here do they share one machine. Exits with 1 if an
 * attack exceeds its bounds.
 */
import { availableParallelism, cpus } from "node:os";
import { watchOutput } from "../../scripts/watched-output.ts";
import { optionsOr } from "../support/run-options.ts";
import { Battlefield } from "./battlefield.ts";
import { type RunOptions, readOptions, USAGE } from "./options.ts";
import { measure } from "./trial.ts";
import { jsonOf, judge, type Outcome, tableOf } from "./verdict.ts";

watchOutput("attack");

const options = optionsOr(USAGE, readOptions);
process.exitCode = options === undefined ? 2 : await main(options);

async function main({ attacks, times, shared, json, list }: RunOptions): Promise<number> {
  if (list) {
    for (const { name, by, does } of attacks) console.log(`${name} (${by}): ${does}`);
    return 0;
  }
  const say = (line: string) => (json ? console.error(line) : console.log(line));
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
  say(`machine: ${machine}; four nodes, payers and attacker share it`);
  const outcomes: Outcome[] = [];
  let field: Battlefield | undefined;
  try {
    for (const attack of attacks) {
      if (!shared || field?.by !== attack.by) {
        await field?.close();
        field = undefined;
        field = await Battlefield.prepare(attack.by);
      }
      const outcome = judge(attack, await measure(field, attack, times));
      outcomes.push(outcome);
      for (const line of linesOf(outcome)) say(line);
    }
  } finally {
    await field?.close();
  }
  console.log(json ? jsonOf(outcomes) : `\n${tableOf(outcomes)}`);
  return outcomes.every(({ broken }) => broken.length === 0) ? 0 : 1;
}

function linesOf(outcome: Outcome): string[] {
  const { attack, figures } = outcome;
  const counts = Object.entries(figures.tally).map(([what, times]) => `${times} ${what}`);
  const { restartMs, attackerCores, gatewayCores, othersCores, heapBefore, heapAfter } = figures;
  const restart =
    restartMs === undefined ? "" : `; a node was ready again after ${restartMs.toFixed(0)} ms`;
  const [from, to] = [othersCores.before, othersCores.during].map((cores) => cores.toFixed(2));
  const [costBefore, costDuring] = [figures.before, figures.during].map(({ perSecond }, i) =>
    ((([othersCores.before, othersCores.during][i] ?? 0) * 1000) / perSecond).toFixed(2),
  );
  const heaps = heapBefore.map((mib, i) => `${mib.toFixed(0)} to ${heapAfter[i]?.toFixed(0)}`);
  return [
    `${attack.name}: ${attack.does}`,
    `did ${counts.join(", ") || "nothing"}; ${figures.repeated} honest calls repeated${restart}`,
    `cores: attacker ${attackerCores.toFixed(2)}, its gateway ${gatewayCores.toFixed(2)} more, each other node ${from} to ${to}, ` +
      `or ${costBefore} to ${costDuring} ms an honest payment; ` +
      `live heap of each honest node, MiB: ${heaps.join(", ")}`,
    tableOf([outcome]),
  ];
}
