/**
 * Goal: the pages "Recovery" of docs/operations.md bring a node back, as they are printed, while payments go on, and no payment is
 * lost. Method: the four nodes of the compose file as processes, each fault made for real, the marked blocks run by bash, and a
 * payer at another node.
 */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { issueCertificate, termsOf } from "../../src/transport/certificate-authority.ts";
import { AttackProgram } from "../attack/orders.ts";
import { ROOT } from "../support/guarded-process.ts";
import { NamespaceDisk } from "./namespace-disk.ts";
import {
  balanceAt,
  NAMES,
  newWallets,
  POLL,
  page,
  RecoveryNetwork,
  SCOPES,
} from "./recovery-network.ts";

const DAY_MS = 86_400_000;
/** Far beyond `clockSkewMs` of a genesis that names no timings. */
const AHEAD_MS = 60_000;

/** The files of a node that no backup has. */
const KEPT_ELSEWHERE = [
  ...["config.json", "genesis.json", "passphrase"],
  ...["tls-certificate.pem", "tls-key.pem", "ca.pem"],
];

let net: RecoveryNetwork;

beforeAll(async () => {
  net = await RecoveryNetwork.create();
  for (const name of NAMES.slice(0, 3)) await net.start(name);
  for (const name of NAMES.slice(0, 3)) await net.untilReady(name);
});

afterAll(async () => {
  await net.remove();
});

