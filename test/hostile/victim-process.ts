/** The test's handle on the attacked process. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Places, VictimState } from "./contract.ts";

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

export class VictimProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #count = 0;
  #errors = "";

  private constructor() {
    const program = fileURLToPath(new URL("victims.ts", import.meta.url));
    this.#child = fork(program, [], {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#child.on("message", (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.error === undefined) waiting?.resolve(reply.answer);
      else waiting?.reject(new Error(reply.error));
    });
    this.#child.once("exit", (code) => {
      const ended = new Error(`the attacked process ended with ${code}: ${this.#errors}`);
      for (const { reject } of this.#waiting.values()) reject(ended);
    });
  }

  /** Settles when the network seals and its honest nodes can be attacked. */
  static async start(): Promise<VictimProcess> {
    const victim = new VictimProcess();
    await victim.#reply(0);
    return victim;
  }

  open(): Promise<Places> {
    return this.#order("open") as Promise<Places>;
  }

  /** Settles when a payment is sealed. */
  async pay(): Promise<void> {
    await this.#order("pay");
  }

  state(): Promise<VictimState> {
    return this.#order("state") as Promise<VictimState>;
  }

  /** Each honest node loses everything that it had not synced, and starts again from its disk. */
  async crashEach(): Promise<void> {
    await this.#order("crashEach");
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
      this.#child.kill("SIGKILL");
    });
  }

  #order(order: string): Promise<unknown> {
    this.#count += 1;
    const reply = this.#reply(this.#count);
    this.#child.send({ id: this.#count, order });
    return reply;
  }

  #reply(id: number): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }
}
