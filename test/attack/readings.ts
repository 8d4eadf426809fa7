/** Readings from the operating system about processes and files: memory, processor time, sizes. */
import { readFileSync, statSync } from "node:fs";

const MIB = 1024 * 1024;
/** USER_HZ of every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Resident memory, MiB. */
export function residentMib(pid: number): number {
  const [, kib = "0"] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kib) * 1024) / MIB;
}

/** Processor time of all threads of the process since its start, seconds. */
export function processorSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th field behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** MiB. */
export function fileMib(file: string): number {
  return statSync(file).size / MIB;
}

/** Processor time that a process used per second between two readings. */
export class ProcessorShare {
  readonly #pid: number;
  readonly #from = performance.now();
  readonly #used: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#used = processorSeconds(pid);
  }

  read(): number {
    const seconds = (performance.now() - this.#from) / 1000;
    return (processorSeconds(this.#pid) - this.#used) / seconds;
  }
}

/** Resident memory of processes, read twice a second. */
export class MemoryWatch {
  readonly #pids: readonly number[];
  readonly #readings: { readonly at: number; readonly mib: readonly number[] }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#timer = setInterval(() => this.#read(), 500);
    this.#read();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One figure for each process, from its readings between two moments. */
  of(from: number, to: number, figure: (sample: readonly number[]) => number): number[] {
    const within = this.#readings.filter(({ at }) => at >= from && at <= to);
    return this.#pids.map((_, place) => figure(within.map(({ mib }) => mib[place] ?? 0)));
  }

  #read(): void {
    this.#readings.push({ at: performance.now(), mib: this.#pids.map(residentMib) });
  }
}
