/** docs/rule-index.md: from each rule to the code whose comments cite it, and to the tests that name it. */
import { type Citation, commentCitations, readRules, titleCitations } from "./rules.ts";

const HEAD = `# Rule index

From each rule to the code that keeps it and to the tests that show it. \`npm run generate\` makes this page from the rules
in [protocol.md](protocol.md) and [rules](rules), the comments of \`src\` and the titles of tests;
\`test/docs/rules.test.ts\` checks that none of them is missing.

| rule | code | tests |
|---|---|---|
`;

export function ruleIndex(): string {
  const code = commentCitations(["src"]);
  const titles = titleCitations();
  const rows = readRules().map(({ number, title, page }) => {
    const cited = code.filter(({ rule }) => rule === number);
    const shown = titles.filter(({ rule }) => rule === number);
    const cells = [`[${number}](${page}) ${title}`, places(cited), tests(shown)];
    return `| ${cells.join(" | ")} |\n`;
  });
  return HEAD + rows.join("");
}

function places(citations: readonly Citation[]): string {
  const texts = citations.map(({ path, name }) => `\`${path}${name === "" ? "" : `#${name}`}\``);
  return [...new Set(texts)].sort().join("<br>");
}

function tests(citations: readonly Citation[]): string {
  const texts = citations.map(({ path, name }) => `\`${path}\`: ${cellText(name)}`);
  return [...new Set(texts)].sort().join("<br>");
}

/** A title with the characters of a table escaped. */
function cellText(title: string): string {
  return title.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(/\s+/g, " ");
}
