/**
 * Commands that fill a folder which already exists: an empty one, a link, the root of a disk. Disks are mounted in a
 * namespace of their own, if the machine allows it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDevnetFolder } from "../../src/cli/devnet-folder.ts";
import type { DevnetOptions } from "../../src/cli/devnet-options.ts";
import { freePort } from "../support/free-ports.ts";
import { COUNTERSIGN } from "../support/guarded-process.ts";
import type { Outcome } from "./countersign.ts";
import { countersignHere as countersign } from "./in-process.ts";

const CAN_MOUNT =
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" })
    .status === 0;

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "countersign-folders-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (...parts: string[]) => join(home, ...parts);
const command = (line: string, cwd = home): Promise<Outcome> =>
  countersign(line.split(" "), { cwd });

async function must(line: string, cwd = home): Promise<void> {
  expect(await command(line, cwd), line).toMatchObject({ code: 0 });
}

function network(folder: string, more: Partial<DevnetOptions> = {}) {
  return openDevnetFolder({ nodes: 2, port: 7001, folder, fresh: false, ...more });
}

describe("a development network", () => {
  it("is made where a link leads, and the link stays", async () => {
    mkdirSync(at("disk"));
    symlinkSync("disk", at("link"));
    await network(at("link"));
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(readdirSync(at("disk")).sort()).toEqual(["ca.pem", "genesis.json", "node1", "node2"]);
    const first = (await network(at("link"))).validators;
    await network(at("link"), { fresh: true });
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect((await network(at("disk"))).validators).not.toEqual(first);
  });

  it("is not made where a link leads to nothing, which names the link", async () => {
    symlinkSync("unmounted", at("link"));
    await expect(network(at("link"))).rejects.toThrow(
      /^devnet: .*link is a link to unmounted, where nothing is; make that folder, or mount its disk.*--data/,
    );
    expect(readdirSync(home)).toEqual(["link"]);
  });

  it("is begun anew if its making was interrupted, and not if it is only damaged", async () => {
    const { validators } = await network(at("net"));
    writeFileSync(at("net", "countersign.unfinished"), "");
    const again = await network(at("net"));
    expect(again.validators).not.toEqual(validators);
    await expect(network(at("net"), { port: 7011 })).rejects.toThrow(
      /resume it by --nodes 2 --port 7001, give --data .* or --fresh to throw it away/,
    );
    renameSync(at("net", "ca.pem"), at("ca.pem"));
    await expect(network(at("net"))).rejects.toThrow(
      /^(?!.*--fresh).*not resumed: .*ca\.pem is missing; put it back/,
    );
    renameSync(at("ca.pem"), at("net", "ca.pem"));
    writeFileSync(at("net", "genesis.json"), "{");
    await expect(network(at("net"))).rejects.toThrow(
      /^(?!.*--fresh).*not resumed: .*genesis\.json/,
    );
    rmSync(at("net", "genesis.json"));
    await expect(network(at("net"))).rejects.toThrow(/half-written/);
  });

  it("is not emptied by --fresh where something in it lies elsewhere", async () => {
    await network(at("net"));
    mkdirSync(at("disk"));
    rmSync(at("net", "node1", "data"), { recursive: true });
    symlinkSync(at("disk"), at("net", "node1", "data"));
    await expect(network(at("net"), { fresh: true })).rejects.toThrow(
      /not emptied, because .*node1\/data in it leads to another place/,
    );
    expect(readdirSync(at("net")).sort()).toEqual(["ca.pem", "genesis.json", "node1", "node2"]);
  });
});

describe("the certificates of a development network", () => {
  const DAY_MS = 86_400_000;
  const openAt = (now: number) =>
    openDevnetFolder({ nodes: 2, port: 7001, folder: at("net"), fresh: false }, { now: () => now });
  const texts = () => {
    const names = ["ca.pem", "node1/tls-certificate.pem", "node1/tls-key.pem", "node2/tls-key.pem"];
    return names.map((name) => readFileSync(at("net", name), "utf8"));
  };
  /** Of everything else: the ledger, the keys, the configurations. */
  const rest = () => {
    const all = readdirSync(at("net"), { recursive: true, encoding: "utf8", withFileTypes: true });
    const files = all.filter((one) => one.isFile() && !one.name.endsWith(".pem"));
    return files.map(({ parentPath, name }) =>
      readFileSync(join(parentPath, name)).toString("hex"),
    );
  };

  it.each([
    ["over", 400],
    ["soon over", 340],
    ["not valid yet, as after a clock that was far ahead", -400],
  ])("that are %s are made anew, and all else is kept", async (_, days) => {
    const now = Date.now();
    expect(await openAt(now - days * DAY_MS)).toMatchObject({ renewed: false });
    const [before, kept] = [texts(), rest()];
    expect(await openAt(now)).toMatchObject({ renewed: true });
    for (const [place, text] of texts().entries()) expect(text).not.toBe(before[place]);
    expect(rest()).toEqual(kept);
    const authority = new X509Certificate(texts()[0] ?? "");
    for (const node of ["node1", "node2"]) {
      const pem = readFileSync(at("net", node, "tls-certificate.pem"));
      const certificate = new X509Certificate(pem);
      expect(certificate.verify(authority.publicKey)).toBe(true);
      const key = createPrivateKey(readFileSync(at("net", node, "tls-key.pem")));
      expect(certificate.checkPrivateKey(key)).toBe(true);
      expect(lstatSync(at("net", node, "tls-key.pem")).mode & 0o777).toBe(0o600);
    }
    expect(await openAt(now)).toMatchObject({ renewed: false });
  });

  it("are made anew again if that was interrupted before the authority was there", async () => {
    const now = Date.now();
    await openAt(now - 400 * DAY_MS);
    const old = texts()[0] ?? "";
    await openAt(now);
    writeFileSync(at("net", "ca.pem"), old);
    expect(await openAt(now)).toMatchObject({ renewed: true });
  });

  it("are named if the authority is no certificate", async () => {
    await openAt(Date.now());
    writeFileSync(at("net", "ca.pem"), "");
    await expect(openAt(Date.now())).rejects.toThrow(
      /^devnet: the network's authority is .*ca\.pem, which is empty; put the right one back/,
    );
  });
});

