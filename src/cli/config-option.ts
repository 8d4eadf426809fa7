/** The option `--config FILE` of every command that works on one node. */
import { usage } from "./arguments.ts";
import type { Option } from "./command.ts";

export const CONFIG_OPTION = {
  kind: "text",
  value: "FILE",
  summary: "the node's configuration file",
} as const satisfies Option;

/** The file. There is no default, because a command on the wrong node can do harm. */
export function configFile(command: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw usage(`${command}: --config FILE is missing; name the node's configuration file`);
}
