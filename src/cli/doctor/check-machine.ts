/** Checks of `countersign doctor`: the limit of open files, and the disk of the data folder. */

import { codeOf } from "../../node/files/client-tls.ts";
import { ConfigError } from "../../node/files/config.ts";
import { shareOpenFiles } from "../../node/files/open-files.ts";
import { systemRemedy } from "../../storage/system-errors.ts";
import { type NodeFolder, problemOf } from "./check-folder.ts";
import type { Examination } from "./examination.ts";
import type { Machine } from "./machine.ts";

/** Below it a node may stop at any moment: the store writes its levels anew in files of many megabytes. */
const FULL_BYTES = 500_000_000;
/** As the alert CountersignDiskShort. */
const LOW_BYTES = 5_000_000_000;
/** As the alert CountersignDiskSlow. */
const SLOW_MS = 100;

/** `pid`: the process of the running node, whose limit counts; undefined: that of this command. */
export async function checkMachine(
  { genesis, data }: NodeFolder,
  machine: Machine,
  { examination, pid }: { readonly examination: Examination; readonly pid: number | undefined },
): Promise<void> {
  if (genesis !== undefined) {
    const limit = machine.openFilesLimit(pid);
    checkOpenFiles(limit, genesis.validators.length, examination);
  }
  if (data === undefined) examination.leaveOut("disk", "there is no data folder");
  else await checkDisk(data.path, machine, examination);
}

function checkOpenFiles(
  limit: number | undefined,
  members: number,
  examination: Examination,
): void {
  if (limit === undefined) {
    examination.leaveOut("open files", "this system does not tell the limit");
    return;
  }
  examination.checked();
  try {
    const { warning } = shareOpenFiles(limit, members);
    if (warning !== undefined) examination.found("OPEN_FILES_LOW", firstPart(warning));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    examination.found("OPEN_FILES_TOO_FEW", problemOf(error));
  }
}

function firstPart(text: string): string {
  return text.split("; ")[0] ?? text;
}

async function checkDisk(
  folder: string,
  machine: Machine,
  examination: Examination,
): Promise<void> {
  examination.checked();
  const free = await machine.freeBytes(folder);
  const what = `${Math.floor(free / 1_000_000)} MB are free on the disk of ${folder}`;
  if (free < FULL_BYTES) examination.found("DISK_FULL", what);
  else if (free < LOW_BYTES) examination.found("DISK_SPACE_LOW", what);
  examination.checked();
  try {
    const times = [...(await machine.syncTimesMs(folder))].sort((left, right) => left - right);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    if (median <= SLOW_MS) return;
    const shown = `half of ${times.length} writes of 4 KiB in ${folder} took ${Math.round(median)} ms or more`;
    examination.found("DISK_SLOW", shown);
  } catch (error) {
    const remedy = systemRemedy(error);
    if (remedy === undefined) throw error;
    // A disk without room is named above.
    if (examination.has("DISK_FULL")) return;
    const refused = `${folder} takes no file (${codeOf(error)}): ${remedy}`;
    examination.found("DISK_UNWRITABLE", refused, folder);
  }
}
