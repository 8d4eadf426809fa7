/**
 * Goal: `countersign doctor` names each of many planted faults, and that fault alone, with its remedy, and finds nothing on a
 * healthy network. Method: a network of four processes; the faults are real files, processes and limits, but for those of the
 * machine that take root (docs/doctor.md says which).
 */
import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Examination } from "../../src/cli/doctor/examination.ts";
import { examine } from "../../src/cli/doctor/examine.ts";
import type { FindingCode } from "../../src/cli/doctor/findings.ts";
import { type Machine, realMachine } from "../../src/cli/doctor/machine.ts";
import { countersign } from "../cli/countersign.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { freePort } from "../support/free-ports.ts";
import { ROOT } from "../support/guarded-process.ts";
import { FAULTS_OF_FILES, type StoppedNode } from "./planted-faults.ts";
import { FAULTS_OF_NETWORK, FAULTS_OF_PROCESSES } from "./planted-network-faults.ts";

const POLL = { timeout: 150_000, interval: 500 };

let place: DevnetPlace;
let net: Devnet;

beforeAll(async () => {
  place = await newPlace();
  net = await Devnet.start(place);
  await net.untilLinked();
});

afterAll(async () => {
  await net.stop();
  await leavePlace(place);
});

async function codesOf(configFile: string, machine: Machine = realMachine) {
  const { examination } = await examine(configFile, machine);
  const codes = examination.findings.map(({ code }) => code);
  if (codes.length === 1) seen.add(`${codes[0]}`);
  return { codes, text: textOf(examination) };
}

/** Findings that were the only one of a report. */
const seen = new Set<string>();

/** Ends with the code of the shell, or of the command that it turned into. */
function shell(script: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number; out: string }>((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile("sh", ["-c", script, "sh", ...words], options, (error, out) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out });
    });
  });
}

/** With the permissions of files and folders. */
function copy(from: string, to: string): void {
  execFileSync("cp", ["-a", from, to]);
}

/** The part of the findings that an operator acts on. */
function textOf({ findings }: Examination): string {
  return findings.map(({ what, remedy, command }) => [what, remedy, command].join("\n")).join("\n");
}

describe("a healthy network", () => {
  it("gives no finding, on any node, and exit code 0", async () => {
    for (const { configFile } of net.nodes) {
      const { code, out, error } = await countersign(["doctor", "--config", configFile]);
      expect({ code, error }, out).toEqual({ code: 0, error: "" });
      expect(out).toMatch(/^node\d runs\. Nothing is wrong in \d+ checks\.\n$/);
    }
  });
});

