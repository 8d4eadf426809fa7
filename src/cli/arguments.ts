/** Reads a command's arguments strictly. An error for an unknown flag or a missing value names what would fit. */
import { parseArgs } from "node:util";
import {
  type Arguments,
  type CommandDefinition,
  CommandError,
  EXIT,
  type Option,
  type Options,
  type Values,
} from "./command.ts";
import { nearest } from "./nearest.ts";

type Shape<O extends Options> = Pick<CommandDefinition<O>, "name" | "operands" | "options">;

export function parseArguments<O extends Options>(
  command: Shape<O>,
  args: readonly string[],
): Arguments<O> {
  const { values, positionals } = parse(command, args);
  checkOperands(command, positionals);
  const read = Object.entries(command.options).map(([name, option]) => {
    return [name, readOption(command, name, option, values[name])] as const;
  });
  return { values: Object.fromEntries(read) as Values<O>, operands: positionals };
}

/** A whole number in decimal digits. */
export function parseWhole(
  text: string,
  bounds: { readonly what: string; readonly min: number; readonly max: number },
): number {
  const { what, min, max } = bounds;
  const value = Number(text);
  if (!/^[0-9]{1,16}$/.test(text) || value < min || value > max) {
    throw usage(`${what} is "${text}", but must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** An error of the command line itself. */
export function usage(message: string): CommandError {
  return new CommandError(message, EXIT.usage);
}

function parse<O extends Options>(command: Shape<O>, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { kind }]) => {
      const type: "boolean" | "string" = kind === "flag" ? "boolean" : "string";
      return [name, { type }];
    }),
  );
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    const why = error instanceof Error ? whatIsWrong(error.message) : String(error);
    throw usage(`${command.name}: ${why}; ${meantBy(command, error)}${known(command)}`);
  }
}

/** The first sentence of Node's message, without the advice below it. */
function whatIsWrong(message: string): string | undefined {
  const [, unclear] = /^Option '(--\S+)' argument is ambiguous/.exec(message) ?? [];
  if (unclear !== undefined) {
    return `${unclear} is followed by what looks like an option; write ${unclear}=VALUE if it is its value`;
  }
  return message.split(/\.\s/)[0];
}

/** The known option that the unknown one resembles, if any. */
function meantBy<O extends Options>({ options }: Shape<O>, error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const [, typed] = /^Unknown option '--?([^'=]+)/.exec(message) ?? [];
  const meant = nearest(typed ?? "", [...Object.keys(options), "json", "help"]);
  return meant === undefined ? "" : `did you mean --${meant}? `;
}

function checkOperands<O extends Options>(command: Shape<O>, operands: readonly string[]): void {
  const { name, operands: expected } = command;
  const extra = expected.at(-1)?.repeated ? undefined : operands[expected.length];
  if (extra !== undefined) {
    throw usage(`${name}: "${extra}" is one argument too many; ${known(command)}`);
  }
  const missing = expected.slice(operands.length).find(({ optional }) => optional !== true);
  if (missing !== undefined) {
    throw usage(`${name}: ${missing.name} is missing: ${missing.summary}; ${known(command)}`);
  }
}

function readOption<O extends Options>(
  command: Shape<O>,
  name: string,
  option: Option,
  given: string | boolean | undefined | readonly (string | boolean)[],
): string | boolean | undefined {
  if (option.kind === "flag") return given === true;
  const text = typeof given === "string" ? given : option.fallback;
  if (text === "") throw usage(`${command.name}: --${name} is empty; it takes ${option.value}`);
  const { choices } = option;
  if (text !== undefined && choices !== undefined && !choices.includes(text)) {
    throw usage(`${command.name}: --${name} is "${text}", but must be ${choices.join(" or ")}`);
  }
  return text;
}

function known<O extends Options>({ operands, options }: Shape<O>): string {
  const flags = Object.entries(options).map(([name, option]) => {
    return option.kind === "flag" ? `--${name}` : `--${name} ${option.value}`;
  });
  const all = [...operands.map((operand) => operand.name), ...flags, "--json", "--help"];
  return `it takes ${all.join(", ")}`;
}
