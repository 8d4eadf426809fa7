/**
 * The webhook endpoints of this node: opened with it, and added, removed and set back by its operator while it runs. One change
 * at a time.
 */
import { scopeSet } from "../../access/scope.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { StoredWebhook, WebhookProgress, WebhookRecords } from "../../storage/contracts.ts";
import type {
  MadeWebhook,
  NewWebhook,
  RedeliveredInfo,
  WebhookInfo,
} from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { WebhookPost, type WebhookPostParts } from "../../transport/webhook-post.ts";
import { WEBHOOK_SECRET_BYTES, webhookSecretText } from "../../transport/webhook-signature.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { Delivery } from "./delivery.ts";
import type { LedgerFeed } from "./ledger-feed.ts";
import { MessageReader } from "./message-reader.ts";
import type { SinkState } from "./sink-state.ts";
import { problemWithWebhook } from "./webhook-rules.ts";
import type { WebhookSecrets } from "./webhook-secrets.ts";
import { WebhookSink } from "./webhook-sink.ts";

export interface WebhooksParts {
  readonly records: WebhookRecords;
  readonly secrets: WebhookSecrets;
  readonly feed: LedgerFeed;
  readonly system: System;
  readonly log: Pick<Log, "info" | "warn" | "error">;
  readonly fail: (error: unknown) => void;
  /** Tests give other addresses to names, and less time to an attempt. */
  readonly posting?: Pick<WebhookPostParts, "resolve" | "attemptMs">;
}

/** Records what is about to be done; a failure prevents it. */
export type AnnounceWebhook = (webhook: StoredWebhook) => Promise<void>;

interface Endpoint {
  readonly webhook: StoredWebhook;
  /** Undefined if its secret is gone. */
  readonly delivery: Delivery | undefined;
  readonly sink: WebhookSink | undefined;
}

const NO_SECRET =
  "its secret is gone from the folder of the keys: put the file back and start the node, or remove the endpoint and add it again";

export class Webhooks {
  readonly #parts: WebhooksParts;
  readonly #endpoints = new Map<string, Endpoint>();
  #changing: Promise<unknown> = Promise.resolve();
  #isRunning = false;

