/** Makes docs/doctor.md of the findings of `countersign doctor`, and of the faults that its test plants. */
import type { FindingKind } from "../../src/cli/doctor/finding-kind.ts";
import { FINDING_GROUPS } from "../../src/cli/doctor/findings.ts";
import { FAULTS_OF_FILES } from "../../test/e2e/planted-faults.ts";
import { FAULTS_OF_NETWORK, FAULTS_OF_PROCESSES } from "../../test/e2e/planted-network-faults.ts";

const HEAD = `# When something is wrong: countersign doctor

\`\`\`sh
countersign doctor --config node1/config.json
\`\`\`

The command looks at one node: its configuration, genesis, keys, certificates, disk, limits, clock and peers and, if it runs, its own
view of itself. Run it as the user that runs the node, before a start, and whenever something seems wrong. It changes nothing, and a
running node goes on meanwhile. It dials every peer; before a start it also stands at the node's peer port for some seconds, with the
node's identity, and waits for the peers that have heard of it: so both directions are seen. Each finding has a code, the case, half a sentence why it matters, and a remedy, with a command if
there is one. Checks that could not be made are named, with the reason.

| exit code | meaning |
|---|---|
| 0 | nothing is wrong |
| 9 | warnings alone: the node works, and something has to be done |
| 1 | a fault: the node does not start, does not take part, or is not safe |
| 2 | the command line is wrong |

With \`--json\` the report is one value: \`healthy\`, \`node\`, \`running\`, \`checks\` (their number), \`findings\` (\`code\`, \`severity\`,
\`what\`, \`why\`, \`remedy\`, \`command\`) and \`leftOut\` (\`check\`, \`because\`).

\`npm run generate\` makes this page from the findings in \`src/cli/doctor\`; \`test/docs/doctor.test.ts\` checks that it is current. In a
command, \`$CONFIG\` stands for the path of the configuration and \`$FILE\` for the path that the finding names; the command itself
prints both.
`;

const PLANTED = `## Faults that a test plants

\`test/e2e/doctor.test.ts\` plants each of these in a network of four processes, one at a time, and sees that one finding and no other.
Those marked "stand-in" replace one reading of the machine, because the fault itself takes root; all others are real files, processes,
ports and limits.
`;

export function doctorPage(): string {
  const groups = FINDING_GROUPS.map(({ title, findings }) => {
    const rows = Object.entries<FindingKind>(findings).map(findingRow);
    const head = "| finding | what is wrong, and why it matters | remedy |\n|---|---|---|";
    return `## ${title}\n\n${head}\n${rows.join("\n")}\n`;
  });
  const real = [...FAULTS_OF_NETWORK, ...FAULTS_OF_PROCESSES].map((fault) => ({
    ...fault,
    machine: undefined,
  }));
  const planted = [...FAULTS_OF_FILES, ...real].map(({ fault, code, machine }) => {
    return `| ${fault} | \`${code}\` | ${machine === undefined ? "real" : "stand-in"} |`;
  });
  const table = `| fault | finding | |\n|---|---|---|\n${planted.join("\n")}\n`;
  return [HEAD, ...groups, `${PLANTED}\n${table}`].join("\n");
}

function findingRow([code, { severity, meaning, why, remedy, command }]: [
  string,
  FindingKind,
]): string {
  const act = command === undefined ? remedy : `${remedy}: \`${command}\``;
  return `| \`${code}\` (${severity}) | ${meaning}: ${why} | ${act} |`;
}
