/** A command line in words that a shell reads back: what a person pastes to go on with an order. */
import { shellWord } from "../primitives/shell-word.ts";
import type { Options, Values } from "./command.ts";

/** The command with these values; options that are at their default are left out. */
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
    // A value that looks like an option has to be joined to its name.
    return value.startsWith("-")
      ? [`--${option}=${shellWord(value)}`]
      : [`--${option}`, shellWord(value)];
  });
  return ["countersign", name, ...words].join(" ");
}
