/**
 * Goal: if one operator comes too late for the group key, all operators are told before that matters, and payers know
 * the state of their payments. Method: four operators with the commands of docs/operations.md, the fourth after the
 * ceremony's deadline.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { countersign, type Outcome } from "../cli/countersign.ts";
import { freePort } from "../support/free-ports.ts";
import { COUNTERSIGN, GuardedProcess } from "../support/guarded-process.ts";

const NODES = ["alpha", "bravo", "charlie", "delta"];
const STEP_MS = 90_000;

let home: string;
const processes = new Map<string, GuardedProcess>();
const clients = new Map<string, GatewayClient>();

const run = (...args: string[]) => countersign(args, { cwd: home });
/** With the lines that are wrapped at 100 columns joined. */
async function status() {
  const { code, out } = await run("status", "--network", ".");
  return { code, out: out.replace(/\n {2}/g, " ") };
}

const json = (outcome: Outcome) => JSON.parse(outcome.out);

async function start(node: string): Promise<void> {
  const child = new GuardedProcess([
    ...[...COUNTERSIGN, "node"],
    ...["--config", join(home, node, "config.json")],
  ]);
  processes.set(node, child);
  await child.until(() => child.stdout.includes('"msg":"listening"'), STEP_MS);
}

async function stop(node: string): Promise<void> {
  const child = processes.get(node);
  child?.signal("SIGTERM");
  await child?.ended;
}

/** Calls the nodes directly: starting a command takes a second or more. */
const statusOf = (node: string) => clients.get(node)?.calls.getStatus({});

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + STEP_MS;
  while (!(await look().catch(() => false))) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-late-"));
  const port = await freePort(NODES.length);
  const keys = NODES.map(async (node, i) => {
    const [peer, client] = [`127.0.0.1:${port + 100 + i}`, `127.0.0.1:${port + i}`];
    await run("keygen", "--node", node, "--peer-address", peer, "--client-address", client);
    await run("certs", "--out", node);
  });
  await Promise.all(keys);
  const members = NODES.map((node) => join(node, "member.json"));
  const compose = ["genesis", "compose", ...members, "--issuers", "alpha"];
  expect(await run(...compose, "--ceremony-timeout", "5000")).toMatchObject({ code: 0 });
  const made = NODES.map((node) => run("init", node, "--genesis", "genesis.json"));
  for (const outcome of await Promise.all(made)) expect(outcome).toMatchObject({ code: 0 });
  // The seals are the subject here: the nodes are open, on loopback.
  for (const node of NODES) {
    const file = join(home, node, "config.json");
    const { access: _, ...open } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify(open));
  }
  const authorities = NODES.map((node) => readFileSync(join(home, node, "ca.pem"), "utf8"));
  writeFileSync(join(home, "ca.pem"), authorities.join(""));
  for (const [i, node] of NODES.entries()) {
    const ca = authorities[i];
    clients.set(node, createGatewayClient({ baseUrl: `https://127.0.0.1:${port + i}`, ca }));
  }
  for (const node of ["alpha", "bravo", "charlie"]) await start(node);
  await until("the group key", async () => (await statusOf("alpha"))?.keyFinal === true);
  await start("delta");
  await until("all to be linked and ready", async () => {
    const all = await Promise.all(NODES.map(statusOf));
    return all.every((node) => node?.ready === true && node.connectedPeers === 3);
  });
}, 4 * STEP_MS);

afterAll(async () => {
  for (const { close } of clients.values()) close();
  await Promise.all([...processes.keys()].map(stop));
  rmSync(home, { recursive: true, force: true });
});

it("tells all operators what the seals tolerate, by a code of its own, though every node is ready", async () => {
  const table = await status();
  expect(table.out).toMatch(/4 of 4 nodes are ready/);
  expect(table.out).toMatch(
    /^seals: 3 hold a share of the group key.*: they tolerate no further failure/m,
  );
  expect(table.out).toMatch(/^- delta holds no share of the group key, and never will/m);
  expect(table.code).toBe(EXIT.reduced);
  const doctor = await run("doctor", "--config", "alpha/config.json");
  expect(doctor.out).toMatch(/^warning SHARE_LEFT_OUT\n {2}the group key was made without delta$/m);
  expect(doctor.out).toContain("0 faults, 1 warning in");
  expect(doctor.code).toBe(EXIT.warned);
  const { out } = await run("network", "--network", ".");
  expect(out).toMatch(/^group key .*made without delta$/m);
  expect(out).toMatch(/^seals .*LESS than the 1 promised/m);
  for (const node of NODES) {
    const log = () => processes.get(node)?.stdout ?? "";
    const told = /"level":40.*delta holds no share.*tolerates fewer failures/;
    await expect.poll(log, { message: node }).toMatch(told);
  }
});

it(
  "lets payments settle without a seal when one more is down, at once and plainly",
  async () => {
    await stop("charlie");
    await until("the loss of a holder", async () => (await statusOf("alpha"))?.sealMargin === -1);
    expect((await status()).out).toContain("no seal can be made now");
    const network = ["--network", ".", "--node", "alpha"];
    const made = json(
      await run("wallet", "create", "--custodial", "--initial-balance", "9", ...network, "--json"),
    );
    const payee = json(await run("wallet", "create", "--custodial", ...network, "--json"));
    const terms = ["--from", made.wallet.id, "--to", payee.wallet.id, "--amount", "1"];
    const timed = async (...more: string[]) => {
      const begun = performance.now();
      const outcome = await run("transfer", ...terms, ...more, ...network);
      return { ...outcome, ms: performance.now() - begun };
    };
    const paid = await timed();
    expect(paid.code).toBe(EXIT.ok);
    expect(paid.out).toMatch(/valid: applied, final, seal pending/);
    const [, receipt = ""] =
      /countersign (receipt get --from \S+ --id \S+) brings/.exec(paid.error) ?? [];
    expect(paid.error).toMatch(/final and stands; only its seal is missing.*not charlie and delta/);
    const demanded = await run("transfer", ...terms, "--wait", "sealed", ...network, "--json");
    expect(demanded.code).toBe(EXIT.unsealed);
    expect(json(demanded).unsealed.reason).toBe("UNSEALED_REASON_TOO_FEW_HOLDERS");
    const settled = await timed("--wait", "final");
    // Half of a gateway's wait for a seal that can come, beside what the command itself takes on this machine.
    expect(paid.ms - settled.ms).toBeLessThan(15_000);
    expect(settled.code).toBe(EXIT.ok);
    expect(settled.error).not.toContain("its seal is missing");
    await start("charlie");
    const { id = "" } = /--id (?<id>\S+)/.exec(receipt)?.groups ?? {};
    await until("the seal", async () => {
      const query = { from: made.wallet.id, id };
      const answer = await clients.get("alpha")?.calls.getReceipt(query);
      return answer?.receipt?.sealPending === false;
    });
    const late = await run(...receipt.split(" "), ...network);
    expect(late.code).toBe(EXIT.ok);
    expect(json(late).receipt.sealPending).toBe(false);
  },
  3 * STEP_MS,
);
