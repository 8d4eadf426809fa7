// Webhooks are signed so that the official library of Standard Webhooks accepts them, and nothing else.
import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import {
  WEBHOOK_SECRET_BYTES,
  webhookHeaders,
  webhookSecretText,
} from "../../src/transport/webhook-signature.ts";

const secret = new Uint8Array(WEBHOOK_SECRET_BYTES).map((_, i) => i * 7);
const body = '{"type":"wallet.entries","data":{"reference":"Übung 7"}}';
const message = { id: "msg_AAAAAAAAAAc-_x", at: Date.now(), body: utf8(body) };
const receiver = new Webhook(webhookSecretText(secret));

it("signs what the official library accepts", () => {
  const headers = webhookHeaders(secret, message);
  expect(receiver.verify(body, { ...headers })).toEqual(JSON.parse(body));
  expect(receiver.sign(message.id, new Date(message.at), body)).toBe(headers["webhook-signature"]);
});

it("signs id, time and body: the library refuses each when it is changed, and a message of long ago", () => {
  const headers = { ...webhookHeaders(secret, message) };
  const refused = (changed: Record<string, string>, text = body) =>
    expect(() => receiver.verify(text, { ...headers, ...changed })).toThrow();
  refused({ "webhook-id": "msg_other" });
  refused({ "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) });
  refused({}, `${body} `);
  refused({
    ...webhookHeaders(
      secret.map((byte) => byte ^ 1),
      message,
    ),
  });
  refused({ ...webhookHeaders(secret, { ...message, at: message.at - 3_600_000 }) });
});
