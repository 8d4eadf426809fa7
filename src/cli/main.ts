#!/usr/bin/env node
/** The command line: finds the command by its words and turns failures into one line and an exit code. */
import { usage } from "./arguments.ts";
import { type Command, CommandError, EXIT } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpOn, helpOnAll } from "./help.ts";
import { createTerminal, formatJson } from "./terminal.ts";
import { softwareVersion } from "./version.ts";

async function main(args: readonly string[], json: boolean): Promise<number> {
  const [first] = args;
  if (first === undefined || first === "help" || first === "--help") {
    const asked = first === "help" && args.length > 1 ? find(args.slice(1)) : undefined;
    console.log(asked === undefined ? helpOnAll(COMMANDS) : helpOn(asked));
    return first === undefined ? EXIT.usage : EXIT.ok;
  }
  if (first === "--version" || first === "version") {
    console.log(softwareVersion());
    return EXIT.ok;
  }
  const command = find(args);
  const rest = args.slice(command.name.split(" ").length);
  if (rest.includes("--help")) {
    console.log(helpOn(command));
    return EXIT.ok;
  }
  return await command.run(rest, createTerminal(json));
}

/** The command whose words stand first. */
function find(args: readonly string[]): Command {
  const found = COMMANDS.find(({ name }) => {
    return name.split(" ").every((word, place) => args[place] === word);
  });
  if (found !== undefined) return found;
  const [first = ""] = args;
  const family = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length > 0) {
    const names = family.map(({ name }) => `"${name}"`).join(", ");
    throw usage(`"${first}" needs a second word: ${names}`);
  }
  throw usage(`unknown command "${first}"; see "countersign help"`);
}

const given = process.argv.slice(2);
const wantsJson = given.includes("--json");
try {
  // Ended, not left to end: what a command has answered no open handle may keep alive, such as the lifeline to a parent.
  const args = given.filter((argument) => argument !== "--json");
  process.exit(await main(args, wantsJson));
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  const { message, exitCode } = error;
  const line = wantsJson ? formatJson({ error: { message, exitCode } }) : `countersign: ${message}`;
  process.stderr.write(`${line}\n`);
  process.exit(exitCode);
}
