/** After a change of the passphrase, and after a crash at any of its steps, exactly one of the two passphrases opens all keys. */
import { mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { copyKeyFiles, KeyRing } from "../../src/storage/key-ring.ts";

const COST = { cost: 16, blockSize: 8, parallelization: 1 };
const NAMES = ["custody", "identity", "signing-share"];
const OLD = utf8("the old one");
const NEW = utf8("the new one");

let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-change-"));
  const ring = await KeyRing.open(folder, OLD, COST);
  for (const name of NAMES) await ring.save({ name, kind: "custody" }, utf8(`secret of ${name}`));
  await ring.close();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Changes the passphrase up to the step of this number, and stops there as a crash does. */
async function changeUpTo(steps: number): Promise<boolean> {
  const crash = new Error("a crash");
  const ring = await KeyRing.open(folder, OLD);
  let taken = 0;
  try {
    await ring.changePassphrase(NEW, COST, () => {
      if (taken === steps) throw crash;
      taken += 1;
    });
    return true;
  } catch (error) {
    if (error !== crash) throw error;
    return false;
  }
}

/** The secrets that the passphrase opens, after a start; undefined if the ring does not open. */
async function openedBy(passphrase: typeof OLD): Promise<readonly string[] | undefined> {
  const ring = await KeyRing.open(folder, passphrase).catch(() => undefined);
  if (ring === undefined) return undefined;
  const keys = await Promise.all(NAMES.map((name) => ring.load(name, "custody")));
  await ring.close();
  return keys.map(({ secret }) => Buffer.from(secret).toString());
}

const SECRETS = NAMES.map((name) => `secret of ${name}`);

it("the new passphrase opens all keys, the old one none, and nothing else is left", async () => {
  expect(await changeUpTo(Number.POSITIVE_INFINITY)).toBe(true);
  expect(await openedBy(OLD)).toBeUndefined();
  expect(await openedBy(NEW)).toEqual(SECRETS);
  const old = KeyRing.forReading(folder, OLD);
  for (const name of NAMES) await expect(old.tryKey(name)).rejects.toThrow(/does not open/);
  expect(readdirSync(folder)).toEqual(NAMES.map((name) => `${name}.key.json`));
});

it("a crash before any step leaves the old passphrase or the new one, and the change can be made again", async () => {
  const opened: string[] = [];
  for (let steps = 0; ; steps++) {
    const isWhole = await changeUpTo(steps);
    const [old, next] = [await openedBy(OLD), await openedBy(NEW)];
    expect([old, next].filter((one) => one !== undefined)).toEqual([SECRETS]);
    opened.push(old === undefined ? "new" : "old");
    if (isWhole || old === undefined) break;
  }
  // Three files and the mark; from the mark on the change counts.
  expect(opened).toEqual(["old", "old", "old", "old", "new"]);
  expect(readdirSync(folder)).toEqual(NAMES.map((name) => `${name}.key.json`));
});

it.each([1, 2, 3])(
  "a crash after %i of the files were replaced is ended by the next start",
  async (count) => {
    await changeUpTo(NAMES.length + 1);
    for (const name of NAMES.slice(0, count)) {
      renameSync(join(folder, `${name}.key.json.next`), join(folder, `${name}.key.json`));
    }
    expect(await openedBy(NEW)).toEqual(SECRETS);
    expect(await openedBy(OLD)).toBeUndefined();
  },
);

it("files of a change that never counted are not taken up by a later one", async () => {
  await changeUpTo(2);
  const third = utf8("a third one");
  const ring = await KeyRing.open(folder, OLD);
  await ring.save({ name: "custody", kind: "custody" }, utf8("a newer secret"));
  await ring.changePassphrase(third, COST);
  expect((await openedBy(third))?.[0]).toBe("a newer secret");
});

it("K7: a key that is destroyed is not left in what an interrupted change wrote of it", async () => {
  expect(await changeUpTo(2)).toBe(false);
  const ring = await KeyRing.open(folder, OLD);
  await ring.destroy("custody");
  await ring.close();
  expect(readdirSync(folder).filter((name) => name.startsWith("custody"))).toEqual([]);
});

it("a copy has all keys under one passphrase, also of a change that counts and was interrupted", async () => {
  expect(await changeUpTo(NAMES.length + 1)).toBe(false);
  const first = join(folder, `${NAMES[0]}.key.json`);
  renameSync(`${first}.next`, first);
  const copies = await copyKeyFiles(folder);
  expect(copies.map(({ name }) => name)).toEqual(NAMES);
  const salts = copies.map(
    ({ content }) => /"salt": ?"([^"]+)"/.exec(Buffer.from(content).toString())?.[1],
  );
  expect(salts[0]).toBeDefined();
  expect(new Set(salts).size).toBe(1);
});
