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
        throw asFileError(definition.name, error) ?? error;
      }
    },
  };
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
