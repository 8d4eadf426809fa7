/** From a command's definition to the command: its arguments are read before it runs. */
import { parseArguments } from "./arguments.ts";
import type { Command, CommandDefinition, Options } from "./command.ts";

export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  return {
    ...definition,
    run: async (args, terminal) => definition.run(parseArguments(definition, args), terminal),
  };
}
