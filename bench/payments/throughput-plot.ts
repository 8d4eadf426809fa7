/** Bars of sealed transfers a second by workload, each the median of the repeats, with a dot for each repeat. */
import type { WorkloadResult } from "./run-document.ts";
import { barFrom, COLOURS, dotAt, type Frame, lineBetween, roundUp, svgOf, textAt } from "./svg.ts";

const BAR_WIDTH = 60;
const GAP = 40;
const LINES = 4;

export function throughputPlot(workloads: readonly WorkloadResult[]): string {
  const right = 20;
  const width = 70 + workloads.length * (BAR_WIDTH + GAP) + right;
  const frame: Frame = { width, height: 320, left: 70, right, top: 40, bottom: 50 };
  const rates = workloads.map(({ repeats }) => {
    return repeats.map(({ figures }) => figures.transfersPerSecond ?? 0);
  });
  const top = roundUp(Math.max(0, ...rates.flat()));
  const yOf = (rate: number) => {
    const height = frame.height - frame.top - frame.bottom;
    return frame.height - frame.bottom - (rate / top) * height;
  };
  const scale = Array.from({ length: LINES + 1 }, (_, i) => {
    const rate = (top * i) / LINES;
    const y = yOf(rate);
    const end = { x: frame.width - frame.right, y };
    return [
      lineBetween({ x: frame.left, y }, end),
      textAt({ x: frame.left - 8, y: y + 4 }, `${rate}`, "end"),
    ];
  });
  const bars = workloads.flatMap(({ name, spreads }, place) => {
    const x = frame.left + GAP / 2 + place * (BAR_WIDTH + GAP);
    const { transfersPerSecond, ceilingRatio } = spreads;
    const y = yOf(transfersPerSecond?.median ?? 0);
    const middle = x + BAR_WIDTH / 2;
    const below = frame.height - frame.bottom;
    const percent = ((ceilingRatio?.median ?? 0) * 100).toFixed(1);
    return [
      barFrom({ x, y }, { width: BAR_WIDTH, height: below - y }),
      ...(rates[place] ?? []).map((rate) => dotAt({ x: middle, y: yOf(rate) }, COLOURS[1])),
      textAt({ x: middle, y: below + 16 }, name, "middle"),
      textAt({ x: middle, y: below + 32 }, `${percent}% of ceiling`, "middle"),
    ];
  });
  const title = textAt({ x: frame.left, y: 20 }, "sealed transfers a second");
  return svgOf(frame, [title, ...scale.flat(), ...bars]);
}