  private constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  static async open(parts: WebhooksParts): Promise<Webhooks> {
    const webhooks = new Webhooks(parts);
    for (const { progress, ...webhook } of await parts.records.load()) {
      await webhooks.#take(webhook, progress);
    }
    await parts.secrets.keepOnly(new Set(webhooks.#endpoints.keys()));
    return webhooks;
  }

  states(): readonly SinkState[] {
    return this.list().map(({ name, delivered, failed, pendingSince, deadLetters }) => {
      return { kind: "webhook", name, delivered, failed, pendingSince, deadLetters };
    });
  }

  start(): void {
    this.#isRunning = true;
    for (const { delivery } of this.#endpoints.values()) delivery?.start(this.#parts.fail);
  }

  /** Settles when nothing is under way; what was delivered is on disk. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#changing;
    await Promise.all([...this.#endpoints.values()].map(close));
  }

  /** By name. */
  list(): readonly WebhookInfo[] {
    return [...this.#endpoints.values()]
      .map((endpoint) => this.#infoOf(endpoint))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  add(asked: NewWebhook, announce: AnnounceWebhook): Promise<MadeWebhook | Refusal> {
    return this.#change(async () => {
      const { feed, system, records, secrets } = this.#parts;
      const problem = problemWithWebhook(asked, { held: this.#endpoints, feed });
      if (problem !== undefined) return problem;
      const { name, url, walletId, authority, isPrivate, fromHeight } = asked;
      const createdAt = system.wall();
      const webhook = { name, url: new URL(url).href, walletId, authority, isPrivate, createdAt };
      await announce(webhook);
      const secret = system.entropy(WEBHOOK_SECRET_BYTES);
      // First, so that no endpoint is ever without its secret.
      await secrets.save(name, secret);
      const progress = { place: this.#startOf(fromHeight) };
      await records.add(webhook, progress);
      const text = webhookSecretText(secret);
      secret.fill(0);
      const endpoint = await this.#take(webhook, progress);
      if (this.#isRunning) endpoint.delivery?.start(this.#parts.fail);
      return { webhook: this.#infoOf(endpoint), secret: text };
    });
  }

  remove(name: string, announce: AnnounceWebhook): Promise<WebhookInfo | Refusal> {
    return this.#change(async () => {
      const endpoint = this.#endpoints.get(name);
      if (endpoint === undefined) return unknownEndpoint();
      await announce(endpoint.webhook);
      await close(endpoint);
      const info = this.#infoOf(endpoint);
      this.#endpoints.delete(name);
      await this.#parts.records.remove(name);
      await this.#parts.secrets.destroy(name);
      return info;
    });
  }

  /** Sends the dead letters again; with a height, sends everything from there on again. */
  async redeliver(
    name: string,
    fromHeight: Height | undefined,
    { signal, announce }: { readonly signal: AbortSignal; readonly announce: AnnounceWebhook },
  ): Promise<RedeliveredInfo | Refusal> {
    const endpoint = this.#endpoints.get(name);
    if (endpoint === undefined) return unknownEndpoint();
    if (fromHeight !== undefined) return await this.#setBack(name, fromHeight, announce);
    await announce(endpoint.webhook);
    const nothing = { delivered: 0, left: 0, problem: NO_SECRET };
    const done = (await endpoint.delivery?.redeliver(signal)) ?? nothing;
    // The receiver may be back.
    endpoint.delivery?.hurry();
    return { ...done, webhook: this.#infoOf(endpoint) };
  }

  #setBack(
    name: string,
    fromHeight: Height,
    announce: AnnounceWebhook,
  ): Promise<RedeliveredInfo | Refusal> {
    return this.#change(async () => {
      const endpoint = this.#endpoints.get(name);
      if (endpoint === undefined) return unknownEndpoint();
      const { webhook, delivery } = endpoint;
      const place = this.#parts.feed.before(fromHeight);
      if (delivery !== undefined && place.height > delivery.progress.place.height) {
        return new Refusal("MALFORMED", {
          message: `the endpoint has come to block ${delivery.progress.place.height} only`,
          field: "fromHeight",
          remedy: "Give a height up to there: nothing that was not delivered is passed over.",
        });
      }
      await announce(webhook);
      await delivery?.stop();
      await delivery?.moveBackTo(place);
      if (this.#isRunning) delivery?.start(this.#parts.fail);
      const problem = delivery === undefined ? NO_SECRET : "";
      const left = delivery?.deadLetters ?? 0;
      return { delivered: 0, left, problem, webhook: this.#infoOf(endpoint) };
    });
  }

  #startOf(fromHeight: Height | undefined): WebhookProgress["place"] {
    const { feed } = this.#parts;
    if (fromHeight !== undefined) return feed.before(fromHeight);
    return feed.before(height(feed.tip + 1));
  }

  /** Opens an endpoint that is stored. */
  async #take(webhook: StoredWebhook, progress: WebhookProgress): Promise<Endpoint> {
    const { secrets, records, log } = this.#parts;
    const { name } = webhook;
    const secret = await secrets.load(name);
    if (secret === undefined)
      log.error({ webhook: name }, "a webhook has no secret: not delivered");
    const deadLetters = (await records.deadLetters(name)).length;
    const sink = secret && this.#sinkOf(webhook, secret);
    const delivery = sink && this.#deliveryOf(webhook, { sink, progress, deadLetters });
    const endpoint = { webhook, delivery, sink };
    this.#endpoints.set(name, endpoint);
    return endpoint;
  }

  #sinkOf({ url, authority, isPrivate }: StoredWebhook, secret: Uint8Array): WebhookSink {
    const { system, posting } = this.#parts;
    const post = new WebhookPost({
      url: new URL(url),
      authority,
      isPrivate,
      now: system.monotonic,
      resolve: posting?.resolve,
      attemptMs: posting?.attemptMs,
    });
    return new WebhookSink({ post, secret, system });
  }

  #deliveryOf(
    { name, walletId }: StoredWebhook,
    {
      sink,
      progress,
      deadLetters,
    }: {
      readonly sink: WebhookSink;
      readonly progress: WebhookProgress;
      readonly deadLetters: number;
    },
  ): Delivery {
    const { records, feed, system, log } = this.#parts;
    const reader = readerOf(name);
    return new Delivery({
      name,
      sink,
      progress,
      deadLetters,
      givesUp: true,
      reader: (place) => new MessageReader({ feed, walletId, place, reader }),
      records,
      system,
      log,
    });
  }

  #infoOf({ webhook, delivery }: Endpoint): WebhookInfo {
    const { name, url, walletId, isPrivate, createdAt } = webhook;
    return {
      name,
      url,
      walletId,
      isPrivate,
      createdAt,
      height: delivery?.progress.place.height ?? 0,
      failingSince: delivery?.progress.failingSince,
      pendingSince: delivery?.pendingSince,
      problem: delivery?.problem ?? NO_SECRET,
      deadLetters: delivery?.deadLetters ?? 0,
      delivered: delivery?.figures.delivered ?? 0,
      failed: delivery?.figures.failed ?? 0,
    };
  }

  #change<T>(act: () => Promise<T>): Promise<T> {
    const change = this.#changing.then(act);
    this.#changing = change.catch(() => undefined);
    return change;
  }
}

async function close({ delivery, sink }: Endpoint): Promise<void> {
  await delivery?.stop();
  sink?.close();
}

/** Its reads are counted as those of a caller with a credential; the operator decided what it may see. */
function readerOf(name: string) {
  const principal = `webhook:${name}`;
  return { caller: { principal, scopes: scopeSet(["read:all"]) }, countedAs: principal };
}

function unknownEndpoint(): Refusal {
  return new Refusal("NOT_FOUND", {
    message: "no webhook endpoint has this name",
    field: "name",
    remedy: "Ask for the endpoints that there are by countersign webhook list.",
  });
}
