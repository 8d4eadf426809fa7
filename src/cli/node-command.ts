/** `countersign node`: runs one node in this process until it is told to stop. */

import { UnknownRuleset } from "../ledger/rulesets.ts";
import { Amnesia } from "../node/amnesia/amnesia.ts";
import { Divergence } from "../node/execution/application.ts";
import { loadConfig } from "../node/files/config.ts";
import { type RunningNode, runNode } from "../node/node-process.ts";
import { CommandError, EXIT } from "./command.ts";
import { CONFIG_OPTION, configFile } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { untilToldToEnd } from "./lifeline.ts";
import { softwareVersion } from "./version.ts";

/** The abort reason of a start that was told to stop. */
const STOPPED = Symbol("stopped while it was starting");

export const node = defineCommand({
  name: "node",
  example: "countersign node --config node1/config.json",
  details:
    "On SIGHUP the node reloads clientCertificate, clientKey, the file of access.clientAuthority, access.clientRevocations, access.clientScopes, " +
    "access.authorizationServers and logLevel, as with countersign node reload. The commands that begin with node act on a running node.",
  operands: [],
  options: { config: CONFIG_OPTION },
  run: async ({ values }) => {
    let running: RunningNode | undefined;
    // Before the node runs, its start has yet to read what a reload would read, or has just read it.
    const ended = untilToldToEnd(() => running?.reload());
    const failed = Promise.withResolvers<unknown>();
    const stop = new AbortController();
    const begun = start(configFile("node", values.config), failed.resolve, stop.signal);
    // A start from a snapshot may take long, so a signal to stop interrupts it.
    ended.then(() => stop.abort(STOPPED), failed.resolve);
    running = await begun.catch((error: unknown) => {
      if (error === STOPPED) return undefined;
      throw error;
    });
    if (running === undefined) return EXIT.ok;
    const failure = await Promise.race([ended.then(() => undefined), failed.promise]);
    await running.stop();
    if (failure === undefined) return EXIT.ok;
    if (failure instanceof Amnesia) throw amnesiac(failure);
    if (failure instanceof UnknownRuleset) throw outdated(failure);
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new CommandError(`node: stopped, because it cannot go on: ${why}`);
  },
});

async function start(
  file: string,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<RunningNode> {
  try {
    return await runNode(loadConfig(file), softwareVersion(), onFailure, { signal });
  } catch (error) {
    if (error instanceof Amnesia) throw amnesiac(error);
    if (error instanceof UnknownRuleset) throw outdated(error);
    // The network's blocks contradict this node's own. A stack would add nothing to the message.
    throw error instanceof Divergence ? new CommandError(`node: ${error.message}`) : error;
  }
}

function amnesiac(verdict: Amnesia): CommandError {
  return new CommandError(`node: ${verdict.message}`, EXIT.amnesiac);
}

function outdated(stop: UnknownRuleset): CommandError {
  return new CommandError(`node: ${stop.message}`, EXIT.outdated);
}
