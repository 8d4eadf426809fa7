/** The secrets of a network that was made for a test, and the files in which they live. */
import { createPrivateKey } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SEED_LENGTH } from "../../../src/node/base/crypto.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import { decodeKeyShare } from "../../../src/seal/seal-key.ts";
import { KEY_KINDS, type KeyKind } from "../../../src/storage/key-file.ts";
import { KeyRing } from "../../../src/storage/key-ring.ts";
import { loadPassphrase } from "../../../src/storage/passphrase.ts";
import type { Secret } from "../../support/secret-search.ts";

/** Files that hold a secret in clear, because it lives there. */
export function isHome(path: string): boolean {
  return /^(passphrase|tokens|.*-?key\.pem|ca-key\.pem)$/.test(basename(path));
}

/** A text, and the bytes that it stands for if it is hexadecimal or a token. */
export function textSecret(name: string, text: string): Secret[] {
  const stands = /^[0-9a-f]{40,}$/.test(text)
    ? Buffer.from(text, "hex")
    : Buffer.from(text.replace(/^cs_/, ""), "base64url");
  const isEncoded = /^([0-9a-f]{40,}|cs_.{43})$/.test(text);
  const whole = { name, bytes: Buffer.from(text) };
  return isEncoded ? [whole, { name: `${name}, decoded`, bytes: stands }] : [whole];
}

/** The passphrase in `file`, and every key that it opens in the folder. */
export async function ringSecrets(name: string, folder: string, file: string): Promise<Secret[]> {
  const passphrase = await loadPassphrase(file);
  const text = Buffer.from(passphrase).toString();
  const ring = await KeyRing.open(folder, passphrase);
  const secrets: Secret[] = textSecret(`the passphrase of ${name}`, text);
  for (const key of await ring.list()) {
    const { kind } = JSON.parse(readFileSync(join(folder, `${key}.key.json`), "utf8"));
    const known = KEY_KINDS.find((one) => one === kind);
    if (known === undefined) throw new Error(`${key} has the kind ${kind}`);
    const { secret } = await ring.load(key, known);
    const own = secretPart(known, secret);
    secrets.push({ name: `the key ${key} of ${name}`, bytes: Buffer.from(own) });
  }
  await ring.close();
  return secrets;
}

/** Of a share, what is around it is public; of a wallet, what follows the seed is in its creation. */
function secretPart(kind: KeyKind, secret: Uint8Array): Uint8Array {
  if (kind === "wallet") return secret.slice(0, SEED_LENGTH);
  if (kind !== "signingShare") return secret;
  const share = decodeKeyShare(secret);
  if (share instanceof EncodingError) throw share;
  return share.signingShare;
}

/** The private keys of TLS below the folder: the text of the PEM, and the number itself. */
export function pemSecrets(folder: string): Secret[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith("key.pem") && existsSync(join(folder, file)))
    .flatMap((file) => {
      const { d = "" } = createPrivateKey(readFileSync(join(folder, file))).export({
        format: "jwk",
      });
      return [{ name: `the key in ${file}`, bytes: Buffer.from(d, "base64url") }];
    });
}
