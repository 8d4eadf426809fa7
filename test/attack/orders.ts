/** How the measuring process leads the program of attacks: one begins, it ends, the program says what was done. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ProgramOrder, Tally } from "./attack.ts";

/** Begin this attack, or end the one that runs. */
interface Order {
  readonly begin?: string;
}

type Told = { readonly kind: "ready" } | { readonly kind: "over"; readonly tally: Tally };

const READY_MS = 60_000;
const END_MS = 20_000;

export interface Program {
  /** Settles when what the attack began for the signal is over. */
  attack(name: string, signal: AbortSignal): Promise<Tally>;
}

/** The child's side: serves its parent until that leaves. */
export function serveProgram(program: Program): void {
  let end = new AbortController();
  let running: Promise<Tally> = Promise.resolve({});
  process.on("message", ({ begin }: Order) => {
    if (begin !== undefined) {
      end = new AbortController();
      running = program.attack(begin, end.signal);
      running.catch((error: unknown) => fail(error));
      return;
    }
    end.abort();
    running.then((tally) => tell({ kind: "over", tally }), fail);
  });
  process.on("disconnect", () => process.exit(0));
  tell({ kind: "ready" });
}

/** What a program was started with. */
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

  /** Settles when the program is in its place. */
  static async start(file: string, order: ProgramOrder): Promise<AttackProgram> {
    const program = new AttackProgram(file, order);
    await program.#told("ready", READY_MS);
    return program;
  }

  begin(attack: string): void {
    this.#child.send({ begin: attack } satisfies Order);
  }

  async end(): Promise<Tally> {
    const told = this.#told("over", END_MS);
    this.#child.send({} satisfies Order);
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
