/**
 * Signs webhooks as Standard Webhooks 1.0.0 has it (standardwebhooks.com): HMAC-SHA256 over the id, the time and the body, under
 * a secret that the receiver has too. It proves the sender to the receiver alone.
 */
import { createHmac } from "node:crypto";
import { type Bytes, concatBytes, utf8 } from "../primitives/bytes.ts";

/** Standard Webhooks: 24 to 64 bytes. */
export const WEBHOOK_SECRET_BYTES = 32;
const SECRET_PREFIX = "whsec_";

export interface SignedWebhook {
  readonly id: string;
  /** Of this attempt, milliseconds since 1970. */
  readonly at: number;
  readonly body: Bytes;
}

/** The form in which the receiver gets the secret. */
export function webhookSecretText(secret: Bytes): string {
  return SECRET_PREFIX + Buffer.from(secret).toString("base64");
}

/** The three headers by which the receiver checks a message. */
export function webhookHeaders(
  secret: Bytes,
  { id, at, body }: SignedWebhook,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const content = concatBytes(utf8(`${id}.${timestamp}.`), body);
  const signature = createHmac("sha256", secret).update(content).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}
