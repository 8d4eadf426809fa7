/** `--config FILE`, as every command on one node takes it. */
import { usage } from "./arguments.ts";
import type { Option } from "./command.ts";

export const CONFIG_OPTION = {
  kind: "text",
  value: "FILE",
  summary: "the node's configuration file",
} as const satisfies Option;

/** The file; there is no default, for a command on the wrong node can do harm. */
export function configFile(command: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw usage(`${command}: --config FILE is missing; name the node's configuration file`);
}
