/**
 * Goal: the image's entry point, health check and end work, and compose.yaml's network starts, as far as this can be
 * seen without containers. Method: the steps of the Dockerfile run in a folder, in which /opt/countersign and /node
 * are; setup.sh makes the network as in the compose file, on ports of loopback.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { execForm, readDockerfile, type Stage, textsOf } from "../support/dockerfile.ts";
import { freePort } from "../support/free-ports.ts";
import { GuardedProcess, ROOT, run } from "../support/guarded-process.ts";

const NAMES = ["alpha", "bravo", "charlie", "delta"];
const [build, image] = readDockerfile(readFileSync(join(ROOT, "Dockerfile"), "utf8")) as [
  Stage,
  Stage,
];
const compose = parse(readFileSync(join(ROOT, "compose.yaml"), "utf8"), { merge: true });
const POLL = { timeout: 240_000, interval: 500 };
/** Ends what hangs: a setup is twenty commands, which take seconds, and a minute on a busy machine. */
const LIMIT_MS = 240_000;

const home = mkdtempSync(join(tmpdir(), "countersign-image-"));
const app = join(home, "opt/countersign");
const network = join(home, "network");
const nodes = new Map<string, GuardedProcess>();
/** As in the image: the runtime is `node` of the path, and nothing of this clone is on it. */
const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
let env: Record<string, string>;
let port: number;

/** A command of the image, in the container of a member. */
function inContainer(name: string, words: readonly string[]): string[] {
  return words.map((word) =>
    word.replace("/opt/countersign", app).replace(/^\/node(?=\/|$)/, join(network, name)),
  );
}

const command = (name: string, ...args: string[]) =>
  run(inContainer(name, [...execForm(image, "ENTRYPOINT"), ...args]), {
    cwd: home,
    env,
    limitMs: LIMIT_MS,
  });
const health = (name: string) =>
  run(inContainer(name, execForm(image, "HEALTHCHECK")), { cwd: home, env, limitMs: LIMIT_MS });

function start(name: string): void {
  const words = [...execForm(image, "ENTRYPOINT"), ...execForm(image, "CMD")];
  nodes.set(name, new GuardedProcess(inContainer(name, words), { cwd: home, env }));
}

/** Every file under a folder with its time and size, sorted. */
function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.map((one) => join(one.parentPath, one.name)).sort();
}

beforeAll(async () => {
  // The stage that builds: its COPY and RUN steps, in its folder.
  mkdirSync(app, { recursive: true });
  for (const { keyword, text } of build.instructions) {
    if (keyword === "COPY") {
      const words = text.split(" ");
      const to = words.at(-1) ?? "";
      for (const from of words.slice(0, -1)) {
        const target = to.endsWith("/") ? join(app, to, from) : join(app, to);
        cpSync(join(ROOT, from), target, { recursive: true });
      }
    }
    if (keyword === "RUN") execFileSync("sh", ["-c", text], { cwd: app, stdio: "pipe" });
  }
  port = await freePort(8);
  env = { PATH, COUNTERSIGN: `node ${app}/bin/countersign.js` };
  for (const [i, name] of NAMES.entries()) {
    env[`CLIENT_${name}`] = `127.0.0.1:${port + i}`;
    env[`OPERATOR_${name}`] = `127.0.0.1:${port + 4 + i}`;
    env[`PEER_${name}`] = `127.0.0.1:${port + 100 + i}`;
  }
  mkdirSync(network);
});

afterAll(async () => {
  for (const one of nodes.values()) await one.destroy();
  rmSync(home, { recursive: true, force: true });
});

const setUp = () => {
  const [shell = "", script = ""] = compose.services.setup.entrypoint;
  const [source = ""] = compose.services.setup.volumes[1].split(":");
  expect(script).toBe("/setup.sh");
  return run([shell, join(ROOT, source), network], { cwd: home, env, limitMs: LIMIT_MS });
};

