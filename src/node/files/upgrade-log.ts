/** Logs a store's upgrade: its beginning, its end, and its progress every few seconds. */
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
