/** The members on a ring, with a line from the node that shows the page to each other one: broken where there is no link. */
import type { MemberState, Tone } from "./verdict.ts";

const SIZE = 320;
const MIDDLE = SIZE / 2;
const RING = 108;
const RADIUS = 24;
/** More members would overlap; the table shows them all. */
export const MAP_MAX = 13;

const SIGNS: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕" };

export function NetworkMap({ members }: { readonly members: readonly MemberState[] }) {
  const places = members.map((member, i) => {
    const turn = (2 * Math.PI * i) / members.length - Math.PI / 2;
    return { member, x: MIDDLE + RING * Math.cos(turn), y: MIDDLE + RING * Math.sin(turn) };
  });
  const own = places.find(({ member }) => member.isSelf);
  const text = members.map(({ id, state }) => `${id} is ${state}`).join(", ");
  return (
    <svg class="map" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={`Members: ${text}`}>
      {own &&
        places.map(({ member, x, y }) =>
          member.isSelf ? null : (
            <line
              key={member.id}
              class={`link ${member.tone}`}
              x1={own.x}
              y1={own.y}
              x2={x}
              y2={y}
            />
          ),
        )}
      {places.map(({ member: { id, tone, isSelf }, x, y }) => (
        <g key={id} class={`member ${tone}${isSelf ? " own" : ""}`}>
          <circle cx={x} cy={y} r={RADIUS} />
          <text class="sign" x={x} y={y + 7}>
            {SIGNS[tone]}
          </text>
          <text class="name" x={x} y={y + RADIUS + 18}>
            {id.length > 14 ? `${id.slice(0, 13)}…` : id}
          </text>
        </g>
      ))}
    </svg>
  );
}
