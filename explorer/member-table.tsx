/** Each member's state, view, height, lag and seals, as the node that shows the page sees it. */
import { Mark } from "./parts.tsx";
import { count } from "./texts.ts";
import type { MemberState } from "./verdict.ts";

const SEALS: Readonly<Record<MemberState["seals"], string>> = {
  yes: "takes part",
  no: "cannot now",
  "no share": "has no share",
  "no key yet": "no key yet",
};

export function MemberTable({ members }: { readonly members: readonly MemberState[] }) {
  return (
    <div class="scroll">
      <table class="stacked">
        <caption class="hidden">Members of the network</caption>
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              View
            </th>
            <th scope="col" class="number">
              Height
            </th>
            <th scope="col" class="number">
              Lag
            </th>
            <th scope="col">Seals</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <Row key={member.id} member={member} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ member }: { readonly member: MemberState }) {
  const { id, isSelf, tone, state, detail, view, height, lag, seals } = member;
  return (
    <tr>
      <th scope="row">
        {id}
        {isSelf && <span class="tag">this node</span>}
      </th>
      <td data-label="State">
        <span class="state">
          <Mark tone={tone} /> <strong>{state}</strong>
        </span>
        <span class="quiet detail">{detail}</span>
      </td>
      <td data-label="View" class="number">
        {known(view)}
      </td>
      <td data-label="Height" class="number">
        {known(height)}
      </td>
      <td data-label="Lag" class="number">
        {state === "down" ? "–" : known(lag)}
      </td>
      <td data-label="Seals">{SEALS[seals]}</td>
    </tr>
  );
}

function known(value: bigint | undefined): string {
  return value === undefined ? "–" : count(value);
}
