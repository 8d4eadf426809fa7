/** `countersign node`: runs one node in this process until it is told to stop. */
import { parseArgs } from "node:util";
import { ConfigError, loadConfig } from "../node/config.ts";
import { type RunningNode, runNode } from "../node/node-process.ts";
import { StorageError } from "../storage/errors.ts";
import { type Command, CommandError, EXIT } from "./command.ts";
import { softwareVersion } from "./version.ts";

export const node: Command = {
  name: "node",
  synopsis: "--config FILE",
  summary: "Runs one node until SIGINT or SIGTERM.",
  run: async (args) => {
    const ended = endOfProcess();
    const failed = Promise.withResolvers<unknown>();
    const running = await start(configFile(args), failed.resolve);
    const failure = await Promise.race([ended.then(() => undefined), failed.promise]);
    await running.stop();
    if (failure === undefined) return EXIT.ok;
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new CommandError(`node: stopped, because it cannot go on: ${why}`);
  },
};

async function start(file: string, onFailure: (error: unknown) => void): Promise<RunningNode> {
  try {
    return await runNode(loadConfig(file), softwareVersion(), onFailure);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof StorageError || isListenError(error)) {
      throw new CommandError(`node: ${error.message}`);
    }
    throw error;
  }
}

function configFile(args: readonly string[]): string {
  try {
    const { values } = parseArgs({ args: [...args], options: { config: { type: "string" } } });
    if (values.config !== undefined) return values.config;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`node: ${why}`, EXIT.usage);
  }
  throw new CommandError("node: --config FILE is missing", EXIT.usage);
}

/** A signal, or the end of the process that started this one. */
function endOfProcess(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => resolve());
    }
    if (process.channel !== undefined) process.once("disconnect", () => resolve());
  });
}

function isListenError(error: unknown): error is Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EADDRINUSE" || code === "EACCES";
}
