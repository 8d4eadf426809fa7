/** The rules for a new webhook endpoint. */
import type { WalletId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { NewWebhook } from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { parseWebhookUrl } from "../../transport/webhook-url.ts";
import type { LedgerFeed } from "./ledger-feed.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The reason why there can be no such endpoint beside those that are held, by name. */
export function problemWithWebhook(
  { name, url, walletId, isPrivate, fromHeight }: NewWebhook,
  {
    held,
    feed,
  }: {
    readonly held: ReadonlyMap<string, unknown>;
    readonly feed: Pick<LedgerFeed, "knowsWallet" | "tip">;
  },
): Refusal | undefined {
  if (!NAME.test(name)) {
    const message = "the name is not 1 to 64 lower-case letters, digits and hyphens";
    return new Refusal("MALFORMED", { message, field: "name" });
  }
  const parsed = parseWebhookUrl(url, isPrivate);
  if ("problem" in parsed) {
    return new Refusal("MALFORMED", { message: `the URL ${parsed.problem}`, field: "url" });
  }
  if (held.has(name)) {
    return new Refusal("ID_IN_USE", {
      message: `there is a webhook endpoint named ${name}`,
      field: "name",
      remedy: "Choose another name, or remove that one first.",
    });
  }
  if (held.size >= LIMITS.webhooks.endpointsMax) {
    return new Refusal("LIMIT", {
      message: `this node has ${LIMITS.webhooks.endpointsMax} webhook endpoints, and takes no more`,
      remedy: "Remove one, or let one receiver hand events on to others.",
    });
  }
  if (fromHeight !== undefined && fromHeight > feed.tip + 1) {
    return new Refusal("MALFORMED", {
      message: `this node's chain ends at block ${feed.tip}, and an endpoint from a height above the next one would miss events`,
      field: "fromHeight",
      remedy: `Give a height up to ${feed.tip + 1}, or none for what becomes final from now on.`,
    });
  }
  return walletId === undefined ? undefined : problemWithWallet(walletId, feed);
}

function problemWithWallet(
  walletId: WalletId,
  feed: Pick<LedgerFeed, "knowsWallet">,
): Refusal | undefined {
  if (feed.knowsWallet(walletId)) return undefined;
  return new Refusal("UNKNOWN_WALLET", {
    message: `this node knows no wallet ${walletId}`,
    field: "walletId",
  });
}
