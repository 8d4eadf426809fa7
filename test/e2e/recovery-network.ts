/**
 * The four nodes of the compose file as processes, for the recovery pages of docs/operations.md: bash runs the marked blocks of a page
 * as they are printed, in the network's folder, while a payer pays at a node that the page is not about.
 */
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { freePort } from "../support/free-ports.ts";
import {
  isRunning,
  type Outcome,
  processesNaming,
  ROOT,
  run,
  untilGone,
} from "../support/guarded-process.ts";

export const NAMES = ["alpha", "bravo", "charlie", "delta"];
/** The node at which the payer pays. */
const PAYING = "bravo";
const PAGE = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
const BLOCK = /<!-- recovery: ([\w ]+) -->\n```sh\n([\s\S]*?)```/g;
const LIMIT_MS = 240_000;
export const POLL = { timeout: LIMIT_MS, interval: 250 };
/** Between two payments: they go on all the time, and leave the machine to what the operator does. */
const PACE_MS = 100;
export const SCOPES = "read:all,submit,custody,issue";

/** The surroundings of a block besides the network. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** The beginning of the command, such as one that enters another namespace. */
  readonly within?: readonly string[];
}

/** The blocks of a page of the handbook, as they are printed. */
export function page(name: string): string {
  const blocks = [...PAGE.matchAll(BLOCK)].filter(([, one]) => one === name);
  expect(blocks.length, name).toBeGreaterThan(0);
  return blocks.map(([, , text]) => text).join("\n");
}

export class RecoveryNetwork {
  readonly #home = mkdtempSync(join(tmpdir(), "countersign-recovery-"));
  /** The folder in which the blocks run. */
  readonly folder = join(this.#home, "net");
  /** Programs of the test that blocks find before those of the machine. */
  readonly programs = join(this.#home, "bin");
  readonly #env: Record<string, string> = {
    PATH: `${this.programs}:${dirname(process.execPath)}:${process.env["PATH"]}`,
    COUNTERSIGN: "countersign",
  };
  /** Of the first node's client listener; those of the others follow. */
  readonly port: number;
  #tokens = 0;

  private constructor(port: number) {
    this.port = port;
  }

  /** Sets the members up, and starts none. */
  static async create(): Promise<RecoveryNetwork> {
    const network = new RecoveryNetwork(await freePort(8));
    await network.#setUp();
    return network;
  }

  async #setUp(): Promise<void> {
    mkdirSync(this.folder);
    mkdirSync(this.programs);
    this.addProgram("countersign", `exec "${process.execPath}" "${ROOT}src/cli/main.ts" "$@"`);
    for (const [i, name] of NAMES.entries()) {
      this.#env[`CLIENT_${name}`] = `127.0.0.1:${this.port + i}`;
      this.#env[`OPERATOR_${name}`] = `127.0.0.1:${this.port + 4 + i}`;
      this.#env[`PEER_${name}`] = `127.0.0.1:${this.port + 100 + i}`;
    }
    await this.must(`sh ${ROOT}ops/compose/setup.sh ${this.folder}`);
  }

  async remove(): Promise<void> {
    for (const name of NAMES) await this.kill(name);
    expect(NAMES.flatMap((name) => this.processesOf(name))).toEqual([]);
    rmSync(this.#home, { recursive: true, force: true });
  }

  addProgram(name: string, text: string): void {
    writeFileSync(join(this.programs, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  /** The path of a file of the network. */
  at(...path: string[]): string {
    return join(this.folder, ...path);
  }

  read(...path: string[]): string {
    return readFileSync(this.at(...path), "utf8");
  }

  bash(text: string, { env = {}, within = [] }: Surroundings = {}): Promise<Outcome> {
    // Another mount namespace begins in its root folder.
    const script = `cd "$0"\n${text}`;
    return run([...within, "bash", "-euo", "pipefail", "-c", script, this.folder], {
      cwd: this.folder,
      env: { ...this.#env, ...env },
      limitMs: LIMIT_MS,
    });
  }

  async must(text: string, surroundings: Surroundings = {}): Promise<string> {
    const { code, stdout, stderr } = await this.bash(text, surroundings);
    expect(code, `${text}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  }

  async start(name: string, surroundings: Surroundings = {}): Promise<void> {
    const command = `countersign node --config ${name}/config.json >> ${name}/node.log 2>&1 &`;
    await this.must(command, surroundings);
  }

  async untilReady(name: string): Promise<void> {
    const ready = `countersign node status --ready --config ${name}/config.json`;
    await this.must(`until ${ready}; do sleep 1; done`);
  }

  async height(name: string): Promise<number> {
    const status = await this.must(`countersign node status --json --config ${name}/config.json`);
    return Number(JSON.parse(status).status.height);
  }

  /** The processes of a member: the blocks start them with a path beside the working folder. */
  processesOf(name: string): number[] {
    return processesNaming(`${name}/config.json`).filter((pid) => {
      try {
        return isRunning(pid) && readlinkSync(`/proc/${pid}/cwd`) === this.folder;
      } catch {
        return false;
      }
    });
  }

  async kill(name: string): Promise<void> {
    const pids = this.processesOf(name);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await this.untilEnded(pids);
  }

  async untilEnded(pids: readonly number[]): Promise<void> {
    await untilGone([...pids], LIMIT_MS);
  }

  clientOf(name: string, token: string): GatewayClient {
    return createGatewayClient({
      baseUrl: `https://127.0.0.1:${this.port + NAMES.indexOf(name)}`,
      ca: this.read(name, "ca.pem"),
      token: token.trim(),
    });
  }

  /** A token of this node for a new principal. */
  async newToken(node: string): Promise<string> {
    this.#tokens += 1;
    return await this.must(
      `countersign token create --config ${node}/config.json --name caller-${this.#tokens} --scopes ${SCOPES}`,
    );
  }

  /**
   * Pays one by one at a node while `act` runs: each payment is applied, there are some before and after, and at the end the payee
   * has the money of each, also by what the node that came back says.
   */
  async whilePaying(act: () => Promise<void>, back = "alpha"): Promise<void> {
    const client = this.clientOf(PAYING, await this.newToken(PAYING));
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
      while (!isOver) {
        await pay();
        await pause(PACE_MS);
      }
      await pay();
    })();
    await Promise.all([acting, paying]);
    expect(await balanceAt(client, to)).toBe(paid);
    client.close();
    const there = this.clientOf(back, await this.newToken(back));
    await expect.poll(() => balanceAt(there, to).catch(() => undefined), POLL).toBe(paid);
    there.close();
  }
}

/** A payer with money, and a payee. */
export async function newWallets(client: GatewayClient): Promise<readonly [string, string]> {
  const payer = await client.calls.walletCreation({ initialBalance: 1_000_000n });
  const payee = await client.calls.walletCreation({});
  return [payer.wallet?.id ?? "", payee.wallet?.id ?? ""];
}

export async function balanceAt(client: GatewayClient, id: string): Promise<bigint | undefined> {
  return (await client.calls.getWallet({ id })).wallet?.balance;
}
