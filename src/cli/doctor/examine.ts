/** Makes all checks of `countersign doctor` on one node, in the order in which one explains the next. */
import { checkCertificates } from "./check-certificates.ts";
import { checkFolder } from "./check-folder.ts";
import { checkKeys } from "./check-keys.ts";
import { checkMachine } from "./check-machine.ts";
import { checkPeers } from "./check-peers.ts";
import { askRunning, checkRunning } from "./check-running.ts";
import { Examination } from "./examination.ts";
import type { Machine } from "./machine.ts";
import type { Examined } from "./report.ts";

export async function examine(
  configFile: string,
  machine: Machine,
): Promise<{ readonly examined: Examined; readonly examination: Examination }> {
  const examination = new Examination(configFile);
  const folder = await checkFolder(configFile, examination);
  if (folder === undefined) {
    return { examined: { node: undefined, isRunning: false }, examination };
  }
  const running = await askRunning(folder, examination);
  const identity = await checkKeys(folder, examination);
  const certificate = checkCertificates(folder, machine, examination);
  const pid = running?.node.process?.pid;
  await checkMachine(folder, machine, { examination, pid });
  const isRunning = running !== undefined;
  await checkPeers(folder, { machine, examination, identity, isRunning });
  if (running !== undefined) checkRunning(running, certificate, examination);
  const examined = { node: folder.config.node, isRunning };
  return { examined, examination };
}
