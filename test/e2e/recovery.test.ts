/**
 * Goal: the pages "Recovery" of docs/operations.md bring a node back, as they are printed, while payments go on. Method: the four
 * nodes of the compose file as processes, each fault made for real, the marked blocks run by bash, and a payer at another node.
 */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { issueCertificate, termsOf } from "../../src/transport/certificate-authority.ts";
import { freePort } from "../support/free-ports.ts";
import {
  isRunning,
  type Outcome,
  processesNaming,
  ROOT,
  run,
  untilGone,
} from "../support/guarded-process.ts";

const NAMES = ["alpha", "bravo", "charlie", "delta"];
const PAGE = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
const BLOCK = /<!-- recovery: ([\w ]+) -->\n```sh\n([\s\S]*?)```/g;
const POLL = { timeout: 240_000, interval: 250 };
const LIMIT_MS = 240_000;
const SCOPES = "read:all,submit,custody,issue";
const DAY_MS = 86_400_000;

const home = mkdtempSync(join(tmpdir(), "countersign-recovery-"));
const net = join(home, "net");
const env: Record<string, string> = {
  PATH: `${join(home, "bin")}:${dirname(process.execPath)}:${process.env["PATH"]}`,
  COUNTERSIGN: "countersign",
};
let port: number;

const bash = (text: string): Promise<Outcome> =>
  run(["bash", "-euo", "pipefail", "-c", text], { cwd: net, env, limitMs: LIMIT_MS });
async function must(text: string): Promise<string> {
  const { code, stdout, stderr } = await bash(text);
  expect(code, `${text}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** The blocks of a page of the handbook, as they are printed. */
function page(name: string): string {
  const blocks = [...PAGE.matchAll(BLOCK)].filter(([, one]) => one === name);
  expect(blocks.length, name).toBeGreaterThan(0);
  return blocks.map(([, , text]) => text).join("\n");
}

const start = (name: string) =>
  must(`countersign node --config ${name}/config.json >> ${name}/node.log 2>&1 &`);
const untilReady = (name: string) =>
  must(`until countersign node status --ready --config ${name}/config.json; do sleep 1; done`);

/** The processes of a member: the blocks start them with a path beside the working folder. */
function processesOf(name: string): number[] {
  return processesNaming(`${name}/config.json`).filter((pid) => {
    try {
      return isRunning(pid) && readlinkSync(`/proc/${pid}/cwd`) === net;
    } catch {
      return false;
    }
  });
}

async function kill(name: string): Promise<void> {
  const pids = processesOf(name);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await untilGone(pids, LIMIT_MS);
}

function clientOf(name: string, token: string): GatewayClient {
  const ca = readFileSync(join(net, name, "ca.pem"), "utf8");
  return createGatewayClient({
    baseUrl: `https://127.0.0.1:${port + NAMES.indexOf(name)}`,
    ca,
    token,
  });
}

async function newWallets(client: GatewayClient): Promise<readonly [string, string]> {
  const payer = await client.calls.walletCreation({ initialBalance: 1_000_000n });
  const payee = await client.calls.walletCreation({});
  return [payer.wallet?.id ?? "", payee.wallet?.id ?? ""];
}

/** Pays one by one at bravo while `act` runs: each payment is applied, and there are some before, and after the end of `act`. */
async function whilePaying(act: () => Promise<void>): Promise<void> {
  const token = await must(
    `countersign token list --config bravo/config.json | grep -q payer || countersign token create --config bravo/config.json --name payer --scopes ${SCOPES} > payer.token; cat payer.token`,
  );
  const client = clientOf("bravo", token.trim());
  const [from, to] = await newWallets(client);
  let paid = 0n;
  const pay = async () => {
    const { result } = await client.calls.transaction({ transaction: { from, to, amount: 1n } });
    expect(result?.status).toBe(1);
    paid += 1n;
  };
  await pay();
  let isOver = false;
  const acting = act().finally(() => {
    isOver = true;
  });
  const paying = (async () => {
    while (!isOver) await pay();
    await pay();
  })();
  await Promise.all([acting, paying]);
  const { wallet } = await client.calls.getWallet({ id: to });
  expect(wallet?.balance).toBe(paid);
  client.close();
}

beforeAll(async () => {
  mkdirSync(net);
  mkdirSync(join(home, "bin"));
  const command = `#!/bin/sh\nexec "${process.execPath}" "${ROOT}src/cli/main.ts" "$@"\n`;
  writeFileSync(join(home, "bin", "countersign"), command, { mode: 0o755 });
  port = await freePort(8);
  for (const [i, name] of NAMES.entries()) {
    env[`CLIENT_${name}`] = `127.0.0.1:${port + i}`;
    env[`OPERATOR_${name}`] = `127.0.0.1:${port + 4 + i}`;
    env[`PEER_${name}`] = `127.0.0.1:${port + 100 + i}`;
  }
  await must(`sh ${ROOT}ops/compose/setup.sh ${net}`);
  for (const name of NAMES.slice(0, 3)) await start(name);
  for (const name of NAMES.slice(0, 3)) await untilReady(name);
});

