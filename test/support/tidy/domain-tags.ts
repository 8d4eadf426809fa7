/** Domain tags: all of them are values of TAGS, no two are equal, and none is spelled out elsewhere. */
import { type Finding, finding, type SourceFile, type SyntaxNode, walk } from "./source.ts";

export const TAGS_FILE = "src/primitives/tags.ts";
const TAG = /^countersign\/v\d+\//;

export function checkDomainTags(files: readonly SourceFile[]): Finding[] {
  const home = files.find(({ path }) => path === TAGS_FILE);
  if (home === undefined) return [{ path: TAGS_FILE, line: 0, message: "missing" }];
  const tags = tagsOf(home);
  if (tags.length === 0) return [{ path: TAGS_FILE, line: 0, message: "TAGS has no values" }];
  const repeated = tags.flatMap(({ node, text }, place) => {
    return tags.findIndex((other) => other.text === text) < place
      ? [finding(home, node, `the tag "${text}" appears twice`)]
      : [];
  });
  const malformed = tags.flatMap(({ node, text }) =>
    TAG.test(text) ? [] : [finding(home, node, `"${text}" is not of the form countersign/vN/…`)],
  );
  const elsewhere = files.filter((file) => file !== home).flatMap(spelledOut);
  return [...repeated, ...malformed, ...elsewhere];
}

function tagsOf(home: SourceFile): { node: SyntaxNode; text: string }[] {
  const tags: { node: SyntaxNode; text: string }[] = [];
  walk(home.program, (node, ancestors) => {
    if (node.type !== "Property") return;
    const inTags = ancestors.some(
      (above) =>
        above.type === "VariableDeclarator" &&
        above.id.type === "Identifier" &&
        above.id.name === "TAGS",
    );
    if (!inTags || node.value.type !== "Literal" || typeof node.value.value !== "string") return;
    tags.push({ node, text: node.value.value });
  });
  return tags;
}

function spelledOut(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  walk(file.program, (node) => {
    const text = textOf(node);
    if (text !== undefined && TAG.test(text)) {
      findings.push(finding(file, node, `a domain tag outside ${TAGS_FILE}: "${text}"`));
    }
  });
  return findings;
}

function textOf(node: SyntaxNode): string | undefined {
  if (node.type === "TemplateElement") return node.value.raw;
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
