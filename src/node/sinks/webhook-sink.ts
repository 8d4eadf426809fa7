/** A sink that posts each message to an endpoint, signed anew at each attempt. */
import type { Bytes } from "../../primitives/bytes.ts";
import { webhookBody } from "../../transport/webhook-body.ts";
import type { WebhookPost } from "../../transport/webhook-post.ts";
import { webhookHeaders } from "../../transport/webhook-signature.ts";
import type { System } from "../base/system.ts";
import type { Sink, SinkProblem } from "./delivery.ts";
import type { SinkMessage } from "./message-reader.ts";

export interface WebhookSinkParts {
  readonly post: Pick<WebhookPost, "post" | "close">;
  readonly secret: Bytes;
  readonly system: Pick<System, "wall">;
}

export class WebhookSink implements Sink {
  readonly #parts: WebhookSinkParts;
  #isClosed = false;

  constructor(parts: WebhookSinkParts) {
    this.#parts = parts;
  }

  async deliver(message: SinkMessage, signal: AbortSignal): Promise<SinkProblem | undefined> {
    if (this.#isClosed) return { problem: "the endpoint is removed, or the node is stopping" };
    const { post, secret, system } = this.#parts;
    const body = webhookBody(message);
    const headers = webhookHeaders(secret, { id: message.id, at: system.wall(), body });
    return await post.post(body, headers, signal);
  }

  close(): void {
    this.#isClosed = true;
    this.#parts.secret.fill(0);
    this.#parts.post.close();
  }
}
