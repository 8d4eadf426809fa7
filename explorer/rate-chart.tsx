/** Operations of each of the last seconds, as bars. One path, so that a new look changes one attribute. */
const HEIGHT = 48;
const BAR = 5;
const GAP = 1;

export function RateChart({ perSecond }: { readonly perSecond: readonly number[] }) {
  const most = Math.max(0, ...perSecond);
  const width = perSecond.length * BAR;
  const label = `Operations in each of the last ${perSecond.length} seconds, at most ${most}`;
  const bars = perSecond.map((operations, place) => {
    const height = Math.round((operations / Math.max(1, most)) * (HEIGHT - 2));
    return height === 0 ? "" : `M${place * BAR} ${HEIGHT}v-${height}h${BAR - GAP}v${height}z`;
  });
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line class="base" x1="0" y1={HEIGHT - 0.5} x2={width} y2={HEIGHT - 0.5} />
      <path d={bars.join("")} />
    </svg>
  );
}
