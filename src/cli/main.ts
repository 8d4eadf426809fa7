#!/usr/bin/env node
/** The command line: finds the command by its words and turns failures into one line and an exit code. */
import { certs } from "./certs.ts";
import { type Command, CommandError, EXIT } from "./command.ts";
import { devnet } from "./devnet.ts";
import { node } from "./node.ts";
import { receiptVerify } from "./receipt-verify.ts";

const COMMANDS: readonly Command[] = [devnet, node, certs, receiptVerify];

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args[0] === "help" || args[0] === "--help") {
    console.log(help());
    return args.length === 0 ? EXIT.usage : EXIT.ok;
  }
  const command = COMMANDS.find(({ name }) => {
    const words = name.split(" ");
    return words.every((word, place) => args[place] === word);
  });
  if (command === undefined) {
    throw new CommandError(`unknown command "${args[0]}"; see "countersign help"`, EXIT.usage);
  }
  const rest = args.slice(command.name.split(" ").length);
  if (rest.includes("--help")) {
    console.log(`countersign ${command.name} ${command.synopsis}\n\n${command.summary}`);
    return EXIT.ok;
  }
  return await command.run(rest);
}

function help(): string {
  const lines = COMMANDS.map(({ name, synopsis, summary }) => {
    return `  countersign ${name} ${synopsis}\n      ${summary}`;
  });
  return `Commands:\n${lines.join("\n")}`;
}

try {
  // Ended, not left to end: what a command has answered no open handle may keep alive, such as the lifeline to a parent.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(`countersign: ${error.message}`);
  process.exit(error.exitCode);
}
