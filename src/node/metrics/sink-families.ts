/** Metrics of webhooks, by endpoint: an operator named them, and there are few. */
import type { WebhookInfo } from "../../transport/operator-api.ts";
import { counter, type Family, gauge, type Sample } from "./family.ts";
import type { Observed } from "./observed.ts";

const WEBHOOK = ["webhook"] as const;

/** Samples of each endpoint; `read` gives those of one, without its name. */
function byWebhook(read: (webhook: WebhookInfo, observed: Observed) => readonly Sample[]) {
  return (observed: Observed) =>
    observed.webhooks.list().flatMap((webhook) =>
      read(webhook, observed).map(({ labels, value }) => {
        return { labels: { webhook: webhook.name, ...labels }, value };
      }),
    );
}

function one(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

export const SINK_FAMILIES: readonly Family[] = [
  counter(
    "webhook_attempts_total",
    "Messages that were posted to a webhook endpoint, by result: `delivered`, or `failed`, to be tried again",
    byWebhook(({ delivered, failed }) => [
      { labels: { result: "delivered" }, value: delivered },
      { labels: { result: "failed" }, value: failed },
    ]),
    [...WEBHOOK, "result"],
  ),
  gauge(
    "webhook_lag_seconds",
    "Age of the oldest message of a webhook endpoint that is not delivered, since its block; 0: all that this node knows is delivered",
    byWebhook(({ pendingSince }, { webhooks }) =>
      one(pendingSince === undefined ? 0 : Math.max(0, webhooks.now() - pendingSince) / 1000),
    ),
    WEBHOOK,
  ),
  gauge(
    "webhook_dead_letters",
    "Messages of a webhook endpoint that were given up and wait for their redelivery",
    byWebhook(({ deadLetters }) => one(deadLetters)),
    WEBHOOK,
  ),
];
