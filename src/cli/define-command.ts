/** From a command's definition to the command: its arguments are read before it runs. */
import { parseArguments } from "./arguments.ts";
import { type Command, type CommandDefinition, CommandError, type Options } from "./command.ts";

export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  return {
    ...definition,
    run: async (args, terminal) => {
      const read = parseArguments(definition, args);
      try {
        return await definition.run(read, terminal);
      } catch (error) {
        throw (
          (await asOwnEnd(definition.name, error)) ?? asFileError(definition.name, error) ?? error
        );
      }
    },
  };
}

/** A configuration or a store that a command cannot go on with: the message says all, a stack nothing more. */
async function asOwnEnd(name: string, error: unknown): Promise<CommandError | undefined> {
  // Loaded here, so that a command that needs neither does not load them.
  const { ConfigError } = await import("../node/files/config.ts");
  const { StorageError } = await import("../storage/storage-errors.ts");
  const isOwn = error instanceof ConfigError || error instanceof StorageError;
  return isOwn ? new CommandError(`${name}: ${error.message}`) : undefined;
}

/** A file or folder that cannot be used is a mistake of the surroundings, whichever command meets it. */
function asFileError(name: string, error: unknown): CommandError | undefined {
  if (!(error instanceof Error && "code" in error && "path" in error)) return undefined;
  const { code, path } = error;
  if (typeof code !== "string" || typeof path !== "string") return undefined;
  return new CommandError(
    `${name}: ${path} cannot be used (${code}); name another path, or make this one usable`,
  );
}
