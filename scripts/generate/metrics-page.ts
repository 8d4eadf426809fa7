/** docs/metrics.md: every metric with its type, labels and meaning, from the definitions in src/node/metrics. */
import { FAMILY_GROUPS, type FamilyGroup } from "../../src/node/metrics/families.ts";
import type { Family } from "../../src/node/metrics/family.ts";

const HEAD = `# Metrics

A node gives these metrics in the text format of Prometheus at \`/metrics\` of its operator's listener. \`npm run generate\`
makes this page from the definitions in \`src/node/metrics\`, and \`test/docs/metrics.test.ts\` checks that it is current.
Alert rules are in \`ops/alerts/countersign.yml\`, a dashboard for Grafana is \`ops/grafana/countersign.json\`;
[operations.md](operations.md#alerts) says what to do about each alert.

Values are read when they are asked for. Counters start at 0 with the process. Members and peers are named as in the
genesis, calls as in the contract, outcomes by the reasons of [api.md](api.md): no label holds the name of a caller or a
wallet, so the number of series is bounded. A metric that has no value at present, such as the seal margin before there is
a group key, has no sample.
`;

export function metricsPage(): string {
  return [HEAD, ...FAMILY_GROUPS.map(section)].join("\n");
}

function section({ title, families }: FamilyGroup): string {
  const rows = families.map(row).join("");
  return `## ${title}\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n${rows}`;
}

function row({ name, type, labels, help }: Family): string {
  const named = labels.map((label) => `\`${label}\``).join(", ");
  return `| \`${name}\` | ${type} | ${named} | ${help} |\n`;
}
