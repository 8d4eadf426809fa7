/**
 * Every alert fires when its cause is there, and clears when the cause has ended. The nodes, their listeners and their metrics
 * are real; test/ops/watch.ts says what the times of samples are, test/ops/watched-network.ts what a test may break.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issue, SETUP_MS } from "../node/network.ts";
import { SampleStore } from "../support/promql/evaluate.ts";
import { parsePromql, selectorsOf } from "../support/promql/parse.ts";
import { type Alert, readRules } from "../support/promql/rules.ts";
import { sweep } from "../support/sweep.ts";
import type { Scene } from "./acts.ts";
import { CAUSES } from "./causes.ts";
import { found, Watch } from "./watch.ts";
import { WatchedNetwork } from "./watched-network.ts";

const rules = readRules(new URL("../../ops/alerts/countersign.yml", import.meta.url).pathname);
const all = Object.entries(CAUSES);
const tried = sweep({ all, share: all.filter(([, { isQuick }]) => isQuick === true) });
/** For the whole of one cause; ends what hangs. */
const CASE_MS = 800_000;

let scene: Scene;
beforeAll(async () => {
  const network = await WatchedNetwork.start();
  const { cluster } = network;
  scene = {
    network,
    payer: await issue(cluster, 0, { balance: 10_000n }),
    payee: await issue(cluster, 1),
  };
}, 2 * SETUP_MS);
afterAll(() => scene?.network.stop());

describe("alerts", () => {
  it("have each a cause", () => {
    const caused = all.flatMap(([, { alerts }]) => Object.keys(alerts));
    expect(caused.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  it("count with series that are there from the start: one that begins with its event shows no increase", async () => {
    const samples = new SampleStore();
    samples.scrape(await scene.network.node(0).scrape(), 0, {});
    const counters = rules.flatMap(({ expr }) =>
      selectorsOf(parsePromql(expr)).filter(({ range }) => range !== undefined),
    );
    expect(counters.length).toBeGreaterThan(0);
    const absent = counters.filter(({ name, matchers }) => {
      return samples.select(name, matchers).length === 0;
    });
    expect(absent.map(({ name }) => name)).toEqual([]);
  });

  it.each(tried)(
    "fire while %s, and clear after it",
    async (_, { alerts, begin, during, after, intervalS, passS }) => {
      const watch = new Watch(scene.network, rules, intervalS);
      const named = Object.entries(alerts);
      const isQuiet = (at: readonly Alert[]) =>
        named.every(([name, about]) => found(at, name, about).length === 0);
      const isLoud = (at: readonly Alert[]) =>
        named.every(([name, about]) => found(at, name, about).some(({ isFiring }) => isFiring));
      await watch.until("quiet before the cause", isQuiet);
      const end = await begin(scene);
      try {
        await watch.until("alerts", isLoud, async (round) => during?.(scene, round));
      } finally {
        await end();
      }
      watch.pass(passS ?? 0);
      await watch.until("quiet after the cause", isQuiet, async (round) => after?.(scene, round));
    },
    CASE_MS,
  );
});
