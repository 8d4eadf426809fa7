/** The side of a node process that brings events to others: webhooks of its operator, and the sinks of its configuration. */
import type { Log } from "./base/log.ts";
import { realSystem } from "./base/system.ts";
import type { NodeConfig } from "./files/config.ts";
import type { NodeFiles } from "./files/node-files.ts";
import type { Node } from "./node.ts";
import { ConfiguredSinks } from "./sinks/configured-sinks.ts";
import type { ObservedSinks } from "./sinks/sink-state.ts";
import { WebhookSecrets } from "./sinks/webhook-secrets.ts";
import { Webhooks } from "./sinks/webhooks.ts";

export interface SinksSide extends ObservedSinks {
  readonly webhooks: Webhooks;
  start(): void;
  /** Settles when nothing is under way. */
  stop(): Promise<void>;
}

/** Throws ConfigError or StorageError if a file of a sink cannot be used. */
export async function openSinks({
  config,
  files,
  node,
  log,
  fail,
}: {
  readonly config: Pick<NodeConfig, "file" | "sinks">;
  readonly files: NodeFiles;
  readonly node: Pick<Node, "feed">;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}): Promise<SinksSide> {
  const { webhooks: records } = files.store;
  const shared = { records, feed: node.feed, system: realSystem, log, fail };
  const secrets = new WebhookSecrets(files.keyRing);
  const webhooks = await Webhooks.open({ ...shared, secrets });
  const { file, sinks: configs } = config;
  const configured = await ConfiguredSinks.open({ ...shared, file, configs });
  return {
    webhooks,
    now: realSystem.wall,
    list: () => [...webhooks.states(), ...configured.list()],
    start: () => {
      webhooks.start();
      configured.start();
    },
    stop: async () => {
      await Promise.all([webhooks.stop(), configured.stop()]);
    },
  };
}
