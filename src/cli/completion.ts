/** `countersign completion`: prints the completion script of a shell, and the values that the script asks for. */
import { join } from "node:path";
import { type Command, EXIT } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import { SCRIPTS } from "./completion-scripts.ts";
import { VALUE_KINDS, type ValueKind, valuesOf } from "./completion-values.ts";
import { NETWORK_FOLDER, WALLETS_FOLDER } from "./default-folders.ts";
import { defineCommand } from "./define-command.ts";

/** `entries` covers all commands, including this one. */
export function createCompletion(entries: readonly CommandEntry[]): Command {
  return defineCommand({
    name: "completion",
    example: "countersign completion --shell zsh",
    details:
      "The script completes commands, flags, wallets whose keys are here, your names, assets and nodes.",
    operands: [],
    options: {
      shell: {
        kind: "text",
        value: "SHELL",
        summary: "shell of the script",
        fallback: "bash",
        choices: ["bash", "zsh", "fish"],
      },
      values: {
        kind: "text",
        value: "KIND",
        summary: "print the values of this kind that the script offers, one in each line, instead",
        choices: VALUE_KINDS,
      },
      network: {
        kind: "text",
        value: "DIR",
        summary: "folder with the genesis.json that names them",
        fallback: NETWORK_FOLDER,
      },
      genesis: { kind: "text", value: "FILE", summary: "the genesis, if it is not in --network" },
      wallets: {
        kind: "text",
        value: "DIR",
        summary: "folder of your wallets' keys",
        fallback: WALLETS_FOLDER,
      },
    },
    run: async ({ values }, terminal) => {
      const { shell, values: kind, network, genesis, wallets } = values;
      if (kind !== undefined) {
        const places = { wallets, genesis: genesis ?? join(network, "genesis.json") };
        const found = valuesOf(kind as ValueKind, places);
        terminal.answer({ value: { kind, values: found }, text: found.join("\n") });
        return EXIT.ok;
      }
      const listed = await Promise.all(
        entries.map(async (entry) => ({ entry, command: await entry.load() })),
      );
      const script = SCRIPTS[shell as keyof typeof SCRIPTS](listed);
      terminal.answer({ value: { shell, script }, text: script });
      return EXIT.ok;
    },
  });
}
