/** The operator's calls about webhook endpoints: requests become commands, answers become generated messages. */
import { create } from "@bufbuild/protobuf";
import {
  type AddWebhookRequest,
  type AddWebhookResponse,
  AddWebhookResponseSchema,
  type RedeliverWebhookRequest,
  type RedeliverWebhookResponse,
  RedeliverWebhookResponseSchema,
  type Webhook,
  WebhookSchema,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { chainProblem } from "./certificate-chain.ts";
import { convert, fail, given, readHeight, readText, readUuid } from "./convert-fields.ts";
import { map } from "./convert-page.ts";
import type {
  MadeWebhook,
  NewWebhook,
  RedeliverCommand,
  RedeliveredInfo,
  WebhookInfo,
} from "./operator-api.ts";
import type { Refusal } from "./refusal.ts";

export function newWebhookFromMessage(request: AddWebhookRequest): NewWebhook | Refusal {
  return convert(() => ({
    name: readText(request.name, LIMITS.nameLengthMax, "name"),
    url: readText(request.url, LIMITS.webhooks.urlLengthMax, "url"),
    walletId: map(given(request.walletId), (id) => readUuid(id, "walletId")),
    authority: map(given(request.authority), readAuthority),
    isPrivate: request.privateAddresses,
    fromHeight: map(request.fromHeight, (value) => readHeight(value, "fromHeight")),
  }));
}

export function redeliverFromMessage(request: RedeliverWebhookRequest): RedeliverCommand | Refusal {
  return convert(() => ({
    name: request.name,
    fromHeight: map(request.fromHeight, (value) => readHeight(value, "fromHeight")),
  }));
}

export function madeWebhookToMessage({ secret, webhook }: MadeWebhook): AddWebhookResponse {
  return create(AddWebhookResponseSchema, { secret, webhook: webhookToMessage(webhook) });
}

export function redeliveredToMessage(redelivered: RedeliveredInfo): RedeliverWebhookResponse {
  const { delivered, left, problem, webhook } = redelivered;
  return create(RedeliverWebhookResponseSchema, {
    delivered,
    left,
    problem,
    webhook: webhookToMessage(webhook),
  });
}

export function webhookToMessage(webhook: WebhookInfo): Webhook {
  const { failingSince, pendingSince } = webhook;
  return create(WebhookSchema, {
    name: webhook.name,
    url: webhook.url,
    walletId: webhook.walletId ?? "",
    privateAddresses: webhook.isPrivate,
    createdAt: BigInt(webhook.createdAt),
    height: BigInt(webhook.height),
    ...(failingSince !== undefined && { failingSince: BigInt(failingSince) }),
    ...(pendingSince !== undefined && { pendingSince: BigInt(pendingSince) }),
    problem: webhook.problem,
    deadLetters: webhook.deadLetters,
    delivered: BigInt(webhook.delivered),
    failed: BigInt(webhook.failed),
  });
}

function readAuthority(pem: string): string {
  const problem = chainProblem(readText(pem, LIMITS.webhooks.authorityBytesMax, "authority"));
  return problem === undefined ? pem : fail("MALFORMED", "authority", `is a text ${problem}`);
}
