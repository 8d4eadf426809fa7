import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { createPassphraseFile, loadPassphrase } from "../../src/storage/passphrase.ts";
import { codeOf } from "./store-checks.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-passphrase-"));
  path = join(folder, "passphrase");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("passphrase file", () => {
  it.each([
    ["a phrase", "a phrase"],
    ["a phrase\n", "a phrase"],
    ["a phrase\r\nsecond line\n", "a phrase"],
    [" spaces stay \n", " spaces stay "],
  ])("%j means %j", async (content, expected) => {
    await writeFile(path, content, { mode: 0o600 });
    expect(await loadPassphrase(path)).toEqual(utf8(expected));
  });

  it("is refused if it is empty, too long, missing or readable by others", async () => {
    const refusal = () => loadPassphrase(path).catch((error: unknown) => error);
    expect(codeOf(await refusal())).toBe("missing");
    for (const content of ["", "\n", "\nsecond", "x".repeat(1025)]) {
      await writeFile(path, content, { mode: 0o600 });
      expect(codeOf(await refusal()), JSON.stringify(content.slice(0, 10))).toBe("malformed");
    }
    await writeFile(path, "a phrase");
    await chmod(path, 0o644);
    expect(codeOf(await refusal())).toBe("exposed");
    expect(`${await refusal()}`).toContain(`chmod 600 ${path}`);
  });

  it("is named so that a shell accepts the remedy as it stands, for any path", async () => {
    const odd = join(folder, "my ledger's");
    await writeFile(odd, "a phrase");
    await chmod(odd, 0o644);
    const refusal = `${await loadPassphrase(odd).catch((error: unknown) => error)}`;
    const [, remedy = "false"] = /run: (chmod .+)$/.exec(refusal) ?? [];
    execFileSync("sh", ["-c", remedy]);
    expect(await loadPassphrase(odd)).toEqual(utf8("a phrase"));
  });

  it("is made at random, for its owner only", async () => {
    await createPassphraseFile(path);
    const first = await loadPassphrase(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(first).toHaveLength(64);
    await createPassphraseFile(path);
    expect(await loadPassphrase(path)).not.toEqual(first);
  });
});
