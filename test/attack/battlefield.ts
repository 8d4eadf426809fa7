/** A network of four for attacks: development network, real processes; the fourth member may be the attack's. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LedgerClient } from "../../src/client/ledger-client.ts";
import { createLedgerClient } from "../../src/client/ledger-client.ts";
import type { Genesis } from "../../src/ledger/genesis.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import type { Attack } from "./attack.ts";
import { AttackProgram } from "./orders.ts";

/** The member that is the attack's, and the gateway that clients attack. */
const MEMBER = 3;
const GATEWAY = 0;

export interface Burner {
  readonly pid: number;
  stop(): Promise<void>;
}

export class Battlefield {
  readonly devnet: Devnet;
  readonly genesis: Genesis;
  readonly #place: DevnetPlace;
  readonly #clients: readonly LedgerClient[];
  readonly by: Attack["by"];
  readonly program: AttackProgram;
  /** Payments have gone through it for a while. */
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
    this.#clients = this.devnet.nodes.map(({ url }) => createLedgerClient({ baseUrl: url, ca }));
  }

  /** Settles when all four take part, the attack's member among them, and no attack has begun. */
  static async prepare(by: Attack["by"]): Promise<Battlefield> {
    const place = await newPlace();
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

  /** The nodes whose memory and logs count. */
  get honest(): number[] {
    return this.devnet.nodes.map((_, i) => i).filter((i) => this.by === "client" || i !== MEMBER);
  }

  /** Through which honest payments go: no gateway that is attacked or hostile. */
  get gateways(): LedgerClient[] {
    const avoided = this.by === "member" ? MEMBER : GATEWAY;
    return this.#clients.filter((_, i) => i !== avoided);
  }

  get honestPids(): number[] {
    return this.honest.map((i) => this.devnet.pidOf(i));
  }

  get logFiles(): string[] {
    return this.honest.map((i) => join(this.devnet.node(i).folder, "node.log"));
  }

  async close(): Promise<void> {
    for (const { close } of this.#clients) close();
    await this.program.stop();
    await this.devnet.stop();
    await leavePlace(this.#place);
  }

  async #untilLinked(): Promise<void> {
    const deadline = performance.now() + 60_000;
    const others = this.devnet.nodes.length - 1;
    for (;;) {
      const linked = await Promise.all(
        this.honest.map(async (i) => (await this.devnet.calls(i).getStatus({})).connectedPeers),
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
