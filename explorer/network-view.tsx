/** The network at a glance: whether payments settle, which member is down, and how many failures are still borne. */
import type { GetStatusResponse } from "../gen/countersign/v1/ledger_service_pb.ts";
import { toHex } from "../src/primitives/bytes.ts";
import { CeremonyCard } from "./ceremony-card.tsx";
import { useSnapshot } from "./hooks.ts";
import { MemberTable } from "./member-table.tsx";
import { MAP_MAX, NetworkMap } from "./network-map.tsx";
import { Card, Loading, Mark, ProblemBox } from "./parts.tsx";
import { RateChart } from "./rate-chart.tsx";
import { rateOf } from "./rates.ts";
import { linkTo } from "./route.ts";
import { count, duration, time } from "./texts.ts";
import { membersOf, type Seen, type Verdict, verdictOf } from "./verdict.ts";

export function NetworkView() {
  const { network, status, problem, heardAt, movedAt } = useSnapshot();
  const seen = network && status && { network, status };
  return (
    <>
      <h1 class="hidden">Network</h1>
      {problem && <ProblemBox problem={problem} />}
      {seen && <Seeing seen={seen} verdict={verdictOf(seen, heardAt - movedAt)} />}
      {!seen && !problem && <Loading what="the state of the network" />}
    </>
  );
}

function Seeing({ seen, verdict }: { readonly seen: Seen; readonly verdict: Verdict }) {
  const { network, status } = seen;
  const members = membersOf(seen);
  return (
    <>
      <Banner verdict={verdict} reasons={status.reducedBecause} />
      <Figures seen={seen} verdict={verdict} />
      <Card title="Members" aside={<span class="quiet">as {status.nodeId} sees them</span>}>
        <div class="members">
          {members.length <= MAP_MAX && <NetworkMap members={members} />}
          <MemberTable members={members} />
        </div>
      </Card>
      <div class="columns">
        <CeremonyCard network={network} />
        <About seen={seen} />
      </div>
    </>
  );
}

/** Read out when it changes. */
function Banner({
  verdict,
  reasons,
}: {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}) {
  const { tone, headline, borne, tolerated } = verdict;
  return (
    <section class={`banner ${tone}`} role="status" aria-label="State of the network">
      <Mark tone={tone} />
      <div>
        <p class="headline">{headline}</p>
        <p>{borneText(borne, tolerated)}</p>
        {reasons.length > 0 && (
          <ul>
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function borneText(borne: number, tolerated: number): string {
  if (borne < 0)
    return "Too many members are down. The network goes on when enough of them are back.";
  if (tolerated === 0) return "A network of this size bears no failure.";
  if (borne === 0) return `No further member may fail; the network is made to bear ${tolerated}.`;
  const members = borne === 1 ? "1 more member" : `${borne} more members`;
  return `${members} may fail; the network is made to bear ${tolerated}.`;
}

/** Until the certified answer, at this node. */
function Latency({ status }: { readonly status: GetStatusResponse }) {
  const { answerMsMedian: median, answerMsP95: p95, throughput } = status;
  const blockMs = throughput?.blockMsMedian;
  const pace = blockMs === undefined ? "" : `A block every ${duration(blockMs)}.`;
  return (
    <Card title="Latency">
      <p class="figure">{median === undefined ? "–" : duration(median)}</p>
      <p class="quiet">
        {median === undefined || p95 === undefined
          ? "No order came through this node in the last minute."
          : `until an order through this node is certified; 95 % within ${duration(p95)}.`}{" "}
        {pace}
      </p>
    </Card>
  );
}

function Figures({ seen, verdict }: { readonly seen: Seen; readonly verdict: Verdict }) {
  const { height, blockTime, sealedHeight, pendingOperations, sealMargin } = seen.status;
  const perSecond = seen.status.throughput?.operations ?? [];
  const rate = rateOf(perSecond);
  const unsealed = height - sealedHeight;
  return (
    <div class="figures">
      <Card title="Throughput" class="wide">
        <p class="figure">
          {rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}
          <span class="unit"> operations/s</span>
        </p>
        <RateChart perSecond={perSecond} />
        <p class="quiet">
          Each of the last {perSecond.length} s. {count(pendingOperations)} wait now.
        </p>
      </Card>
      <Latency status={seen.status} />
      <Card title="Height">
        <p class="figure">
          <a href={linkTo("blocks", String(height))}>{count(height)}</a>
        </p>
        <p class="quiet">
          {height === 0n ? "no block yet" : time(blockTime)};{" "}
          {unsealed > 0n ? `sealed up to ${count(sealedHeight)}` : "all sealed"}
        </p>
      </Card>
      <Card title="Failures still borne">
        <p class="figure">
          {Math.max(verdict.borne, 0)}
          <span class="unit"> of {verdict.tolerated}</span>
        </p>
        <p class="quiet">
          seal margin {sealMargin === undefined ? "unknown until there is a key" : sealMargin}
        </p>
      </Card>
    </div>
  );
}

function About({ seen }: { readonly seen: Seen }) {
  const { network, status } = seen;
  const facts: readonly (readonly [string, string])[] = [
    ["Node", `${status.nodeId}, version ${status.version}`],
    ["Started", time(status.startedAt)],
    ["View", count(status.view)],
    ["Timeouts of this node", count(status.timedOutViews)],
    ["Memory", `${status.memoryPercent} %`],
    ["Currencies", network.assets.map(({ code }) => code).join(", ")],
  ];
  return (
    <Card title="This network">
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>Network id</dt>
          <dd>
            <code class="long">{toHex(network.networkId)}</code>
          </dd>
        </div>
      </dl>
    </Card>
  );
}