describe("a recovery page brings the node back", () => {
  it("a stuck ceremony: payments settle before it, and the key is there after it, with a share for all", async () => {
    const token = await net.newToken("bravo");
    writeFileSync(net.at("tokens"), `bravo ${token}\n`, { mode: 0o600 });
    copyFileSync(net.at("alpha/ca.pem"), net.at("ca.pem"));
    const network = () => net.must("countersign network --network . --node bravo");
    await net.whilePaying(async () => {
      await expect
        .poll(network, POLL)
        .toMatch(/^group key +not yet: attempt 1 .* waits for delta, until/m);
      await net.must(page("stuck ceremony"));
      await expect.poll(network, POLL).toMatch(/^group key +[0-9a-f]{64}$/m);
      expect(await network()).toMatch(/^seals +1 of the holders of a share may fail/m);
    }, "delta");
  });

  it("a leaked token: it is refused at once, and its successor has the same wallets", async () => {
    await net.must(
      `countersign token create --config alpha/config.json --name treasury --scopes ${SCOPES} > leaked.token`,
    );
    const leaked = net.read("leaked.token").trim();
    const before = net.clientOf("alpha", leaked);
    const [from, to] = await newWallets(before);
    await net.must(page("leaked token"));
    await expect(before.calls.getWallet({ id: from })).rejects.toThrow(/\[unauthenticated\]/);
    const after = net.clientOf("alpha", net.read("new.token"));
    const { result } = await after.calls.transaction({ transaction: { from, to, amount: 1n } });
    expect(result?.status).toBe(1);
    for (const client of [before, after]) client.close();
    const audit = await net.must("cat alpha/data/audit/*.jsonl");
    expect(audit).toContain(createHash("sha256").update(leaked).digest("hex").slice(0, 12));
  });

  it("an expired certificate: clients trust the node again, and no payment waits meanwhile", async () => {
    const authority = {
      certificate: net.read("authority/ca.pem"),
      key: net.read("authority/ca-key.pem"),
    };
    const terms = termsOf(net.read("alpha/tls-certificate.pem"));
    if (terms === undefined) throw new Error("no terms");
    const expired = await issueCertificate(authority, {
      ...terms,
      key: net.read("alpha/tls-key.pem"),
      validity: { now: Date.now() - 20 * DAY_MS, days: 10 },
    });
    mkdirSync(net.at("issued"));
    for (const folder of ["alpha", "issued"]) {
      writeFileSync(net.at(folder, "tls-certificate.pem"), expired.certificate);
      writeFileSync(net.at(folder, "tls-key.pem"), expired.key, { mode: 0o600 });
    }
    // A reload takes no certificate that has expired: this node shows one that expired while it ran.
    await net.kill("alpha");
    await net.start("alpha");
    await net.untilReady("alpha");
    const trusts = () =>
      new Promise<string>((resolve) => {
        const options = {
          host: "127.0.0.1",
          port: net.port,
          servername: "alpha",
          ca: authority.certificate,
        };
        const socket = connect(options, () => resolve("trusted"));
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
        socket.once("secureConnect", () => socket.destroy());
      });
    expect(await trusts()).toBe("CERT_HAS_EXPIRED");
    await net.whilePaying(async () => void (await net.must(page("expired certificate"))));
    expect(await trusts()).toBe("trusted");
  });

  it("a wrong clock: the node is ready without a restart once its clock is set", async () => {
    const clock = net.at("clock");
    writeFileSync(clock, "0");
    // The machine's clock is shared by all nodes, so this one's is a file, and the command that sets a clock writes it.
    net.addProgram("timedatectl", `echo "timedatectl $*"; echo 0 > "${clock}"`);
    const preload = join(ROOT, "test/chaos/clock-preload.ts");
    const env = { NODE_OPTIONS: `--import ${preload}`, CHAOS_CLOCK_FILE: clock };
    await net.kill("alpha");
    await net.start("alpha", { env });
    await net.untilReady("alpha");
    const [process] = net.processesOf("alpha");
    const status = async () =>
      (await net.bash("countersign node status --config alpha/config.json")).stdout;
    await net.whilePaying(async () => {
      writeFileSync(clock, `${AHEAD_MS}`);
      await expect.poll(status, POLL).toMatch(/not ready: .*clock is [\d.]+ s ahead of its peers'/);
      expect(await net.must(page("wrong clock"))).toContain("timedatectl set-ntp true\n");
      expect(await status()).toMatch(/^state +ready$/m);
    });
    expect(net.processesOf("alpha")).toEqual([process]);
  });

  it.skipIf(!NamespaceDisk.isPossible)(
    "a full disk: the node stops by itself, and goes on where it stopped once there is room",
    async () => {
      await net.kill("alpha");
      const disk = await NamespaceDisk.mount(net.at("alpha/data"));
      const { within } = disk;
      const log = net.read("alpha/node.log").length;
      await net.start("alpha", { within });
      await net.untilReady("alpha");
      await net.whilePaying(async () => {
        const running = net.processesOf("alpha");
        await disk.fill();
        await net.untilEnded(running);
        const said = net.read("alpha/node.log").slice(log);
        expect(said).toMatch(/the disk refused a write .*No space left on device/);
        const again = await net.bash("countersign node --config alpha/config.json", { within });
        expect(again).toMatchObject({ code: EXIT.failed });
        expect((await net.bash(page("full disk"), { within })).code).not.toBe(EXIT.ok);
        await disk.enlarge();
        await net.must(page("full disk"), { within });
      });
      const reached = await net.height("bravo");
      await expect.poll(() => net.height("alpha"), POLL).toBeGreaterThanOrEqual(reached);
      await net.kill("alpha");
      await disk.unmount();
      await net.start("alpha");
      await net.untilReady("alpha");
    },
  );

  it("a compromised node: its money is moved from a clean machine, and the others have the proof", async () => {
    const identity = await generateX25519Identity();
    writeFileSync(net.at("age-identity.txt"), `${identity}\n`, { mode: 0o600 });
    const recipient = await identityToRecipient(identity);
    const treasury = net.clientOf("alpha", net.read("new.token"));
    const { wallet } = await treasury.calls.walletCreation({ initialBalance: 1_234_56n });
    const bravo = net.clientOf("bravo", await net.newToken("bravo"));
    const [, safe] = await newWallets(bravo);
    mkdirSync(net.at("backups"));
    await net.must(
      `countersign backup --config alpha/config.json --out backups/alpha-monday --recipient ${recipient}`,
    );
    treasury.close();
    // The intruder runs a program of their own with the node's keys: it votes twice.
    await net.kill("alpha");
    const order = { configFile: net.at("alpha/config.json"), caFile: net.at("alpha/ca.pem") };
    const intruder = await AttackProgram.start("member.ts", order);
    await net.whilePaying(async () => {
      await intruder.prepare("double-votes");
      intruder.begin();
      const kept = () => net.must("countersign node status --config bravo/config.json");
      await expect.poll(kept, POLL).toMatch(/^evidence +[1-9]/m);
      await intruder.stop();
      renameSync(net.at("alpha"), net.at("intruded"));
      mkdirSync(net.at("alpha"));
      for (const file of KEPT_ELSEWHERE)
        copyFileSync(net.at("intruded", file), net.at("alpha", file));
      await net.must(page("compromised node"), { env: { SAFE: safe } });
      expect(await net.must(page("proofs of the others"))).toMatch(
        /^alpha +conflicting\w+ +proven/m,
      );
    });
    expect(await balanceAt(bravo, wallet?.id ?? "")).toBe(0n);
    expect(await balanceAt(bravo, safe)).toBeGreaterThanOrEqual(1_234_56n);
    bravo.close();
  });

  it("a lost disk: the node does not vote without its store, and has everything again after the page", async () => {
    await net.kill("alpha");
    rmSync(net.at("alpha/data/store"), { recursive: true });
    const refused = await net.bash("countersign node --config alpha/config.json");
    expect(refused.code).not.toBe(EXIT.ok);
    expect(refused.stderr).toContain("rejoin");
    await net.whilePaying(async () => void (await net.must(page("lost store"))));
    const reached = await net.height("bravo");
    await expect.poll(() => net.height("alpha"), POLL).toBeGreaterThanOrEqual(reached);
    expect(existsSync(net.at("alpha/store-lost"))).toBe(false);
  });
});
