// One way between two nodes: a TCP proxy that one of them dials instead of the other, and what may befall its bytes.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a fault does to a way while it lasts; of several at once each adds its own. */
export interface Trouble {
  /** No byte passes in either direction; what was sent waits, as while packets are lost. */
  readonly held?: boolean;
  /** Connections are refused, and open ones cut. */
  readonly refused?: boolean;
  /** For every piece of at most 64 KiB. */
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
  /** Told whenever the troubles change. */
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

  /** `fault` names who asks, so that one fault's end leaves another's trouble. */
  trouble(fault: number, trouble: Trouble): void {
    this.#troubles.set(fault, trouble);
    if (trouble.refused) this.cut();
    this.#tell();
  }

  relieve(fault: number): void {
    if (this.#troubles.delete(fault)) this.#tell();
  }

  /** Ends every connection in the middle of whatever it carries; gives how many there were. */
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
      // A connection that ends in the middle is what this is for.
      source.destroy();
      target.destroy();
    }
  }

  /** Settles when a piece of so many bytes may go on. */
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
