/** `countersign audit verify`: it calls a trail whole only from its first entry on. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import { AuditFiles } from "../../src/storage/audit-files.ts";
import { AuditLog } from "../../src/storage/audit-trail.ts";
import { countersignHere as countersign } from "./in-process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-audit-verify-"));
  const limits = { fileBytesMax: 1_000, filesMax: 100 };
  const options = { limits, onRemoval: () => expect.fail("a file is removed") };
  const { files, head } = await AuditFiles.open(folder, sha256, options);
  const log = new AuditLog({ sink: files, head, hash: sha256, wall: () => 1_790_000_000_000 });
  for (let i = 0; i < 20; i++) {
    await log.record({ act: "custody", principal: "token:shop", call: "Transaction", subject: "" });
  }
  await files.close();
});
afterAll(() => rm(folder, { recursive: true }));

const filesFrom = async (first: number) =>
  (await readdir(folder))
    .sort()
    .slice(first)
    .map((name) => join(folder, name));

it("says that a trail from its first entry on is whole", async () => {
  const { code, out } = await countersign(["audit", "verify", ...(await filesFrom(0))]);
  expect(code).toBe(0);
  expect(out).toMatch(/^sound: 20 entries, 1 to 20/);
  expect(out).toContain("whole from the first entry");
});

it("names the first entry of a rest, and those that are missing", async () => {
  const rest = await filesFrom(2);
  const { code, out } = await countersign(["audit", "verify", ...rest]);
  expect(code).toBe(0);
  const [, first = "", missing = ""] =
    /^NOT WHOLE: complete from entry (\d+) on; entries 1 to (\d+) are missing/m.exec(out) ?? [];
  expect(Number(first)).toBeGreaterThan(1);
  expect(Number(missing)).toBe(Number(first) - 1);
  expect(out).not.toContain("whole from the first entry");
  const json = await countersign(["audit", "verify", "--json", ...rest]);
  expect(JSON.parse(json.out)).toMatchObject({ first: Number(first), missing: Number(missing) });
});
