/** The machine as the checks of `countersign doctor` see it; tests replace the parts that cannot be had without root. */
import { randomBytes } from "node:crypto";
import { open, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import { openFilesLimit } from "../../node/files/open-files.ts";

export interface Machine {
  /** Milliseconds since the epoch, as this machine shows it. */
  wall(): number;
  /** Milliseconds; only differences matter. */
  monotonic(): number;
  /** Of this process, or of another one; undefined if it cannot be read. */
  openFilesLimit(pid?: number): number | undefined;
  /** Bytes of the disk of `folder` that this process may use. */
  freeBytes(folder: string): Promise<number>;
  /** Times that small writes in `folder` take to be on the disk, milliseconds. */
  syncTimesMs(folder: string): Promise<readonly number[]>;
}

const SYNCS = 20;
/** No further write begins after this time: a disk may need seconds for each. */
const SYNCS_MS = 2_000;
/** The size of a journal entry with its batch. */
const WRITE_BYTES = 4096;

export const realMachine: Machine = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  openFilesLimit,
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  syncTimesMs,
};

/** The file has no name while it is written, so that nothing is left of it after a crash. */
async function syncTimesMs(folder: string): Promise<readonly number[]> {
  const path = join(folder, `.doctor-${randomBytes(6).toString("hex")}.tmp`);
  const file = await open(path, "wx", 0o600);
  try {
    await unlink(path);
    const bytes = randomBytes(WRITE_BYTES);
    const times: number[] = [];
    const begun = performance.now();
    while (times.length < SYNCS && performance.now() - begun < SYNCS_MS) {
      const at = performance.now();
      await file.write(bytes);
      await file.datasync();
      times.push(performance.now() - at);
    }
    return times;
  } finally {
    await file.close();
  }
}
