/** Tells of a store's upgrade in the log: its beginning and its end, and every few seconds how far it has come. */
import type { Upgrade } from "../../storage/migration.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";

const INTERVAL_MS = 5_000;

export function upgradeLog(log: Log, monotonic: System["monotonic"]): Upgrade {
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    report: ({ state, ...progress }) => {
      if (state === "runs" && monotonic() - toldAt < INTERVAL_MS) return;
      toldAt = monotonic();
      log.info(progress, `the store's upgrade to layout ${progress.layout} ${state}`);
    },
  };
}
