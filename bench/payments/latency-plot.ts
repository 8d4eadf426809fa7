/** Lines of latency over the quantiles p50, p99 and p99.9, one for each workload; milliseconds, on a logarithmic scale. */
import type { WorkloadResult } from "./run-document.ts";
import { COLOURS, dotAt, type Frame, lineBetween, pathThrough, svgOf, textAt } from "./svg.ts";

const FRAME: Frame = { width: 640, height: 360, left: 70, right: 170, top: 40, bottom: 40 };
const QUANTILES = [
  ["p50", "p50Ms"],
  ["p99", "p99Ms"],
  ["p99.9", "p999Ms"],
] as const;

export function latencyPlot(workloads: readonly WorkloadResult[]): string {
  const curves = workloads.map(({ name, spreads }) => {
    return { name, values: QUANTILES.map(([, figure]) => spreads[figure]?.median ?? Number.NaN) };
  });
  const all = curves.flatMap(({ values }) => values).filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...all, 10)));
  const high = Math.ceil(Math.log10(Math.max(...all, 100)));
  const xOf = (place: number) => {
    const width = FRAME.width - FRAME.left - FRAME.right;
    return FRAME.left + (width * place) / (QUANTILES.length - 1);
  };
  const yOf = (ms: number) => {
    const height = FRAME.height - FRAME.top - FRAME.bottom;
    return FRAME.height - FRAME.bottom - (height * (Math.log10(ms) - low)) / (high - low);
  };
  const scale = Array.from({ length: high - low + 1 }, (_, i) => {
    const ms = 10 ** (low + i);
    const y = yOf(ms);
    const end = { x: FRAME.width - FRAME.right, y };
    return [
      lineBetween({ x: FRAME.left, y }, end),
      textAt({ x: FRAME.left - 8, y: y + 4 }, `${ms}`, "end"),
    ];
  });
  const names = QUANTILES.map(([label], place) => {
    return textAt({ x: xOf(place), y: FRAME.height - 16 }, label, "middle");
  });
  const lines = curves.flatMap(({ name, values }, place) => {
    const colour = COLOURS[place % COLOURS.length] ?? COLOURS[0];
    const points = values.flatMap((ms, i) => (ms > 0 ? [{ x: xOf(i), y: yOf(ms) }] : []));
    const key = { x: FRAME.width - FRAME.right + 24, y: FRAME.top + 18 * place };
    return [
      pathThrough(points, colour),
      ...points.map((point) => dotAt(point, colour)),
      dotAt(key, colour),
      textAt({ x: key.x + 10, y: key.y + 4 }, name),
    ];
  });
  const title = textAt({ x: FRAME.left, y: 20 }, "latency until the sealed receipt, ms");
  return svgOf(FRAME, [title, ...scale.flat(), ...names, ...lines]);
}
