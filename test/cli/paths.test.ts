/**
 * Folders whose names a URL or a shell would read differently: the program runs there, and its printed commands work
 * there.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "./countersign.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NAME = "it's #1 & 100%20 $HOME";

let home: string;
let clone: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-paths-"));
  clone = join(home, NAME);
  await mkdir(clone);
  for (const part of ["bin", "src", "gen", "package.json"]) {
    await cp(join(ROOT, part), join(clone, part), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"));
});

afterAll(() => rm(home, { recursive: true, force: true }));

/** Runs the line in a shell in which `countersign` is the program as npx starts it. */
function shell(line: string, cwd = clone): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE: process.execPath, BIN: join(clone, "bin/countersign.js") };
    const script = `countersign() { "$NODE" "$BIN" "$@"; }\n${line}`;
    execFile("bash", ["-c", script], { env, cwd, encoding: "utf8" }, (error, out, err) => {
      const code = typeof error?.code === "number" ? error.code : -1;
      resolve({ code: error === null ? 0 : code, out, error: err });
    });
  });
}

describe("below a folder whose name is no plain word", () => {
  it("the program starts", async () => {
    expect(await shell("countersign --version")).toEqual({ code: 0, out: "0.1.0\n", error: "" });
    expect(await shell("countersign status -h")).toMatchObject({ code: 0, error: "" });
  });

  it("a printed command is one that can be pasted", async () => {
    const addresses = "--peer-address 127.0.0.1:7101 --client-address 127.0.0.1:7001";
    for (const node of ["alpha", "bravo"]) {
      await shell(
        `countersign keygen --node ${node} ${addresses.replaceAll("7", node === "alpha" ? "7" : "8")}`,
      );
    }
    const refused = await shell("countersign init nothing --genesis genesis.json");
    const keygen = /make them by (countersign keygen .*)$/m.exec(refused.error)?.[1] ?? "";
    expect(await shell(`${keygen} --node carol ${addresses}`, home)).toMatchObject({ code: 0 });

    await shell("countersign genesis compose alpha/member.json bravo/member.json --issuers alpha");
    const set = await shell("countersign init alpha");
    expect(set.error).toBe("");
    const start = /^Start it by: (countersign node .*)$/m.exec(set.out)?.[1] ?? "";
    // The command finds the configuration from another folder; what is missing is the certificate.
    const started = await shell(start, home);
    expect(started.error).toContain(
      `${join(clone, "alpha", "config.json")}: "clientCertificate" names nothing that is there`,
    );
    const again = await shell("countersign init alpha");
    expect(again.error).toContain(`start it by ${start}`);
  });

  it("an authority without a certificate is refused by name", async () => {
    await mkdir(join(clone, "network"));
    await cp(join(clone, "genesis.json"), join(clone, "network", "genesis.json"));
    await writeFile(join(clone, "network", "ca.pem"), "");
    const { code, error } = await shell("countersign status --network network");
    expect(code).toBe(1);
    expect(error).toMatch(/the authority is network\/ca\.pem, which is empty; .* --ca FILE/);
  });
});