describe("an operator's folder", () => {
  const made = mkdtempSync(join(tmpdir(), "countersign-operators-"));

  beforeAll(async () => {
    for (const [i, node] of ["alpha", "bravo"].entries()) {
      // A disk prepared for the node: its data folder is empty and the keys are not made yet.
      mkdirSync(join(made, node, "data"), { recursive: true });
      await must(
        `keygen --node ${node} --peer-address 127.0.0.1:710${i} --client-address 127.0.0.1:700${i}`,
        made,
      );
    }
    await must("genesis compose alpha/member.json bravo/member.json --issuers alpha", made);
  });

  beforeEach(() => cpSync(made, home, { recursive: true }));

  afterAll(() => rmSync(made, { recursive: true, force: true }));

  it("is set up in an empty data folder, and behind a link", async () => {
    await must("init alpha");
    expect(readdirSync(at("alpha", "data")).sort()).toEqual(["countersign.json", "keys", "store"]);
    rmSync(at("bravo", "data"), { recursive: true });
    mkdirSync(at("disk"));
    symlinkSync(at("disk"), at("bravo", "data"));
    await must("init bravo");
    expect(lstatSync(at("bravo", "data")).isSymbolicLink()).toBe(true);
    expect(readdirSync(at("disk")).sort()).toEqual(["countersign.json", "keys", "store"]);
    await must("check --config bravo/config.json");
  });

  it("is not set up in what holds something else, or behind a link to nothing", async () => {
    writeFileSync(at("alpha", "data", "thesis.txt"), "years of work");
    const foreign = await command("init alpha");
    expect(foreign.code).toBe(1);
    expect(foreign.error).toMatch(/alpha\/data holds other files than a node's data; move them/);
    expect(readdirSync(at("alpha", "data"))).toEqual(["thesis.txt"]);
    rmSync(at("bravo", "data"), { recursive: true });
    symlinkSync("nowhere", at("bravo", "data"));
    const dangling = await command("init bravo");
    expect(dangling.code).toBe(1);
    expect(dangling.error).toMatch(/bravo\/data is a link to nowhere, where nothing is; make that/);
    // The keys are unchanged, and no file was made.
    expect(readdirSync(at("bravo", "keys"))).toHaveLength(2);
  });

  it.runIf(CAN_MOUNT)("is set up in the root of a disk, lost+found and all", () => {
    const countersignIn = (args: string) =>
      [...COUNTERSIGN.map((word) => `'${word}'`), args].join(" ");
    const script = [
      "set -e",
      "mount -t tmpfs none alpha/data",
      "mkdir -m 0700 alpha/data/lost+found",
      countersignIn("init alpha"),
      "ls alpha/data",
      countersignIn("check --config alpha/config.json"),
    ].join("\n");
    const out = execFileSync("unshare", ["-rm", "bash", "-c", script], {
      cwd: home,
      encoding: "utf8",
    });
    expect(out).toContain("countersign.json\nkeys\nlost+found\nstore\n");
    expect(out).toContain("sound: 0 blocks");
  });
});

describe("other folders", () => {
  it("are refused at once where no folder can be made", async () => {
    const lines = [
      "certs --out /proc/countersign/certs",
      "keygen --node n --peer-address h:1 --client-address h:2 --out /proc/countersign",
      `devnet --data /proc/countersign --port ${await freePort(4)}`,
      "wallet list --wallets /dev/null",
      "certs --out /dev/null/certs",
    ];
    for (const line of lines) {
      const { code, error } = await command(line);
      expect(code, line).toBe(1);
      expect(error, line).toMatch(/^countersign: [^\n]*\/(proc\/countersign|dev\/null)[^\n]*\n$/);
    }
  });

  it("are refused by name where a file is", async () => {
    writeFileSync(at("file"), "years of work");
    const lines = [
      "init file",
      "certs --out file",
      "keygen --node n --peer-address h:1 --client-address h:2 --out file",
      "wallet list --wallets file",
      `devnet --data file --port ${await freePort(4)}`,
    ];
    for (const line of lines) {
      const { code, error } = await command(line);
      expect(code, line).toBe(1);
      expect(error, line).toMatch(/^countersign: .*\bfile\b.*(no folder|cannot be used).*\n$/);
      expect(error, line).not.toMatch(/move it|remove|--fresh/);
    }
    expect(readdirSync(home)).toEqual(["file"]);
  });

  it("are filled where a link leads: certificates and keys of wallets", async () => {
    mkdirSync(at("disk"));
    symlinkSync("disk", at("link"));
    await must("certs --out link");
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(readdirSync(at("disk"))).toContain("tls-key.pem");
  });

  it("are refused by name where a link leads to nothing", async () => {
    symlinkSync("nowhere", at("link"));
    const lines = [
      "certs --out link",
      "keygen --node n --peer-address h:1 --client-address h:2 --out link",
    ];
    for (const line of lines) {
      const { code, error } = await command(line);
      expect(code, line).toBe(1);
      expect(error).toMatch(/^countersign: \w+: .*link .*\n$/);
    }
    expect(readdirSync(home)).toEqual(["link"]);
  });
});
