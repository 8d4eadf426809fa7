/** The protocol between the measuring process and the program that attacks: prepare, begin, end, and the report. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { unreachable } from "../../src/primitives/assert.ts";
import type { ProgramOrder, Tally } from "./attack.ts";

/** Prepare this attack, begin the prepared one, or end the running one. */
type Order =
  | { readonly kind: "prepare"; readonly name: string }
  | { readonly kind: "begin" }
  | { readonly kind: "end" };

type Told =
  | { readonly kind: "ready" }
  | { readonly kind: "prepared" }
  | { readonly kind: "over"; readonly tally: Tally };

const READY_MS = 180_000;
const PREPARED_MS = 180_000;
const END_MS = 60_000;

export interface Program {
  /** Settles when the attack is ready to begin. */
  prepare(name: string): Promise<Prepared>;
}

/** Settles when everything that the attack started has ended after the signal. */
export type Prepared = (signal: AbortSignal) => Promise<Tally>;

/** The child's side: serves its parent until the parent disconnects. */
export function serveProgram(program: Program): void {
  let end = new AbortController();
  let prepared: Prepared = () => Promise.resolve({});
  let running: Promise<Tally> = Promise.resolve({});
  process.on("message", (order: Order) => {
    switch (order.kind) {
      case "prepare":
        program.prepare(order.name).then((attack) => {
          prepared = attack;
          tell({ kind: "prepared" });
        }, fail);
        return;
      case "begin":
        end = new AbortController();
        running = prepared(end.signal);
        running.catch((error: unknown) => fail(error));
        return;
      case "end":
        end.abort();
        running.then((tally) => tell({ kind: "over", tally }), fail);
        return;
      default:
        unreachable(order);
    }
  });
  process.on("disconnect", () => process.exit(0));
  tell({ kind: "ready" });
}

/** The arguments of the program. */
export function readOrder(): ProgramOrder {
  const order: ProgramOrder = JSON.parse(process.argv[2] ?? "");
  return order;
}

function tell(told: Told): void {
  process.send?.(told);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

/** The parent's side. */
export class AttackProgram {
  readonly #child: ChildProcess;
  #errors = "";
  readonly pid: number;

  private constructor(file: string, order: ProgramOrder) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(order)], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-8_000);
    });
  }

  /** Settles when the program is ready for orders. */
  static async start(file: string, order: ProgramOrder): Promise<AttackProgram> {
    const program = new AttackProgram(file, order);
    await program.#told("ready", READY_MS);
    return program;
  }

  /** Settles when the attack has prepared everything it needs. */
  async prepare(name: string): Promise<void> {
    const told = this.#told("prepared", PREPARED_MS);
    this.#child.send({ kind: "prepare", name } satisfies Order);
    await told;
  }

  begin(): void {
    this.#child.send({ kind: "begin" } satisfies Order);
  }

  async end(): Promise<Tally> {
    const told = this.#told("over", END_MS);
    this.#child.send({ kind: "end" } satisfies Order);
    const over = await told;
    return over.kind === "over" ? over.tally : {};
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
  }

  #told(kind: Told["kind"], limitMs: number): Promise<Told> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => done(`it was not ${kind} in ${limitMs} ms`), limitMs);
      const onTold = (told: Told) => {
        if (told.kind === kind) done(told);
      };
      const onExit = (code: number | null) => done(`it ended with ${code}`);
      const done = (outcome: Told | string) => {
        clearTimeout(late);
        this.#child.off("message", onTold).off("exit", onExit);
        if (typeof outcome !== "string") resolve(outcome);
        else reject(new Error(`the program of the attack: ${outcome}\n${this.#errors}`));
      };
      this.#child.on("message", onTold).once("exit", onExit);
    });
  }
}
