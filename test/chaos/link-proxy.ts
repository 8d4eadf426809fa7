// One way between two nodes: a TCP proxy that one node dials instead of the other, with faults that can be switched
// on.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The effect of a fault on a way while it lasts; the effects of several faults add up. */
export interface Trouble {
  /** No byte passes in either direction; bytes that were sent wait, as while packets are lost. */
  readonly held?: boolean;
  /** New connections are refused, and open ones are cut. */
  readonly refused?: boolean;
  /** Delay of every piece of at most 64 KiB. */
  readonly delayMs?: number;
  readonly bytesPerSecond?: number;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export class LinkProxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #troubles = new Map<number, Trouble>();
  /** Called when the faults change. */
  #changed = Promise.withResolvers<void>();
  #closed = false;

  /** `target` is a port on loopback. */
  constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near));
  }

  /** The port that it listens on. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return address.port;
  }

  /** `fault` names the cause, so that the end of one fault does not end another. */
  trouble(fault: number, trouble: Trouble): void {
    this.#troubles.set(fault, trouble);
    if (trouble.refused) this.cut();
    this.#tell();
  }

  relieve(fault: number): void {
    if (this.#troubles.delete(fault)) this.#tell();
  }

  /** Cuts every connection in the middle of its data; gives their number. */
  cut(): number {
    const open = [...this.#pairs];
    for (const { near, far } of open) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    return open.length;
  }

  close(): void {
    this.#closed = true;
    this.#server.close();
    this.cut();
    this.#tell();
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    changed.resolve();
  }

  #has(name: "held" | "refused"): boolean {
    return [...this.#troubles.values()].some((trouble) => trouble[name] === true);
  }

  #accept(near: Socket): void {
    near.on("error", () => undefined);
    if (this.#has("refused")) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: "127.0.0.1", port: this.#target, allowHalfOpen: true });
    far.on("error", () => undefined);
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.once("close", () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    void this.#pump(near, far);
    void this.#pump(far, near);
  }

  async #pump(source: Socket, target: Socket): Promise<void> {
    try {
      for await (const piece of source) {
        if (!Buffer.isBuffer(piece)) throw new Error("a socket without encoding gives bytes");
        await this.#pass(piece.length);
        if (target.destroyed) return;
        if (!target.write(piece)) await once(target, "drain");
      }
      await this.#pass(0);
      target.end();
    } catch {
      // Connections are meant to end in the middle here.
      source.destroy();
      target.destroy();
    }
  }

  /** Settles when a piece of this many bytes may go on. */
  async #pass(bytes: number): Promise<void> {
    while (this.#has("held") && !this.#closed) await this.#changed.promise;
    let delay = 0;
    for (const {
      delayMs = 0,
      bytesPerSecond = Number.POSITIVE_INFINITY,
    } of this.#troubles.values()) {
      delay += delayMs + (bytes * 1_000) / bytesPerSecond;
    }
    if (delay > 0) await sleep(delay);
  }
}
