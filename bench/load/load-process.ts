/** The side of the bench that starts the process that makes a load, and hears when its measured time begins and ends. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LoadNews, LoadOrder, LoadPlan, LoadReport } from "./load-plan.ts";

/** Creating the wallets and signing everything. */
const PREPARE_MS = 300_000;
/** More time for the first answers, 60 s at most; the last answers, 30 s; and judging all of them. */
const REST_MS = 240_000;

const MAIN = fileURLToPath(new URL("./load-main.ts", import.meta.url));

export interface MeasuredTime {
  /** Called at its begin and at its end; the load goes on meanwhile. */
  readonly onMeasuring: () => Promise<void>;
  readonly onMeasured: () => Promise<void>;
}

export class LoadProcess {
  readonly #plan: LoadPlan;
  readonly #child: ChildProcess;

  private constructor(plan: LoadPlan, child: ChildProcess) {
    this.#plan = plan;
    this.#child = child;
  }

  /** Settles when everything is signed. Rejects, and ends the process, if that takes longer than its bound. */
  static async prepare(plan: LoadPlan): Promise<LoadProcess> {
    const child = fork(MAIN, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
    const load = new LoadProcess(plan, child);
    load.#order({ kind: "prepare", plan });
    await load.#within(PREPARE_MS, load.#news("prepared"));
    return load;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Rejects, and ends the process, if the report is late by more than the time that open calls may take. */
  async run({ onMeasuring, onMeasured }: MeasuredTime): Promise<LoadReport> {
    const [measuring, measured, report] = [
      this.#news("measuring").then(onMeasuring),
      this.#news("measured").then(onMeasured),
      this.#news("report"),
    ];
    this.#order({ kind: "begin" });
    const { warmMs, measureMs } = this.#plan;
    const all = Promise.all([report, measuring, measured]);
    const [news] = await this.#within(warmMs + measureMs + REST_MS, all);
    return news.report;
  }

  /** Ends the process, if it has not ended by itself. */
  end(): void {
    this.#child.kill("SIGKILL");
  }

  async #within<T>(ms: number, work: Promise<T>): Promise<T> {
    const late = setTimeout(() => this.end(), ms);
    return await work.finally(() => clearTimeout(late));
  }

  #order(order: LoadOrder): void {
    this.#child.send(order);
  }

  /** Rejects if the process ends before. */
  #news<Kind extends LoadNews["kind"]>(kind: Kind): Promise<Extract<LoadNews, { kind: Kind }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<LoadNews, { kind: Kind }>>();
    const child = this.#child;
    const hear = (news: LoadNews) => {
      if (isOf(news, kind)) resolve(news);
    };
    const ended = (code: number | null) =>
      reject(new Error(`the process that makes the load ended early (exit code ${code})`));
    child.on("message", hear);
    child.once("exit", ended);
    return promise.finally(() => {
      child.off("message", hear);
      child.off("exit", ended);
    });
  }
}

function isOf<Kind extends LoadNews["kind"]>(
  news: LoadNews,
  kind: Kind,
): news is Extract<LoadNews, { kind: Kind }> {
  return news.kind === kind;
}
