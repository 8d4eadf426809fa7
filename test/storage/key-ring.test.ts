import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/primitives/bytes.ts";
import { destroyFile } from "../../src/storage/atomic-file.ts";
import { KeyRing } from "../../src/storage/key-ring.ts";
import { bytesNamed } from "./sample-chain.ts";
import { codeOf } from "./store-checks.ts";

/** Far less work than a node uses, for speed. */
const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 };
const passphrase = utf8("correct horse battery staple");
const secret = utf8("a secret that must not be readable");
const identityEntry = { name: "identity", kind: "identity", publicKey: bytesNamed("key") } as const;

let folder: string;
let keys: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-keys-"));
  keys = join(folder, "keys");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const openRing = (phrase = passphrase) => KeyRing.open(keys, phrase, CHEAP);
const pathOf = (name: string) => join(keys, `${name}.key.json`);
const failureOf = (running: Promise<unknown>) =>
  running.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("key ring", () => {
  it("gives back what was saved, in this process and after a new start", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    await ring.save({ name: "share-1", kind: "signingShare" }, bytesNamed("share"));
    expect(await ring.load("identity", "identity")).toEqual({ ...identityEntry, secret });
    const later = await openRing();
    expect(await later.list()).toEqual(["identity", "share-1"]);
    expect(await later.load("identity", "identity")).toEqual({ ...identityEntry, secret });
    const share = await later.load("share-1", "signingShare");
    expect([share.secret, share.publicKey]).toEqual([bytesNamed("share"), undefined]);
  });

  it("replaces a key of the same name, under a fresh nonce", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    const before = JSON.parse(await readFile(pathOf("identity"), "utf8"));
    await ring.save(identityEntry, secret);
    const after = JSON.parse(await readFile(pathOf("identity"), "utf8"));
    expect(after.nonce).not.toBe(before.nonce);
    expect(after.sealed).not.toBe(before.sealed);
    expect(await readdir(keys)).toEqual(["identity.key.json"]);
  });

  it("A9: keeps files that show the public key and not the secret, for their owner only", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    expect((await stat(keys)).mode & 0o777).toBe(0o700);
    expect((await stat(pathOf("identity"))).mode & 0o777).toBe(0o600);
    const text = await readFile(pathOf("identity"), "utf8");
    expect(JSON.parse(text).publicKey).toBe(toHex(identityEntry.publicKey));
    expect(text).not.toContain(toHex(secret));
    expect(text).not.toContain(Buffer.from(passphrase).toString());
  });

  it("refuses a wrong passphrase at once, names the file and tells neither secret", async () => {
    await (await openRing()).save(identityEntry, secret);
    const failure = await failureOf(openRing(utf8("wrong guess")));
    expect(codeOf(failure)).toBe("wrongPassphrase");
    const shown = `${failure} ${failure instanceof Error ? failure.stack : ""}`;
    expect(shown).toContain(pathOf("identity"));
    expect(shown).not.toContain("wrong guess");
    expect(shown).not.toContain("correct horse");
  });

  it("refuses a file that others may read, and says what to do", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(pathOf("identity"), mode);
      const failure = await failureOf(ring.load("identity", "identity"));
      expect(codeOf(failure)).toBe("exposed");
      expect(`${failure}`).toContain(`chmod 600 ${pathOf("identity")}`);
    }
  });

  it("refuses a file of another kind, another name, or none", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    expect(codeOf(await failureOf(ring.load("identity", "custody")))).toBe("malformed");
    expect(codeOf(await failureOf(ring.load("custody", "custody")))).toBe("missing");
    await rename(pathOf("identity"), pathOf("custody"));
    expect(codeOf(await failureOf(ring.load("custody", "identity")))).toBe("malformed");
  });

  it("gives no other secret after any change of a file's text", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    const text = await readFile(pathOf("identity"));
    let refused = 0;
    for (let at = 0; at < text.length; at++) {
      const changed = Buffer.from(text);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at & 7));
      await writeFile(pathOf("identity"), changed);
      const failure = await failureOf(
        ring.load("identity", "identity").then((loaded) => {
          // White space between fields may change without harm.
          expect(loaded).toEqual({ ...identityEntry, secret });
        }),
      );
      if (failure === undefined) continue;
      expect(["malformed", "wrongPassphrase"]).toContain(codeOf(failure));
      refused += 1;
    }
    expect(refused).toBeGreaterThan(text.length - 60);
  });

  it("refuses a public key, kind or name swapped inside the file", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    const fields = JSON.parse(await readFile(pathOf("identity"), "utf8"));
    const swaps = [{ publicKey: toHex(bytesNamed("other")) }, { kind: "custody" }];
    for (const swap of swaps) {
      await writeFile(pathOf("identity"), JSON.stringify({ ...fields, ...swap }));
      const kind = swap.kind === "custody" ? "custody" : "identity";
      expect(codeOf(await failureOf(ring.load("identity", kind)))).toBe("wrongPassphrase");
    }
    const renamed = JSON.stringify({ ...fields, name: "custody" });
    await writeFile(pathOf("custody"), renamed, { mode: 0o600 });
    expect(codeOf(await failureOf(ring.load("custody", "identity")))).toBe("wrongPassphrase");
  });

  it("refuses parameters of scrypt that would take all memory", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    const fields = JSON.parse(await readFile(pathOf("identity"), "utf8"));
    for (const scrypt of [{ cost: 2 ** 30 }, { cost: 3 }, { blockSize: 1000 }, { salt: "" }]) {
      const changed = { ...fields, scrypt: { ...fields.scrypt, ...scrypt } };
      await writeFile(pathOf("identity"), JSON.stringify(changed));
      expect(codeOf(await failureOf(ring.load("identity", "identity")))).toBe("malformed");
    }
  });

  it("destroys a key for good, and leaves the others", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    await ring.save({ name: "ceremony-1", kind: "ceremonySecret" }, secret);
    await ring.destroy("ceremony-1");
    await ring.destroy("ceremony-1");
    expect(await ring.has("ceremony-1")).toBe(false);
    expect(await readdir(keys)).toEqual(["identity.key.json"]);
    expect(codeOf(await failureOf(ring.load("ceremony-1", "ceremonySecret")))).toBe("missing");
  });

  it("removes what a crash left half-written", async () => {
    await (await openRing()).save(identityEntry, secret);
    await writeFile(join(keys, "share.key.json.0123.tmp"), "{", { mode: 0o600 });
    expect(await (await openRing()).list()).toEqual(["identity"]);
    expect(await readdir(keys)).toEqual(["identity.key.json"]);
  });

  it("opens after a power cut in the middle of a key's destruction, and goes on with it", async () => {
    await (await openRing()).save(identityEntry, secret);
    // A folder cannot be overwritten, so the destruction stops where a power cut may stop it.
    await mkdir(pathOf("ceremony-1"));
    await expect(destroyFile(pathOf("ceremony-1"))).rejects.toThrow("EISDIR");
    const [leftover = ""] = (await readdir(keys)).filter((name) => name !== "identity.key.json");
    await rmdir(join(keys, leftover));
    await writeFile(join(keys, leftover), "half-overwritten", { mode: 0o600 });
    expect(await (await openRing()).list()).toEqual(["identity"]);
    expect(await readdir(keys)).toEqual(["identity.key.json"]);
  });

  it("uses one salt for all entries of a folder, so that one derivation opens them", async () => {
    const salts = new Set<string>();
    for (let i = 0; i < 5; i++) {
      await (await openRing()).save({ name: `ceremony-${i}`, kind: "ceremonySecret" }, secret);
      salts.add(JSON.parse(await readFile(pathOf(`ceremony-${i}`), "utf8")).scrypt.salt);
    }
    expect(salts.size).toBe(1);
  });

  it("opens nothing after it was closed", async () => {
    const ring = await openRing();
    await ring.save(identityEntry, secret);
    await ring.close();
    expect(await failureOf(ring.load("identity", "identity"))).toBeDefined();
  });
});
