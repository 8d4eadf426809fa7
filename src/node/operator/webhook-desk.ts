/**
 * Adds, lists, removes and redelivers webhooks for operators, with a line of the audit log for each change. An endpoint is shown
 * what its caller may not see and reaches where its caller may not go, so over the network a caller needs more.
 */
import { FOREIGN_WALLETS, readsForeignWallets } from "../../access/call-scopes.ts";
import { type Caller, isOnSocket } from "../../access/principal.ts";
import type { AuditTrail } from "../../storage/audit-trail.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type {
  MadeWebhook,
  NewWebhook,
  RedeliverCommand,
  RedeliveredInfo,
  WebhookInfo,
} from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Log } from "../base/log.ts";
import type { AnnounceWebhook, Webhooks } from "../sinks/webhooks.ts";

export interface WebhookDeskParts {
  readonly webhooks: Pick<Webhooks, "add" | "list" | "remove" | "redeliver">;
  readonly audit: AuditTrail;
  readonly log: Pick<Log, "warn">;
}

export class WebhookDesk {
  readonly #parts: WebhookDeskParts;

  constructor(parts: WebhookDeskParts) {
    this.#parts = parts;
  }

  /** The secret is in the answer alone, and never in a log. */
  async add(asked: NewWebhook, caller: Caller): Promise<MadeWebhook | Refusal> {
    const refusal = refusalToAdd(asked, caller);
    if (refusal !== undefined) return refusal;
    const made = await this.#parts.webhooks.add(asked, this.#announce("AddWebhook", caller));
    if (!(made instanceof Refusal)) this.#note(caller, made.webhook, "the operator adds a webhook");
    return made;
  }

  list(): readonly WebhookInfo[] {
    return this.#parts.webhooks.list();
  }

  async remove(name: string, caller: Caller): Promise<WebhookInfo | Refusal> {
    const announce = this.#announce("RemoveWebhook", caller);
    const removed = await this.#parts.webhooks.remove(name, announce);
    if (!(removed instanceof Refusal)) {
      this.#note(caller, removed, "the operator removes a webhook");
    }
    return removed;
  }

  async redeliver(
    { name, fromHeight }: RedeliverCommand,
    { caller, signal }: CallContext,
  ): Promise<RedeliveredInfo | Refusal> {
    const announce = this.#announce("RedeliverWebhook", caller);
    return await this.#parts.webhooks.redeliver(name, fromHeight, { signal, announce });
  }

  #note({ principal }: Caller, { name }: WebhookInfo, what: string): void {
    this.#parts.log.warn({ principal, webhook: name }, what);
  }

  /** The path of a URL may be a secret of the receiver, so the line has its origin alone. */
  #announce(call: string, { principal }: Caller): AnnounceWebhook {
    return ({ name, url, walletId }) => {
      const what = walletId === undefined ? "ledger" : "wallet";
      const subject = `${name} ${what} ${new URL(url).origin}`;
      return this.#parts.audit.record({ act: "webhook", principal, call, subject });
    };
  }
}

/** On the Unix socket nothing is refused: its caller can read the node's files as well. */
function refusalToAdd({ isPrivate }: NewWebhook, caller: Caller): Refusal | undefined {
  if (isOnSocket(caller)) return undefined;
  const remedy = "Add this endpoint on the node's machine, by its Unix socket.";
  if (isPrivate) {
    const message = "over the network no loopback and private addresses are allowed";
    return new Refusal("PERMISSION_DENIED", { message, field: "privateAddresses", remedy });
  }
  if (readsForeignWallets(caller)) return undefined;
  return new Refusal("PERMISSION_DENIED", {
    message: `${caller.principal} does not have the scope ${FOREIGN_WALLETS}, and cannot show it to an endpoint`,
    metadata: { scope: FOREIGN_WALLETS },
    remedy,
  });
}
