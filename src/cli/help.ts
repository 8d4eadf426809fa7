/** Prints the help: one line for each command, or all of one command. */
import { type Command, EXIT } from "./command.ts";
import type { CommandEntry } from "./commands.ts";

export function helpOnAll(entries: readonly CommandEntry[]): string {
  return `countersign COMMAND [ARGUMENTS]

${listOf(entries)}

countersign COMMAND --help says more; -h does too, and -v gives the version. Every command takes --json. Colour: never with
NO_COLOR. Exit codes: ${exitCodes()}.`;
}

/** The commands that share a first word, such as "wallet". */
export function helpOnGroup(word: string, entries: readonly CommandEntry[]): string {
  return `countersign ${word} COMMAND [ARGUMENTS]

${listOf(entries)}

countersign ${word} COMMAND --help says more.`;
}

function listOf(entries: readonly CommandEntry[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  return entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join("\n");
}

export function helpOn({ summary }: Pick<CommandEntry, "summary">, command: Command): string {
  const { name, example, details, operands, options } = command;
  const shape = operands.map((operand) => {
    const more = operand.repeated ? " …" : "";
    return operand.optional ? `[${operand.name}${more}]` : `${operand.name}${more}`;
  });
  const rows: [string, string][] = operands.map((operand) => [operand.name, operand.summary]);
  for (const [flag, option] of Object.entries(options)) {
    if (option.kind === "flag") rows.push([`--${flag}`, option.summary]);
    else {
      const choices = option.choices === undefined ? "" : ` (${option.choices.join(", ")})`;
      const fallback = option.fallback === undefined ? "" : ` (default ${option.fallback})`;
      rows.push([`--${flag} ${option.value}`, `${option.summary}${choices}${fallback}`]);
    }
  }
  rows.push(["--json", "answer in JSON"], ["--help", "this text"]);
  const width = Math.max(...rows.map(([left]) => left.length));
  const table = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
  const usage = ["countersign", name, ...shape, "[OPTIONS]"].join(" ");
  const more = details === undefined ? "" : `\n\n${details}`;
  return `${usage}\n\n${summary}${more}\n\n${table}\n\nExample: ${example}\n\nExit codes: ${exitCodes()}.`;
}

function exitCodes(): string {
  return Object.entries(EXIT)
    .map(([name, code]) => `${code} ${name}`)
    .join(", ");
}
