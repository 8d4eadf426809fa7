/** Turns a definition into a command, which reads its arguments before it runs. */
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

/** True for a bad configuration or store. The message is enough; a stack would add nothing. */
async function asOwnEnd(name: string, error: unknown): Promise<CommandError | undefined> {
  // Loaded here, so that commands that need neither do not load them.
  const { ConfigError } = await import("../node/files/config.ts");
  const { StorageError } = await import("../storage/storage-errors.ts");
  const isOwn = error instanceof ConfigError || error instanceof StorageError;
  return isOwn ? new CommandError(`${name}: ${error.message}`) : undefined;
}

/** In every command, an unusable file or folder is a mistake of the environment. */
function asFileError(name: string, error: unknown): CommandError | undefined {
  if (!(error instanceof Error && "code" in error && "path" in error)) return undefined;
  const { code, path } = error;
  if (typeof code !== "string" || typeof path !== "string") return undefined;
  return new CommandError(
    `${name}: ${path} cannot be used (${code}); name another path, or make this one usable`,
  );
}
