/** The command line: finds the command by its words and turns failures into one line and an exit code. */
import { usage } from "./arguments.ts";
import { type Command, CommandError, EXIT } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpOn, helpOnAll } from "./help.ts";
import { createTerminal, formatJson, type Streams } from "./terminal.ts";
import { softwareVersion } from "./version.ts";

/** Resolves to the exit code. What is no CommandError is a bug, and is thrown. */
export async function runCommandLine(given: readonly string[], streams: Streams): Promise<number> {
  const json = given.includes("--json");
  try {
    const args = given.filter((argument) => argument !== "--json");
    return await run(args, { json, streams });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { message, exitCode } = error;
    const line = json ? formatJson({ error: { message, exitCode } }) : `countersign: ${message}`;
    streams.stderr.write(`${line}\n`);
    return exitCode;
  }
}

async function run(
  args: readonly string[],
  { json, streams }: { readonly json: boolean; readonly streams: Streams },
): Promise<number> {
  const [first] = args;
  const say = (text: string) => streams.stdout.write(`${text}\n`);
  if (first === undefined || first === "help" || first === "--help") {
    const asked = first === "help" && args.length > 1 ? find(args.slice(1)) : undefined;
    say(asked === undefined ? helpOnAll(COMMANDS) : helpOn(asked));
    return first === undefined ? EXIT.usage : EXIT.ok;
  }
  if (first === "--version" || first === "version") {
    say(softwareVersion());
    return EXIT.ok;
  }
  const command = find(args);
  const rest = args.slice(command.name.split(" ").length);
  if (rest.includes("--help")) {
    say(helpOn(command));
    return EXIT.ok;
  }
  return await command.run(rest, createTerminal(json, streams));
}

/** The command whose words stand first. */
function find(args: readonly string[]): Command {
  const found = COMMANDS.find(({ name }) => {
    return name.split(" ").every((word, place) => args[place] === word);
  });
  if (found !== undefined) return found;
  const [first = "", second] = args;
  const family = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length > 0) {
    const names = family.map(({ name }) => `"${name}"`).join(", ");
    if (second === undefined || second.startsWith("-")) {
      throw usage(`"${first}" needs a second word: ${names}`);
    }
    throw usage(`unknown command "${first} ${second}"; with "${first}" begin: ${names}`);
  }
  throw usage(`unknown command "${first}"; see "countersign help"`);
}
