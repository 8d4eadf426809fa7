/** Quotes a command line for the shell, so that it can be pasted to continue an order. */
import { shellWord } from "../primitives/shell-word.ts";
import type { Options, Values } from "./command.ts";

/** The command with these values, without options that have their default. */
export function commandAgain<O extends Options>(
  name: string,
  options: O,
  values: Partial<Values<O>>,
): string {
  const words = Object.entries(options).flatMap(([option, { kind, ...rest }]) => {
    const value: unknown = values[option];
    if (kind === "flag") return value === true ? [`--${option}`] : [];
    const fallback = "fallback" in rest ? rest.fallback : undefined;
    if (typeof value !== "string" || value === fallback) return [];
    // A value that looks like an option must be joined to its name.
    return value.startsWith("-")
      ? [`--${option}=${shellWord(value)}`]
      : [`--${option}`, shellWord(value)];
  });
  return ["countersign", name, ...words].join(" ");
}
