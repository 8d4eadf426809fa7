/** The metrics of a node as text for Prometheus. Everything is read when it is asked for; the registry keeps no value. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { PageContent, WrittenPage } from "../../transport/page.ts";
import { FAMILY_GROUPS } from "./families.ts";
import type { HistogramFamily, NumberFamily, Reading } from "./family.ts";
import type { Observed } from "./observed.ts";

export class Metrics implements WrittenPage {
  readonly #registry = new Registry();

  constructor(observed: Observed) {
    for (const { families } of FAMILY_GROUPS) {
      for (const family of families) {
        if (family.type === "histogram") new ReadHistogram(family, observed, this.#registry);
        else register(family, observed, this.#registry);
      }
    }
  }

  async read(): Promise<PageContent> {
    const text = await this.#registry.metrics();
    return { status: 200, contentType: Registry.PROMETHEUS_CONTENT_TYPE, text };
  }
}

function register(family: NumberFamily, observed: Observed, registry: Registry): void {
  const { name, help, labels } = family;
  const labelNames = [...labels];
  const registers = [registry];
  if (family.type === "counter") {
    const metric: Counter = new Counter({
      name,
      help,
      labelNames,
      registers,
      collect: async () => {
        const reading = await family.read(observed);
        metric.reset();
        for (const { labels: of, value } of samplesOf(reading)) metric.inc({ ...of }, value);
      },
    });
    return;
  }
  const metric: Gauge = new Gauge({
    name,
    help,
    labelNames,
    registers,
    collect: async () => {
      const reading = await family.read(observed);
      metric.reset();
      // Without labels the package keeps a 0 where there is no value.
      if (reading === undefined) metric.remove();
      for (const { labels: of, value } of samplesOf(reading)) metric.set({ ...of }, value);
    },
  });
}

function samplesOf(reading: Reading) {
  if (reading === undefined) return [];
  return typeof reading === "number" ? [{ labels: {}, value: reading }] : reading;
}

/** A histogram that counts nothing itself and shows the distributions that the node keeps. */
class ReadHistogram extends Histogram {
  readonly #family: HistogramFamily;
  readonly #observed: Observed;

  constructor(family: HistogramFamily, observed: Observed, registry: Registry) {
    const { name, help, labels } = family;
    super({ name, help, labelNames: [...labels], registers: [registry] });
    this.#family = family;
    this.#observed = observed;
  }

  /** The registry asks a histogram for its values by this name, which the package's types leave out. */
  async getForPromString() {
    const { name, help } = this.#family;
    const values = this.#family.read(this.#observed).flatMap(({ labels, distribution }) => {
      const { cumulative, bounds, count, sum } = distribution;
      const buckets = [...bounds.entries()].map(([place, le]) => {
        const value = cumulative[place] ?? 0;
        return { metricName: `${name}_bucket`, labels: { ...labels, le }, value };
      });
      return [
        ...buckets,
        { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
    return { name, help, type: "histogram", values, aggregator: "sum" };
  }
}
