/**
 * Prometheus in small: scrapes the nodes of a network, and evaluates the alert rules over what it has scraped. Samples are
 * taken at the moment of a round. Their times are not: rounds follow one another as fast as they can, and each counts as one
 * scrape interval, so that a rule's `for: 5m` needs five rounds after the first in which its expression holds.
 */
import { type LabelSet, SampleStore } from "../support/promql/evaluate.ts";
import { type Alert, type AlertRule, AlertStates } from "../support/promql/rules.ts";
import type { WatchedNetwork } from "./watched-network.ts";

/** The default of Prometheus. */
const INTERVAL_S = 60;
/** Ends a test whose alert never comes; no test claims a time. */
const PATIENCE_MS = 240_000;
const JOB = "countersign";

export class Watch {
  readonly #network: WatchedNetwork;
  readonly #intervalS: number;
  readonly #samples = new SampleStore();
  readonly #alerts: AlertStates;
  /** Seconds since 1970. */
  #at = Date.now() / 1000;

  constructor(network: WatchedNetwork, rules: readonly AlertRule[], intervalS = INTERVAL_S) {
    this.#network = network;
    this.#intervalS = intervalS;
    this.#alerts = new AlertStates(rules);
  }

  /** Time passes in which nothing is scraped or evaluated. */
  pass(seconds: number): void {
    this.#at += seconds;
  }

  /** Scrapes every node and evaluates every rule; gives the alerts that are pending or fire. */
  async round(): Promise<readonly Alert[]> {
    this.#at += this.#intervalS;
    await Promise.all(
      this.#network.nodes.map(async (node) => {
        const target = { job: JOB, instance: node.name };
        const text = await node.scrape().catch(() => undefined);
        this.#samples.scrape(text ?? "", this.#at, target);
        this.#samples.add("up", target, this.#at, text === undefined ? 0 : 1);
      }),
    );
    return this.#alerts.at(this.#samples, this.#at);
  }

  /** Rounds, two at least and each after `act`, until `holds` is true of its alerts: a change shows in two samples. */
  async until(
    what: string,
    holds: (alerts: readonly Alert[]) => boolean,
    act: (round: number) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (let round = 0; ; round++) {
      await act(round);
      const alerts = await this.round();
      if (round > 0 && holds(alerts)) return;
      if (performance.now() < end) continue;
      const names = alerts.map((alert) => JSON.stringify(alert));
      throw new Error(
        `waited in vain for: ${what}; there is after ${round} rounds\n${names.join("\n")}`,
      );
    }
  }
}

/** The alerts of this name about something with these labels. */
export function found(alerts: readonly Alert[], name: string, about: LabelSet): readonly Alert[] {
  return alerts.filter(
    ({ alert, labels }) =>
      alert === name && Object.entries(about).every(([label, value]) => labels[label] === value),
  );
}
