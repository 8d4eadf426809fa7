/** Metrics of sinks, each by its kind and name: an operator named them, and there are few. */
import type { SinkState } from "../sinks/sink-state.ts";
import { counter, type Family, gauge, type Sample } from "./family.ts";
import type { Observed } from "./observed.ts";

const SINK = ["kind", "sink"] as const;

/** Samples of each sink; `read` gives those of one, without its name. */
function bySink(read: (sink: SinkState, observed: Observed) => readonly Sample[]) {
  return (observed: Observed) =>
    observed.sinks.list().flatMap((state) =>
      read(state, observed).map(({ labels, value }) => {
        return { labels: { kind: state.kind, sink: state.name, ...labels }, value };
      }),
    );
}

function one(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

export const SINK_FAMILIES: readonly Family[] = [
  counter(
    "sink_attempts_total",
    "Messages that were sent to a sink, a webhook endpoint among them, by result: `delivered`, or `failed`, to be tried again",
    bySink(({ delivered, failed }) => [
      { labels: { result: "delivered" }, value: delivered },
      { labels: { result: "failed" }, value: failed },
    ]),
    [...SINK, "result"],
  ),
  gauge(
    "sink_lag_seconds",
    "Age of the oldest message of a sink that is not delivered, since its block; 0: all that this node knows is delivered",
    bySink(({ pendingSince }, { sinks }) =>
      one(pendingSince === undefined ? 0 : Math.max(0, sinks.now() - pendingSince) / 1000),
    ),
    SINK,
  ),
  gauge(
    "sink_dead_letters",
    "Messages of a webhook endpoint that were given up and wait for their redelivery",
    bySink(({ deadLetters }) => one(deadLetters)),
    SINK,
  ),
];
