/** Operations of each of the last sixty seconds, as bars. */
import { WINDOW_S } from "./rates.ts";

const HEIGHT = 48;
const BAR = 5;
const GAP = 1;

export function RateChart({ perSecond }: { readonly perSecond: readonly number[] }) {
  const most = Math.max(1, ...perSecond);
  const width = WINDOW_S * BAR;
  const label = `Operations in each of the last ${WINDOW_S} seconds, at most ${Math.max(...perSecond)}`;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line class="base" x1="0" y1={HEIGHT - 0.5} x2={width} y2={HEIGHT - 0.5} />
      {perSecond.map((operations, place) => {
        const height = (operations / most) * (HEIGHT - 2);
        // Bars have no identity but their place.
        return operations === 0 ? null : (
          <rect
            key={`${place}`}
            x={place * BAR}
            y={HEIGHT - height}
            width={BAR - GAP}
            height={height}
          />
        );
      })}
    </svg>
  );
}
