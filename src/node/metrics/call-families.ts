/** Metrics of calls, by listener, name in the contract and outcome; never by caller. */

import type { ListenerFigures } from "./call-figures.ts";
import { counter, type Family, gauge, histogram } from "./family.ts";
import type { Observed } from "./observed.ts";

const listenersOf = ({ calls }: Observed) => [...calls.byListener];

/** A sample for each listener. */
function byListener(read: (figures: ListenerFigures) => number) {
  return (observed: Observed) =>
    listenersOf(observed).map(([listener, figures]) => ({
      labels: { listener },
      value: read(figures),
    }));
}

export const CALL_FAMILIES: readonly Family[] = [
  counter(
    "rpc_calls_total",
    "Calls that ended, by outcome: OK or the reason of the refusal",
    (observed) =>
      listenersOf(observed).flatMap(([listener, { byCall }]) =>
        [...byCall].flatMap(([call, { outcomes }]) =>
          [...outcomes].map(([outcome, value]) => ({
            labels: { listener, call, outcome },
            value,
          })),
        ),
      ),
    ["listener", "call", "outcome"],
  ),
  counter(
    "rpc_failures_total",
    "Calls that ended with INTERNAL, a fault of this program; 0 from the start, so that the first one shows as an increase",
    byListener(({ failures }) => failures),
    ["listener"],
  ),
  histogram(
    "rpc_duration_seconds",
    "Time from a call's headers to the end of its answer, for calls other than streams; " +
      "includes the wait for finality",
    (observed) =>
      listenersOf(observed).flatMap(([listener, { byCall }]) =>
        [...byCall].map(([call, { durations: distribution }]) => ({
          labels: { listener, call },
          distribution,
        })),
      ),
    ["listener", "call"],
  ),
  gauge(
    "rpc_under_way",
    "Calls under way, including streams",
    byListener(({ underWay }) => underWay),
    ["listener"],
  ),
  gauge(
    "waiters",
    "Calls that wait for something to become final or sealed",
    ({ node }) => node.waiters.size,
  ),
  gauge("event_streams", "Streams of events that are open", ({ node }) => node.followers.size),
];
