/** `countersign doctor`: finds what is wrong with a node, before its start and while it runs, and names the remedy. */
import { CONFIG_OPTION, configFile } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { examine } from "./doctor/examine.ts";
import { realMachine } from "./doctor/machine.ts";
import { exitCodeFor, reportText, reportValue } from "./doctor/report.ts";

const NAME = "doctor";

export const doctor = defineCommand({
  name: NAME,
  example: "countersign doctor --config node1/config.json",
  details:
    "Run it as the user that runs the node, before a start, and whenever something seems wrong while the node runs. It " +
    "changes nothing. docs/doctor.md has all findings. Exit code 0: nothing is wrong. Exit code 9: warnings alone. Exit " +
    "code 1: a fault.",
  operands: [],
  options: { config: CONFIG_OPTION },
  run: async ({ values }, terminal) => {
    const { examined, examination } = await examine(configFile(NAME, values.config), realMachine);
    terminal.answer({
      value: reportValue(examined, examination),
      text: reportText(examined, examination, terminal),
    });
    return exitCodeFor(examination);
  },
});
