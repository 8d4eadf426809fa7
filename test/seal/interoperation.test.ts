/** Seals are plain Ed25519 signatures: any library can check one with the group key. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import { afterAll, describe, expect, it } from "vitest";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { opensslAccepts, verify } from "./fixture.ts";
import { headerTarget, SealWorld, sharesOf } from "./seal-world.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-seal-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([4, 7])("a seal of %i nodes", (n) => {
  const groupKey = sharesOf(n)[0]?.key.groupKey ?? new Uint8Array();
  const made = new SealWorld(sharesOf(n)).seal(headerTarget(5));
  if (made === undefined) throw new Error("sealed");
  const { message, seal } = made;
  const changedMessage = message.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
  const changedSeal = seal.map((byte, i) => (i === 40 ? byte ^ 1 : byte));

  it.each<readonly [string, (message: Bytes, seal: Bytes) => boolean]>([
    ["libsodium", (m, s) => verify({ publicKey: groupKey, message: m, signature: s })],
    ["node:crypto", (m, s) => opensslAccepts(groupKey, m, s)],
    ["noble", (m, s) => ed25519.verify(s, m, groupKey)],
    ["the openssl command line", (m, s) => commandLineAccepts(groupKey, m, s)],
  ])(
    "is accepted by %s, and refused when a bit of it or of its header differs",
    (_name, accepts) => {
      expect(accepts(message, seal)).toBe(true);
      expect(accepts(changedMessage, seal)).toBe(false);
      expect(accepts(message, changedSeal)).toBe(false);
    },
  );
});

function commandLineAccepts(key: Bytes, message: Bytes, seal: Bytes): boolean {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  const pem = `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
  const files = {
    key: join(folder, "key.pem"),
    message: join(folder, "m"),
    seal: join(folder, "s"),
  };
  writeFileSync(files.key, pem);
  writeFileSync(files.message, message);
  writeFileSync(files.seal, seal);
  try {
    const out = execFileSync(
      "openssl",
      [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        files.key,
        "-rawin",
        "-in",
        files.message,
        "-sigfile",
        files.seal,
      ],
      { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" },
    );
    return out.includes("Signature Verified Successfully");
  } catch {
    return false;
  }
}
