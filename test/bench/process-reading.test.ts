// The bench reads processor time, memory and bytes of processes from /proc.
import { describe, expect, it } from "vitest";
import {
  othersShare,
  parseCpuUs,
  parseIo,
  parseMachine,
  parseResidentBytes,
  parseRunUs,
  readMachine,
  readProcess,
} from "../../bench/readings/process-reading.ts";

/** Fields 3 to 17 of proc_pid_stat(5); user time is 250 ticks, system time 50. */
const REST = "S 1 2 3 0 -1 4194560 100 0 0 0 250 50 7 8";

describe("/proc/PID", () => {
  it("gives user and system time together, under any name of the program", () => {
    expect(parseCpuUs(`42 (node) ${REST}`)).toBe(3_000_000);
    expect(parseCpuUs(`42 (a) b) (S 9 9) ${REST}`)).toBe(3_000_000);
  });

  it("gives the running time of a thread, resident memory and bytes", () => {
    expect(parseRunUs("1500000 20 3\n")).toBe(1_500);
    expect(parseResidentBytes("900 25 3 1 0 80 0\n")).toBe(25 * 4096);
    const io = parseIo("rchar: 10\nwchar: 20\nwrite_bytes: 4096\n");
    expect([io.get("rchar"), io.get("write_bytes")]).toEqual([10, 4096]);
  });

  it("is refused if it says something else", () => {
    expect(() => parseCpuUs("42 (node) S 1")).toThrow(/no number/);
    expect(() => parseResidentBytes("")).toThrow(/no number/);
    expect(() => parseIo("rchar: many")).toThrow(/no number/);
  });

  it("shows that this process has worked between two readings", () => {
    const before = readProcess(process.pid);
    const end = performance.now() + 60;
    while (performance.now() < end) {
      // Burns processor time.
    }
    const after = readProcess(process.pid);
    const main = (reading: typeof before) => reading.threadsUs.get(process.pid) ?? Number.NaN;
    expect(main(after) - main(before)).toBeGreaterThan(0);
    expect(after.cpuUs).toBeGreaterThan(0);
    expect(after.residentBytes).toBeGreaterThan(1024 * 1024);
  });
});

describe("/proc/stat", () => {
  it("gives busy time without that of guests, which users' time holds already", () => {
    const stat = "cpu  100 10 50 800 40 3 2 5 70 7\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 1\n";
    expect(parseMachine(stat)).toEqual({ busyTicks: 170, totalTicks: 1010 });
  });

  it("is there on this machine", () => {
    const { busyTicks, totalTicks } = readMachine();
    expect(busyTicks).toBeGreaterThan(0);
    expect(totalTicks).toBeGreaterThan(busyTicks);
  });

  it("gives the share that other processes took", () => {
    const before = { busyTicks: 100, totalTicks: 1_000 };
    const after = { busyTicks: 250, totalTicks: 1_200 };
    // 150 busy ticks, of which 500,000 µs, 50 ticks, are its own.
    expect(othersShare(before, after, 500_000)).toBeCloseTo(0.5);
    expect(othersShare(before, after, 3_000_000)).toBe(0);
    expect(othersShare(before, before, 0)).toBe(0);
  });
});