describe("a stopped node", () => {
  let node: StoppedNode;
  let template: string;

  beforeAll(async () => {
    const { folder, configFile } = net.node(0);
    const keys = ["--keys-to", join(place.home, "backup-keys")];
    const taken = ["backup", "--config", configFile, "--out", join(place.home, "backup"), ...keys];
    expect(await countersign(taken)).toMatchObject({ code: 0, error: "" });
    await net.kill(0);
    rmSync(join(folder, "operator.sock"));
    template = join(place.home, "template");
    copy(folder, template);
    node = { folder, other: net.node(1).folder, beside: join(place.home, "beside") };
  });

  const restore = () => {
    rmSync(node.folder, { recursive: true });
    copy(template, node.folder);
    rmSync(node.beside, { recursive: true, force: true });
    mkdirSync(node.beside);
  };

  it("gives no finding before its start", async () => {
    restore();
    expect(await codesOf(net.node(0).configFile)).toEqual({ codes: [], text: "" });
  });

  it.each(FAULTS_OF_FILES)("is found at fault: $fault", async ({ code, says, plant, machine }) => {
    restore();
    await plant?.(node);
    const { codes, text } = await codesOf(net.node(0).configFile, { ...realMachine, ...machine });
    expect(codes, text).toEqual([code]);
    expect(text).toMatch(says);
  });

  it.each(FAULTS_OF_NETWORK)("is found in trouble: $fault", async ({ code, says, plant }) => {
    restore();
    const end = await plant(node);
    const { codes, text } = await codesOf(net.node(0).configFile);
    await end();
    expect(codes, text).toEqual([code]);
    expect(text).toMatch(says);
  });

  it("is told to rejoin when its folder was restored from a backup, and nothing more after that", async () => {
    restore();
    const { configFile, folder } = net.node(0);
    rmSync(join(folder, "data"), { recursive: true });
    const keys = ["--keys", join(place.home, "backup-keys")];
    const back = ["restore", join(place.home, "backup"), "--config", configFile, ...keys];
    expect(await countersign(back)).toMatchObject({ code: 0, error: "" });
    const { codes, text } = await codesOf(configFile);
    expect(codes, text).toEqual(["STORE_RESTORED"]);
    expect(text).toMatch(/countersign rejoin --config /);
    expect(await countersign(["rejoin", "--config", configFile])).toMatchObject({ code: 0 });
    expect((await codesOf(configFile)).codes).toEqual([]);
  });

  /** The report of a process of its own, which a shell starts after `before`. */
  async function reported(env: NodeJS.ProcessEnv, before = ":") {
    const command = [process.execPath, join(ROOT, "src/cli/main.ts"), "doctor", "--json"];
    const words = [...command, "--config", net.node(0).configFile];
    const { code, out } = await shell(`${before}; exec "$@"`, words, env);
    const { findings } = JSON.parse(out) as { findings: { code: string; what: string }[] };
    const codes = findings.map((one) => one.code);
    if (codes.length === 1) seen.add(`${codes[0]}`);
    return { exitCode: code, codes, what: findings[0]?.what };
  }

  it.each([
    {
      aheadMs: 60_000,
      code: "CLOCK_WRONG",
      exitCode: 1,
      says: /5\d{4} ms ahead of|6\d{4} ms ahead of/,
    },
    { aheadMs: -7_500, code: "CLOCK_DOUBTFUL", exitCode: 9, says: /ms behind its peers'/ },
  ])("is told that its clock is $aheadMs ms ahead", async ({ aheadMs, code, exitCode, says }) => {
    restore();
    const file = join(place.home, "clock");
    writeFileSync(file, `${aheadMs}`);
    const preload = join(ROOT, "test/chaos/clock-preload.ts");
    const env = { NODE_OPTIONS: `--import ${preload}`, CHAOS_CLOCK_FILE: file };
    const found = await reported(env);
    expect(found).toMatchObject({ codes: [code], exitCode });
    expect(found.what).toMatch(says);
  });

  it.each([
    { limit: 300, code: "OPEN_FILES_TOO_FEW", exitCode: 1 },
    { limit: 1500, code: "OPEN_FILES_LOW", exitCode: 9 },
  ])("is told that $limit open files are too few", async ({ limit, code, exitCode }) => {
    restore();
    const found = await reported({}, `ulimit -n ${limit}`);
    expect(found).toMatchObject({ codes: [code], exitCode });
    expect(found.what).toContain(`only ${limit} files open`);
  });

  it("is told which peer does not reach its port, before its start and while it runs", async () => {
    restore();
    const peer = net.node(1);
    const text = readFileSync(peer.configFile, "utf8");
    const peers = { node1: `127.0.0.1:${await freePort(1)}` };
    writeFileSync(peer.configFile, JSON.stringify({ ...JSON.parse(text), peers }));
    await net.kill(1);
    await net.restart(1);
    const stopped = await codesOf(net.node(0).configFile);
    expect(stopped.codes, stopped.text).toEqual(["PEER_PORT_CLOSED"]);
    expect(stopped.text).toContain("node2 answers, and did not come to port");
    await net.restart(0);
    await expect
      .poll(() => codesOf(net.node(0).configFile), { timeout: 120_000, interval: 1_000 })
      .toMatchObject({
        codes: ["PEER_PORT_CLOSED"],
        text: expect.stringContaining("link to node2"),
      });
    writeFileSync(peer.configFile, text);
    await net.kill(1);
    await net.restart(1);
    await net.untilLinked();
  });
});

describe("a running node", () => {
  const found = () => codesOf(net.node(0).configFile);
  const onNode = (...args: string[]) =>
    countersign(["node", ...args, "--config", net.node(0).configFile]);
  const fileOf = (name: string) => join(net.node(0).folder, name);

  it("is found drained", async () => {
    expect(await onNode("drain")).toMatchObject({ code: 0 });
    expect((await found()).codes).toEqual(["NODE_DRAINED"]);
    expect(await onNode("drain", "--resume")).toMatchObject({ code: 0 });
    expect((await found()).codes).toEqual([]);
  });

  it("is found with a certificate that it has not loaded, and with a reload that was refused", async () => {
    const kept = ["tls-certificate.pem", "tls-key.pem"].map((name) => ({
      file: fileOf(name),
      text: readFileSync(fileOf(name), "utf8"),
    }));
    expect(await countersign(["certs", "--out", join(place.home, "made")])).toMatchObject({
      code: 0,
    });
    for (const { file } of kept) cpSync(join(place.home, "made", basename(file)), file);
    const { codes, text } = await found();
    expect(codes).toEqual(["CERTIFICATE_NOT_LOADED"]);
    expect(text).toMatch(/and .*tls-certificate\.pem holds another.*countersign node reload/s);
    writeFileSync(kept[1]?.file ?? "", "no key");
    expect(await onNode("reload")).toMatchObject({ code: 4 });
    for (const { file, text: before } of kept) writeFileSync(file, before);
    expect((await found()).codes).toEqual(["RELOAD_REFUSED"]);
    expect(await onNode("reload")).toMatchObject({ code: 0 });
    expect((await found()).codes).toEqual([]);
  });

  it("is found at its store when it answers no more", async () => {
    renameSync(fileOf("operator.sock"), fileOf("moved.sock"));
    const { codes, text } = await found();
    expect(codes, text).toEqual(["STORE_HELD"]);
    expect(text).toContain(`process ${net.pidOf(0)} holds the store`);
    renameSync(fileOf("moved.sock"), fileOf("operator.sock"));
  });

  it("is found without its share of the group key", async () => {
    await net.kill(0);
    renameSync(fileOf("data/keys/signing-share.key.json"), fileOf("share"));
    await net.restart(0);
    await untilFound("SHARE_MISSING");
    await net.kill(0);
    renameSync(fileOf("share"), fileOf("data/keys/signing-share.key.json"));
    await net.restart(0);
  });

  it("is found of an older version than the installed program, and then than a peer", async () => {
    await net.kill(0);
    await net.restart(0, { command: [process.execPath, programOf("0.0.1")] });
    expect(await untilFound("VERSION_NOT_RUNNING")).toMatch(
      /node1 runs version 0\.0\.1, and version \d+\.\d+\.\d+ is installed/,
    );
    await net.kill(0);
    await net.restart(0);
    await net.kill(1);
    await net.restart(1, { command: [process.execPath, programOf("999.10.0")] });
    expect(await untilFound("PEER_NEWER")).toMatch(/node1 runs version \S+, and node2 999\.10\.0/);
    await restartedUntil(1, undefined);
  });

  const MINUTE_AHEAD = { clock: "60000" };

  /** The environment of a process whose wall clock is so many milliseconds ahead. */
  function clockOf({ clock }: { clock: string }): Record<string, string> {
    const file = join(place.home, "clock-of-node");
    writeFileSync(file, clock);
    const preload = join(ROOT, "test/chaos/clock-preload.ts");
    return { NODE_OPTIONS: `--import ${preload}`, CHAOS_CLOCK_FILE: file };
  }

  /** Starts a node again, and settles when doctor, run on the first node, finds what it is to find. */
  async function restartedUntil(index: number, code: FindingCode | undefined, env = {}) {
    await net.kill(index);
    await net.restart(index, { env });
    await untilFound(code);
  }

  /** A node that has just begun is not ready for a while, which doctor finds too. */
  async function untilFound(code: FindingCode | undefined): Promise<string> {
    const codes = code === undefined ? [] : [code];
    let text = "";
    await expect
      .poll(async () => {
        const report = await found();
        text = report.text;
        return report.codes;
      }, POLL)
      .toEqual(codes);
    return text;
  }

  it("is found with a wrong clock, its own or a peer's", async () => {
    await restartedUntil(0, "NODE_NOT_READY", clockOf(MINUTE_AHEAD));
    await restartedUntil(0, undefined);
    await restartedUntil(1, "PEER_CLOCK_WRONG", clockOf(MINUTE_AHEAD));
    await restartedUntil(1, undefined);
  });

  it("is found without a vote after it has rejoined, until views have passed", async () => {
    await net.kill(0);
    rmSync(fileOf("data/store"), { recursive: true });
    const { configFile } = net.node(0);
    expect(await countersign(["rejoin", "--config", configFile])).toMatchObject({ code: 0 });
    await net.restart(0);
    await net.untilLinked();
    await untilFound("NODE_REJOINED");
    const end = payOn();
    await untilFound(undefined);
    await end();
  });

  /** Pays at the other nodes in turn, again and again; gives what ends that. */
  function payOn(): () => Promise<void> {
    let isOver = false;
    const paying = (async () => {
      for (let turn = 0; !isOver; turn++) {
        await net.calls(1 + (turn % 3)).walletCreation({ initialBalance: 1n });
        await pause(50);
      }
    })();
    return async () => {
      isOver = true;
      await paying;
    };
  }

  /** The same program, said to be of another version. */
  function programOf(version: string): string {
    const copy = join(place.home, version);
    for (const name of ["src", "gen", "bin"]) {
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const text = readFileSync(join(ROOT, "package.json"), "utf8");
    writeFileSync(join(copy, "package.json"), JSON.stringify({ ...JSON.parse(text), version }));
    return join(copy, "src/cli/main.ts");
  }
});

it("has named each fault of docs/doctor.md, alone", () => {
  const faults = [...FAULTS_OF_FILES, ...FAULTS_OF_NETWORK, ...FAULTS_OF_PROCESSES];
  expect(faults.map(({ code }) => code).filter((code) => !seen.has(code))).toEqual([]);
  expect(faults.length).toBeGreaterThanOrEqual(30);
});