afterAll(async () => {
  for (const name of NAMES) await kill(name);
  expect(NAMES.flatMap(processesOf)).toEqual([]);
  rmSync(home, { recursive: true, force: true });
});

describe("a recovery page brings the node back", () => {
  it("a stuck ceremony: payments settle before it, and the key is there after it, with a share for all", async () => {
    await whilePaying(async () => {
      const token = readFileSync(join(net, "payer.token"), "utf8").trim();
      writeFileSync(join(net, "tokens"), `bravo ${token}\n`, { mode: 0o600 });
      copyFileSync(join(net, "alpha/ca.pem"), join(net, "ca.pem"));
      const network = () => must("countersign network --network . --node bravo");
      await expect
        .poll(network, POLL)
        .toMatch(/^group key +not yet: attempt 1 .* waits for delta, until/m);
      await must(page("stuck ceremony"));
      await expect.poll(network, POLL).toMatch(/^group key +[0-9a-f]{64}$/m);
      expect(await network()).toMatch(/^seals +1 of the holders of a share may fail/m);
    });
  });

  it("a leaked token: it is refused at once, and its successor has the same wallets", async () => {
    await must(
      `countersign token create --config alpha/config.json --name treasury --scopes ${SCOPES} > leaked.token`,
    );
    const leaked = readFileSync(join(net, "leaked.token"), "utf8").trim();
    const before = clientOf("alpha", leaked);
    const [from, to] = await newWallets(before);
    await must(page("leaked token"));
    await expect(before.calls.getWallet({ id: from })).rejects.toThrow(/\[unauthenticated\]/);
    const after = clientOf("alpha", readFileSync(join(net, "new.token"), "utf8").trim());
    const { result } = await after.calls.transaction({ transaction: { from, to, amount: 1n } });
    expect(result?.status).toBe(1);
    for (const client of [before, after]) client.close();
    const audit = await must("cat alpha/data/audit/*.jsonl");
    expect(audit).toContain(createHash("sha256").update(leaked).digest("hex").slice(0, 12));
  });

  it("an expired certificate: clients trust the node again, and no payment waits meanwhile", async () => {
    const file = (name: string) => readFileSync(join(net, name), "utf8");
    const authority = { certificate: file("authority/ca.pem"), key: file("authority/ca-key.pem") };
    const terms = termsOf(file("alpha/tls-certificate.pem"));
    if (terms === undefined) throw new Error("no terms");
    const expired = await issueCertificate(authority, {
      ...terms,
      key: file("alpha/tls-key.pem"),
      validity: { now: Date.now() - 20 * DAY_MS, days: 10 },
    });
    mkdirSync(join(net, "issued"));
    for (const folder of ["alpha", "issued"]) {
      writeFileSync(join(net, folder, "tls-certificate.pem"), expired.certificate);
      writeFileSync(join(net, folder, "tls-key.pem"), expired.key, { mode: 0o600 });
    }
    // A reload takes no certificate that has expired: this node shows one that expired while it ran.
    await kill("alpha");
    await start("alpha");
    await untilReady("alpha");
    const trusts = () =>
      new Promise<string>((resolve) => {
        const options = { host: "127.0.0.1", port, servername: "alpha", ca: authority.certificate };
        const socket = connect(options, () => resolve("trusted"));
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
        socket.once("secureConnect", () => socket.destroy());
      });
    expect(await trusts()).toBe("CERT_HAS_EXPIRED");
    await whilePaying(async () => void (await must(page("expired certificate"))));
    expect(await trusts()).toBe("trusted");
  });

  it("a lost disk: the node does not vote without its store, and has everything again after the page", async () => {
    await kill("alpha");
    rmSync(join(net, "alpha/data/store"), { recursive: true });
    const refused = await bash("countersign node --config alpha/config.json");
    expect(refused.code).not.toBe(EXIT.ok);
    expect(refused.stderr).toContain("rejoin");
    await whilePaying(async () => void (await must(page("lost store"))));
    const height = async (name: string) => {
      const status = await must(`countersign node status --json --config ${name}/config.json`);
      return Number(JSON.parse(status).status.height);
    };
    const reached = await height("bravo");
    await expect.poll(() => height("alpha"), POLL).toBeGreaterThanOrEqual(reached);
    expect(existsSync(join(net, "alpha/store-lost"))).toBe(false);
  });
});
