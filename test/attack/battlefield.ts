/** The network that is attacked: a development network of four real processes. The fourth member may be the attacker. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import type { Genesis } from "../../src/ledger/genesis.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import type { Attack } from "./attack.ts";
import { heapProbe } from "./heap.ts";
import { AttackProgram } from "./orders.ts";

/** Index of the attacker's member, and of the gateway that clients attack. */
const MEMBER = 3;
const GATEWAY = 0;
const READY_MS = 180_000;
/** The honest node that is away at the start of some attacks. */
const RETURNING = 2;
const AWAY_MS = 3_000;

export interface Watched {
  readonly pids: readonly number[];
  /** The honest node that a client attacks. */
  readonly attackedPid: number | undefined;
  readonly logFiles: readonly string[];
  /** The gateways of honest payments. */
  readonly gateways: readonly GatewayClient[];
}

export interface Burner {
  readonly pid: number;
  stop(): Promise<void>;
}

export class Battlefield {
  readonly devnet: Devnet;
  readonly genesis: Genesis;
  readonly #place: DevnetPlace;
  readonly #clients: readonly GatewayClient[];
  readonly by: Attack["by"];
  readonly program: AttackProgram;
  /** Payments have gone through this network for a while. */
  isWarm = false;

  private constructor(parts: {
    readonly place: DevnetPlace;
    readonly devnet: Devnet;
    readonly by: Attack["by"];
    readonly program: AttackProgram;
  }) {
    this.devnet = parts.devnet;
    this.program = parts.program;
    this.by = parts.by;
    this.#place = parts.place;
    this.genesis = loadGenesis(this.devnet.genesisFile);
    const { ca } = this.devnet;
    this.#clients = this.devnet.nodes.map(({ url }) => createGatewayClient({ baseUrl: url, ca }));
  }

  /** Settles when all four members take part, the attacker's included, before any attack. */
  static async prepare(by: Attack["by"]): Promise<Battlefield> {
    const empty = await newPlace();
    const place = { ...empty, env: heapProbe(empty.home) };
    try {
      const devnet = await Devnet.start(place);
      const isMember = by === "member";
      if (isMember) await devnet.kill(MEMBER);
      const { configFile } = devnet.node(isMember ? MEMBER : GATEWAY);
      const file = isMember ? "member.ts" : "client.ts";
      const order = { configFile, caFile: devnet.caFile };
      const program = await AttackProgram.start(file, order);
      const field = new Battlefield({ place, devnet, by, program });
      await field.#untilLinked();
      return field;
    } catch (error) {
      await leavePlace(place);
      throw error;
    }
  }

  /** The folder of the whole network. */
  get home(): string {
    return this.#place.home;
  }

  /** The nodes measured in an attack: the honest ones that run all the time. */
  watched(attack: Attack): Watched {
    const away = "restartsNode" in attack ? RETURNING : undefined;
    const honest = this.#honest.filter((i) => i !== away);
    // A client attacks one gateway; honest payments go through the others.
    const paying = honest.filter((i) => this.by === "member" || i !== GATEWAY);
    return {
      pids: honest.map((i) => this.devnet.pidOf(i)),
      attackedPid: this.by === "client" ? this.devnet.pidOf(GATEWAY) : undefined,
      logFiles: honest.map((i) => join(this.devnet.node(i).folder, "node.log")),
      gateways: this.#clients.filter((_, i) => paying.includes(i)),
    };
  }

  /** Settles when the honest node that was away is ready again; gives the milliseconds that this took. */
  async restartOne(): Promise<number> {
    await this.devnet.kill(RETURNING);
    await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
    const started = performance.now();
    await this.devnet.restart(RETURNING);
    for (;;) {
      const status = await this.devnet
        .calls(RETURNING)
        .getStatus({})
        .catch(() => undefined);
      if (status?.ready === true) return performance.now() - started;
      if (performance.now() - started > READY_MS) return Number.POSITIVE_INFINITY;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    for (const { close } of this.#clients) close();
    await this.program.stop();
    await this.devnet.stop();
    await leavePlace(this.#place);
  }

  get #honest(): number[] {
    return this.devnet.nodes.map((_, i) => i).filter((i) => this.by === "client" || i !== MEMBER);
  }

  async #untilLinked(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    const others = this.devnet.nodes.length - 1;
    for (;;) {
      const linked = await Promise.all(
        this.#honest.map(async (i) => (await this.devnet.calls(i).getStatus({})).connectedPeers),
      );
      if (linked.every((count) => count === others)) return;
      if (performance.now() > deadline) throw new Error(`linked to ${linked.join(", ")} peers`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export function startBurner(): Burner {
  const child = fork(fileURLToPath(new URL("burner.ts", import.meta.url)), [], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return {
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}
