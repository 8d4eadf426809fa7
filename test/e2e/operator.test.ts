/**
 * Goal: an operator changes a running node without an end to any call, and takes it out of service without losing an
 * order. Method: real nodes, the real command line, real signals, curl on the node's socket.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { countersign } from "../cli/countersign.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { freePort } from "../support/free-ports.ts";
import { COUNTERSIGN, GuardedProcess, isRunning, untilGone } from "../support/guarded-process.ts";

const POLL = { timeout: 120_000 };

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

const fileOf = (index: number, name: string) => join(net.node(index).folder, name);
const logOf = (index: number) => readFileSync(fileOf(index, "node.log"), "utf8");
const onNode = (index: number, ...args: string[]) =>
  countersign(["node", ...args, "--config", net.node(index).configFile]);

function curl(index: number, page: string, ...args: string[]): string {
  const socket = fileOf(index, "operator.sock");
  const code = ["-sS", "-o", "/dev/null", "-w", "%{http_code}"];
  return execFileSync("curl", [
    ...code,
    "--unix-socket",
    socket,
    ...args,
    `http://localhost${page}`,
  ])
    .toString()
    .trim();
}

/** SHA-256 of the certificate that a new connection is shown. */
function shown(index: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(net.node(index).url);
    const options = { host: "127.0.0.1", port: Number(port), servername: "localhost" };
    const socket = connect({ ...options, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

async function newPair(index: number): Promise<void> {
  const made = join(place.home, "made");
  if (!existsSync(made)) await countersign(["certs", "--out", made]);
  else await countersign(["certs", "--out", made, "--renew"]);
  for (const name of ["tls-key.pem", "tls-certificate.pem"]) {
    writeFileSync(fileOf(index, name), readFileSync(join(made, name)));
  }
}

describe("a reload", () => {
  it.each([
    ["by SIGHUP", async () => void process.kill(net.pidOf(0), "SIGHUP")],
    [
      "by the command",
      async () => {
        const { code, out } = await onNode(0, "reload");
        expect({ code, out }).toEqual({
          code: 0,
          out: expect.stringContaining("Taken: clientCertificate, clientKey."),
        });
      },
    ],
  ])("%s shows the new certificate, and ends no call", async (_, reload) => {
    const nodeOptions = { rejectUnauthorized: false };
    const health = createClient(
      Health,
      createGrpcTransport({ baseUrl: net.node(0).url, nodeOptions }),
    );
    const end = new AbortController();
    const watch = health.watch({}, { signal: end.signal })[Symbol.asyncIterator]();
    await watch.next();
    let isOver = false;
    const next = watch.next().then(
      () => (isOver = true),
      () => (isOver = true),
    );
    const before = await shown(0);
    await newPair(0);
    await reload();
    await expect.poll(() => shown(0), POLL).not.toBe(before);
    await health.check({});
    expect(isOver).toBe(false);
    end.abort();
    await next;
  });

  it("of a broken file is refused by name, and the node goes on", async () => {
    const before = await shown(0);
    const kept = readFileSync(fileOf(0, "tls-key.pem"));
    writeFileSync(fileOf(0, "tls-key.pem"), "no key\n");
    const { code, error } = await onNode(0, "reload");
    expect(code).toBe(4);
    expect(error).toMatch(/"clientKey" is .*tls-key\.pem, which is not that certificate's key/);
    process.kill(net.pidOf(0), "SIGHUP");
    await expect.poll(() => logOf(0).match(/"not reloaded/g)?.length, POLL).toBe(2);
    expect(await shown(0)).toBe(before);
    expect((await onNode(0, "status")).out).toMatch(/^last reload .*refused: .*"clientKey"/m);
    writeFileSync(fileOf(0, "tls-key.pem"), kept);
    expect((await onNode(0, "reload")).out).toMatch(/^Nothing has changed\.$/m);
  });

  it("takes the log level of the configuration, also over one that was set by hand", async () => {
    const { configFile } = net.node(1);
    const config = readFileSync(configFile, "utf8");
    await onNode(1, "log-level", "silent");
    const silent = logOf(1);
    await net.calls(1).walletCreation({ initialBalance: 1n });
    expect(logOf(1)).toBe(silent);
    writeFileSync(configFile, config.replace('"info"', '"debug"'));
    process.kill(net.pidOf(1), "SIGHUP");
    await expect.poll(() => logOf(1).slice(silent.length), POLL).toContain('"msg":"reloaded"');
    // What a caller without TLS does is said at this level alone.
    const { port } = new URL(net.node(1).url);
    connectPlain(Number(port), "127.0.0.1")
      .on("error", () => undefined)
      .end("no TLS\n");
    await expect
      .poll(() => logOf(1).slice(silent.length), POLL)
      .toMatch(/"level":20,.*"a TLS handshake failed"/);
    expect((await onNode(1, "log-level")).out).toBe("The log level is debug.\n");
    writeFileSync(configFile, config);
    await onNode(1, "reload");
  });
});

describe("a drain", () => {
  it("answers the orders that were taken, refuses others, and ends with --resume", async () => {
    const [from, to] = await Promise.all([1, 2].map((index) => walletAt(index)));
    const calls = net.calls(2);
    const told = { paid: 0, refused: 0, other: [] as unknown[] };
    let isDone = false;
    const pay = async () => {
      while (!isDone) {
        try {
          const { result } = await calls.walletCreation({ initialBalance: 1n });
          expect(result?.status).toBe(1);
          told.paid += 1;
        } catch (error) {
          if (readRefusal(error)?.reason === "NOT_READY") told.refused += 1;
          else told.other.push(error);
        }
      }
    };
    const payers = Array.from({ length: 8 }, pay);
    await expect.poll(() => told.paid, POLL).toBeGreaterThan(20);
    expect(curl(2, "/readyz", "--head")).toBe("200");
    expect(await onNode(2, "drain", "--wait", "30")).toMatchObject({
      code: 0,
      out: "Out of service; orders under way: 0.\n",
    });
    expect(curl(2, "/readyz", "--head")).toBe("503");
    expect(curl(2, "/healthz")).toBe("200");
    const { paid } = told;
    const height = Number((await calls.getStatus({})).height);
    await expect.poll(() => told.refused, POLL).toBeGreaterThan(20);
    expect(told.paid).toBe(paid);
    // It follows and votes: payments through another node are final here too, and it answers for what it has.
    await net.calls(1).transaction({ transaction: { from: from ?? "", to: to ?? "", amount: 5n } });
    await expect
      .poll(async () => (await calls.getWallet({ id: to ?? "" })).wallet?.balance, POLL)
      .toBe(1005n);
    expect(Number((await calls.getStatus({})).height)).toBeGreaterThan(height);
    expect(await calls.getStatus({})).toMatchObject({
      ready: false,
      notReadyBecause: "its operator has taken it out of service for orders",
    });
    expect(await onNode(2, "drain", "--resume")).toMatchObject({ code: 0 });
    await expect.poll(() => told.paid, POLL).toBeGreaterThan(paid + 20);
    expect(curl(2, "/readyz", "--head")).toBe("200");
    isDone = true;
    await Promise.all(payers);
    expect(told.other).toEqual([]);
  });
});

async function walletAt(index: number): Promise<string> {
  const { wallet } = await net.calls(index).walletCreation({ initialBalance: 1000n });
  return wallet?.id ?? "";
}

describe("the socket of a node", () => {
  it("that was killed is in the way of no start, and that of one that runs is left alone", async () => {
    await net.kill(3);
    expect(existsSync(fileOf(3, "operator.sock"))).toBe(true);
    await net.restart(3);
    expect(curl(3, "/healthz")).toBe("200");
    const config = JSON.parse(readFileSync(net.node(3).configFile, "utf8"));
    const other = fileOf(3, "other.json");
    const socket = `unix:${fileOf(2, "operator.sock")}`;
    await net.kill(3);
    writeFileSync(other, JSON.stringify({ ...config, operatorListen: socket }));
    const { code, error } = await countersign(["node", "--config", other]);
    expect(code).toBe(1);
    expect(error).toMatch(
      /"operatorListen" is unix:.*which is in use: another process answers there/,
    );
    expect(curl(2, "/healthz")).toBe("200");
    await net.restart(3);
  });
});

describe("an address for the operator", () => {
  it("answers those whose certificate has the scope, beside the socket, and probes of strangers", async () => {
    const { configFile } = net.node(3);
    const kept = readFileSync(configFile, "utf8");
    const made = (...names: string[]) => join(place.home, ...names);
    const issue = ["certs", "issue", "--authority", made("authority")];
    await countersign(["certs", "init", "--out", made("authority")]);
    await countersign([...issue, "--client", "ops", "--out", made("ops")]);
    await countersign([...issue, "--client", "prometheus", "--out", made("prometheus")]);
    const port = await freePort(1);
    const clientScopes = { ops: ["operate"], prometheus: ["metrics"] };
    const changed = {
      ...JSON.parse(kept),
      operatorListen: [`127.0.0.1:${port}`, "unix:operator.sock"],
      access: { tokens: false, clientAuthority: made("authority", "ca.pem"), clientScopes },
    };
    await net.kill(3);
    writeFileSync(configFile, JSON.stringify(changed));
    await net.restart(3);
    const ask = (who: string | undefined, path: string, ...args: string[]) => {
      const pair = who === undefined ? [] : certificateOf(made(who));
      const url = `https://localhost:${port}${path}`;
      const all = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", net.caFile];
      return execFileSync("curl", [...all, ...pair, ...args, url]).toString();
    };
    const status = [
      ...["/countersign.v1.OperatorService/GetNodeStatus", "-d", "{}"],
      ...["-H", "content-type: application/json"],
    ] as const;
    expect(ask(undefined, "/readyz", "--head")).toMatch(/^(200|503)$/);
    expect([undefined, "prometheus", "ops"].map((who) => ask(who, "/metrics"))).toEqual([
      "401",
      "200",
      "403",
    ]);
    expect([undefined, "prometheus", "ops"].map((who) => ask(who, ...status))).toEqual([
      "401",
      "403",
      "200",
    ]);
    expect(await onNode(3, "status")).toMatchObject({ code: 0 });
    // A certificate is revoked while the node runs.
    const lost = join(made("prometheus"), "client-certificate.pem");
    await countersign(["certs", "revoke", lost, "--authority", made("authority")]);
    const clientRevocations = made("authority", "crl.pem");
    const access = { ...changed.access, clientRevocations };
    writeFileSync(configFile, JSON.stringify({ ...changed, access }));
    expect((await onNode(3, "reload")).out).toContain("Taken: access.clientRevocations.");
    expect(["prometheus", "ops"].map((who) => ask(who, "/metrics"))).toEqual(["401", "403"]);
    writeFileSync(configFile, JSON.stringify(changed));
    // The authority is replaced while the node runs.
    await countersign(["certs", "init", "--out", made("next")]);
    await countersign([
      "certs",
      "issue",
      "--authority",
      made("next"),
      "--client",
      "ops",
      "--out",
      made("ops2"),
    ]);
    writeFileSync(made("authority", "ca.pem"), readFileSync(made("next", "ca.pem")));
    expect((await onNode(3, "reload")).out).toMatch(
      /Taken: access.clientAuthority, access.clientRevocations\./,
    );
    expect(["ops", "ops2"].map((who) => ask(who, ...status))).toEqual(["401", "200"]);
    await net.kill(3);
    writeFileSync(configFile, kept);
    await net.restart(3);
  });
});

function certificateOf(folder: string): string[] {
  const at = (name: string) => join(folder, `client-${name}.pem`);
  return ["--cert", at("certificate"), "--key", at("key")];
}

describe("a node that was started in a terminal", () => {
  it("ends when the terminal is closed, and reloads on SIGHUP while it is there", async () => {
    await net.kill(3);
    const words = [...COUNTERSIGN, "node", "--config", net.node(3).configFile];
    const line = `exec ${words.map((word) => `'${word}'`).join(" ")}`;
    const terminal = new GuardedProcess(["script", "-qefc", line, "/dev/null"]);
    await terminal.until(() => terminal.stdout.includes('"msg":"listening"'), 60_000);
    const pid = pidIn((await onNode(3, "status", "--json")).out);
    process.kill(pid, "SIGHUP");
    await terminal.until(() => terminal.stdout.includes('"msg":"reloaded"'), 60_000);
    expect(isRunning(pid)).toBe(true);
    terminal.signal("SIGKILL");
    await untilGone([pid], 60_000);
    expect(existsSync(fileOf(3, "operator.sock"))).toBe(false);
    await net.restart(3);
  });
});

function pidIn(json: string): number {
  return Number(JSON.parse(json).process.pid);
}
