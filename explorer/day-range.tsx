/** Two days between which a list is read. */

export interface Range {
  /** YYYY-MM-DD in local time; empty for no bound. */
  readonly from: string;
  readonly to: string;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

export function rangeTerms({ from, to }: Range): { fromTime?: bigint; toTime?: bigint } {
  const start = startOf(from);
  const end = startOf(to);
  return {
    ...(start === undefined ? {} : { fromTime: BigInt(start) }),
    ...(end === undefined ? {} : { toTime: BigInt(end + DAY_MS - 1) }),
  };
}

function startOf(day: string): number | undefined {
  const ms = new Date(`${day}T00:00:00`).getTime();
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}

export function DayRange({
  range,
  use,
}: {
  readonly range: Range;
  readonly use: (range: Range) => void;
}) {
  return (
    <div class="filters">
      <label>
        From day
        <input
          type="date"
          value={range.from}
          onChange={({ currentTarget }) => use({ ...range, from: currentTarget.value })}
        />
      </label>
      <label>
        To day
        <input
          type="date"
          value={range.to}
          onChange={({ currentTarget }) => use({ ...range, to: currentTarget.value })}
        />
      </label>
    </div>
  );
}