describe("the network of the compose file, from the image", () => {
  it("leaves the runtime and everything for development out of the image", () => {
    expect(existsSync(join(app, "node_modules/pino"))).toBe(true);
    for (const name of ["vitest", "typescript", "yaml", `node-linux-${process.arch}`])
      expect(existsSync(join(app, "node_modules", name)), name).toBe(false);
  });

  it("is set up once; a second run changes nothing, and one that was interrupted is not begun anew", async () => {
    expect(await setUp()).toMatchObject({ code: 0, stderr: "" });
    const before = filesOf(network);
    expect(await setUp()).toMatchObject({ code: 0 });
    expect(filesOf(network)).toEqual(before);
    rmSync(join(network, "complete"));
    const half = await setUp();
    expect(half.code).toBe(1);
    expect(half.stderr).toMatch(/setup that did not end/);
    expect(filesOf(network).length).toBe(before.length - 1);
  });

  it("becomes healthy by the image's own check, and writes nothing into the program's folder", async () => {
    expect((await health("alpha")).code).toBe(1);
    const before = filesOf(app);
    for (const name of NAMES) start(name);
    for (const name of NAMES) {
      await expect.poll(async () => (await health(name)).code, POLL).toBe(0);
      const ready = ["node", "status", "--ready", "--config", "/node/config.json"];
      await expect.poll(async () => (await command(name, ...ready)).code, POLL).toBe(0);
    }
    expect(filesOf(app)).toEqual(before);
  });

  it("shows its metrics to Prometheus, by the certificate that setup.sh made, and takes no order from it", async () => {
    const file = (name: string) => readFileSync(join(network, "prometheus", name));
    const tls = {
      ca: file("ca.pem"),
      cert: file("client-certificate.pem"),
      key: file("client-key.pem"),
      servername: "alpha",
    };
    const get = (options: object, at: number, path: string) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const asked = request({ host: "127.0.0.1", port: at, path, ...options }, (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (chunk) => (text += chunk));
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
        });
        asked.on("error", reject).end();
      });
    const metrics = await get(tls, port + 4, "/metrics");
    expect(metrics).toMatchObject({ status: 200 });
    expect(metrics.text).toMatch(/^countersign_ready 1$/m);
    expect((await get({ ca: tls.ca, servername: "alpha" }, port + 4, "/metrics")).status).toBe(401);
    expect((await get(tls, port, "/peers")).status).toBe(403);
  });

  it("pays", async () => {
    const config = ["--config", "/node/config.json"];
    const scopes = ["--scopes", "read:all,submit,custody,issue"];
    const made = await command("alpha", "token", "create", ...config, "--name", "me", ...scopes);
    const authorization = `Bearer ${made.stdout.trim()}`;
    const call = async (method: string, body: object) => {
      const url = `https://127.0.0.1:${port}/countersign.v1.LedgerService/${method}`;
      const args = ["-sS", "--fail-with-body", "--cacert", join(network, "alpha/ca.pem")];
      const headers = [
        "-H",
        `authorization: ${authorization}`,
        "-H",
        "content-type: application/json",
      ];
      const asked = ["curl", ...args, ...headers, url, "-d", JSON.stringify(body)];
      const said = await run(asked, { limitMs: LIMIT_MS });
      expect(said.code, said.stdout).toBe(0);
      return JSON.parse(said.stdout);
    };
    const { wallet: payer } = await call("WalletCreation", { initialBalance: "1000" });
    const { wallet: payee } = await call("WalletCreation", {});
    const paid = await call("Transaction", {
      transaction: { from: payer.id, to: payee.id, amount: "25" },
      wait: "WAIT_SEALED",
    });
    expect(paid.result.status).toBe("RESULT_STATUS_APPLIED");
    expect(paid.receipt.sealedHeader.seal).toMatch(/./);
  });

  it("ends with 0 on the image's stop signal, within the time that the compose file gives", async () => {
    const [signal] = textsOf(image, "STOPSIGNAL") as [NodeJS.Signals];
    const graceMs = Number(/^(\d+)s$/.exec(compose.services.alpha.stop_grace_period)?.[1]) * 1000;
    expect(graceMs).toBeGreaterThan(0);
    for (const [name, one] of nodes) {
      const told = performance.now();
      one.signal(signal);
      expect(await one.ended, `${name}: ${one.stderr}`).toMatchObject({ code: 0, signal: null });
      expect(performance.now() - told).toBeLessThan(graceMs);
    }
    expect((await health("alpha")).code).toBe(1);
  });
});

describe("the script that prepares a pod's volume", () => {
  const pod = join(home, "pod");
  const config = join(pod, "node/config.json");

  const prepare = () =>
    run(["sh", join(ROOT, "ops/kubernetes/prepare.sh")], {
      cwd: home,
      limitMs: LIMIT_MS,
      env: {
        ...env,
        SECRETS: join(pod, "secrets"),
        CONFIG: join(pod, "config"),
        NODE: join(pod, "node"),
        MEMORY: join(pod, "memory"),
        PROGRAM: `${app}/bin/countersign.js`,
      },
    });

  it("sets the node up once from the files of secrets that a group may read, and takes new ones at each start", async () => {
    for (const name of ["secrets", "config", "node", "memory"])
      mkdirSync(join(pod, name), { recursive: true });
    const listen = ["--peer-address", "127.0.0.1:7101", "--client-address", "127.0.0.1:7001"];
    const members = ["one", "two"].map((name) => join(pod, name));
    for (const [i, out] of members.entries()) {
      const addresses = listen.map((word) => word.replace(/1$/, `${i + 1}`));
      const made = ["keygen", "--node", `member${i}`, ...addresses, "--out", out];
      expect((await command("alpha", ...made)).code).toBe(0);
    }
    const files = members.map((member) => join(member, "member.json"));
    const genesis = join(pod, "config/genesis.json");
    const composed = ["genesis", "compose", ...files, "--issuers", "member0", "--out", genesis];
    expect((await command("alpha", ...composed)).code).toBe(0);
    const [first = ""] = members;
    const secrets = {
      passphrase: join(first, "passphrase"),
      "identity.key.json": join(first, "keys/identity.key.json"),
      "custody.key.json": join(first, "keys/custody.key.json"),
      "tls.crt": join(network, "alpha/tls-certificate.pem"),
      "tls.key": join(network, "alpha/tls-key.pem"),
    };
    for (const [name, from] of Object.entries(secrets))
      execFileSync("install", ["-m", "0440", from, join(pod, "secrets", name)]);

    expect(await prepare()).toMatchObject({ code: 0, stderr: "" });
    const made = readFileSync(config, "utf8");
    expect(JSON.parse(made)).toMatchObject({
      node: "member0",
      passphraseFile: "../memory/passphrase",
      clientListen: "[::]:7001",
      access: { tokens: true },
    });
    execFileSync("install", [
      ...["-m", "0440", join(network, "bravo/tls-certificate.pem")],
      join(pod, "secrets/tls.crt"),
    ]);
    expect(await prepare()).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(config, "utf8")).toBe(made);
    expect(readFileSync(join(pod, "memory/tls-certificate.pem"), "utf8")).toBe(
      readFileSync(join(network, "bravo/tls-certificate.pem"), "utf8"),
    );
    const modes = execFileSync("stat", ["-c", "%a", ...filesOf(join(pod, "memory"))]).toString();
    expect(new Set(modes.trim().split("\n"))).toEqual(new Set(["600"]));
  });
});
