/** The processor time, the memory and the written bytes of a process, read from /proc at one moment. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessReading {
  /** Processor time of all threads, also of those that have ended, microseconds. */
  readonly cpuUs: number;
  /** Processor time of each running thread, microseconds, by its id. */
  readonly threadsUs: ReadonlyMap<number, number>;
  readonly residentBytes: number;
  /** Bytes that the process caused to be written to a block device. */
  readonly diskBytes: number;
  /** Bytes that the process handed to the kernel in reads and writes, files and sockets together. */
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Linux counts processor time in /proc/PID/stat in hundredths of a second, on every architecture that Node runs on. */
const TICK_US = 10_000;
const PAGE_BYTES = 4096;

export function readProcess(pid: number): ProcessReading {
  const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  const io = parseIo(of("io"));
  return {
    cpuUs: parseCpuUs(of("stat")),
    threadsUs: readThreads(pid),
    residentBytes: parseResidentBytes(of("statm")),
    diskBytes: io.get("write_bytes") ?? 0,
    readBytes: io.get("rchar") ?? 0,
    writtenBytes: io.get("wchar") ?? 0,
  };
}

/** Threads that end while they are read are left out. */
function readThreads(pid: number): Map<number, number> {
  const threads = new Map<number, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
      threads.set(Number(thread), parseRunUs(text));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "ENOENT" && code !== "ESRCH") throw error;
    }
  }
  return threads;
}

/** User and system time of /proc/PID/stat (proc_pid_stat(5), fields 14 and 15). */
export function parseCpuUs(stat: string): number {
  // The second field is a name in brackets, which may contain any characters.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (whole(fields[11], stat) + whole(fields[12], stat)) * TICK_US;
}

/** The first field of schedstat: nanoseconds on a processor. */
export function parseRunUs(schedstat: string): number {
  return whole(schedstat.split(" ")[0], schedstat) / 1000;
}

/** The second field of statm: resident pages. */
export function parseResidentBytes(statm: string): number {
  return whole(statm.split(" ")[1], statm) * PAGE_BYTES;
}

export function parseIo(io: string): Map<string, number> {
  const lines = io.trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [name = "", value] = line.split(": ");
      return [name, whole(value, io)];
    }),
  );
}

/** Busy and total time of all processors since the start of the machine, hundredths of a second (proc_stat(5)). */
export interface MachineReading {
  readonly busyTicks: number;
  readonly totalTicks: number;
}

export function readMachine(): MachineReading {
  return parseMachine(readFileSync("/proc/stat", "utf8"));
}

export function parseMachine(stat: string): MachineReading {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1] ?? "";
  // The time of guests, fields 9 and 10, is in the time of users too.
  const [user, nice, system, idle, wait, interrupts, soft, stolen] = line
    .split(" ")
    .map((field) => whole(field, stat));
  const idleTicks = sum([idle, wait]);
  const busyTicks = sum([user, nice, system, interrupts, soft, stolen]);
  return { busyTicks, totalTicks: busyTicks + idleTicks };
}

/** The share of the machine, 0 to 1, that processes other than those with `ownUs` of processor time took. */
export function othersShare(before: MachineReading, after: MachineReading, ownUs: number): number {
  const total = after.totalTicks - before.totalTicks;
  if (total <= 0) return 0;
  const others = after.busyTicks - before.busyTicks - ownUs / TICK_US;
  return Math.max(0, others / total);
}

function sum(ticks: readonly (number | undefined)[]): number {
  return ticks.reduce<number>((total, one) => total + (one ?? 0), 0);
}

function whole(text: string | undefined, file: string): number {
  const value = Number(text?.trim());
  if (text === undefined || !Number.isSafeInteger(value)) {
    throw new Error(`a file of /proc has no number where one belongs: ${file.slice(0, 200)}`);
  }
  return value;
}
