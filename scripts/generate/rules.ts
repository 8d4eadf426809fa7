/**
 * The numbered rules: the page that states each, the comments of src/ that cite it, and the tests that name it in
 * their titles. docs/rule-index.md shows them, and test/docs/rules.test.ts checks that the three agree.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  readSources,
  type SourceFile,
  type SyntaxNode,
  walk,
} from "../../test/support/tidy/source.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The groups, in the order of docs/protocol.md. */
export const GROUPS = ["R", "L", "S", "K", "A", "T"] as const;

export interface Rule {
  /** "R12". */
  readonly number: string;
  readonly title: string;
  /** From docs/. */
  readonly page: string;
}

const GENERATED: ReadonlySet<string> = new Set(["api.md", "rule-index.md"]);

/** One mention of a rule. */
export interface Citation {
  readonly rule: string;
  readonly path: string;
  /** The declaration that the comment is about, or the title of the test; empty for the head of a file. */
  readonly name: string;
}

/** The pages that state rules, and the rules in their order. */
export function readRules(): Rule[] {
  const pages = ["protocol.md", ...readdirSync(join(ROOT, "docs/rules")).map((n) => `rules/${n}`)];
  const rules = pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, "docs", page), "utf8");
    return [...text.matchAll(/^\*\*([RLSKAT]\d+)(?: ([^*]+?)\.?)?\*\*/gm)].map(
      ([, number = "", title = ""]) => ({ number, title, page }),
    );
  });
  return rules.sort((left, right) => place(left.number) - place(right.number));
}

/** Numbers of rules in a text: "R7 to R9" names two. */
export function rulesIn(text: string): string[] {
  return [...text.matchAll(/\b[RLSKAT][1-9]\d?\b/g)].map(([number]) => number);
}

/** The citations in comments of these folders. */
export function commentCitations(folders: readonly string[]): Citation[] {
  return readSources(ROOT, folders).flatMap((file) => {
    if (!file.comments.some(({ value }) => rulesIn(value).length > 0)) return [];
    const declarations = declarationsOf(file);
    return file.comments.flatMap(({ value, start, end }) => {
      const name = start === 0 ? "" : subjectOf(file, declarations, { start, end });
      return rulesIn(value).map((rule) => ({ rule, path: file.path, name }));
    });
  });
}

/** The citations in titles of tests. */
export function titleCitations(): Citation[] {
  const files = readSources(ROOT, ["test"]).filter(({ path }) => path.endsWith(".test.ts"));
  return files.flatMap((file) => {
    const found: Citation[] = [];
    walk(file.program, (node) => {
      const title = titleOf(file, node);
      if (title === undefined) return;
      for (const rule of rulesIn(title)) found.push({ rule, path: file.path, name: title });
    });
    return found;
  });
}

/** The citations in the pages of docs/, without generated pages and code blocks. */
export function documentCitations(): Citation[] {
  const pages = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
  const written = pages.filter((page) => page.endsWith(".md") && !GENERATED.has(page));
  return written.flatMap((page) => {
    const text = readFileSync(join(ROOT, "docs", page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    return rulesIn(text).map((rule) => ({ rule, path: `docs/${page}`, name: "" }));
  });
}

interface Declaration {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Every named part of a file: functions, methods, types, and top-level constants. */
function declarationsOf(file: SourceFile): Declaration[] {
  const found: Declaration[] = [];
  walk(file.program, (node, ancestors) => {
    const name = nameOf(node, ancestors);
    if (name === undefined) return;
    const parent = ancestors.at(-1);
    const whole = parent?.type === "ExportNamedDeclaration" ? parent : node;
    found.push({ name, start: whole.start, end: whole.end });
  });
  return found;
}

function nameOf(node: SyntaxNode, ancestors: readonly SyntaxNode[]): string | undefined {
  switch (node.type) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return node.id?.name;
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return node.id.name;
    case "MethodDefinition":
      return "name" in node.key ? String(node.key.name) : undefined;
    case "VariableDeclaration": {
      const isOfTop = ancestors.every(
        ({ type }) => type === "Program" || type === "ExportNamedDeclaration",
      );
      const id = node.declarations[0]?.id;
      return isOfTop && id?.type === "Identifier" ? id.name : undefined;
    }
    default:
      return undefined;
  }
}

/** The declaration right after a comment, else the innermost one that contains the comment. */
function subjectOf(
  { text }: SourceFile,
  declarations: readonly Declaration[],
  comment: { readonly start: number; readonly end: number },
): string {
  const next = declarations.find(
    ({ start }) => start >= comment.end && text.slice(comment.end, start).trim() === "",
  );
  const around = declarations.filter(
    ({ start, end }) => start < comment.start && end > comment.end,
  );
  return (next ?? around.at(-1))?.name ?? "";
}

/** The title of `describe`, `it` or `test`, with or without `.each`; undefined if the node is none of them. */
function titleOf(file: SourceFile, node: SyntaxNode): string | undefined {
  if (node.type !== "CallExpression") return undefined;
  let callee: SyntaxNode = node.callee;
  while (callee.type === "CallExpression" || callee.type === "MemberExpression") {
    callee = callee.type === "CallExpression" ? callee.callee : callee.object;
  }
  if (callee.type !== "Identifier" || !["describe", "it", "test"].includes(callee.name)) {
    return undefined;
  }
  const [title] = node.arguments;
  if (title?.type === "TemplateLiteral") return file.text.slice(title.start + 1, title.end - 1);
  return title?.type === "Literal" && typeof title.value === "string" ? title.value : undefined;
}

/** Orders rules by group and number. */
export function place(rule: string): number {
  return GROUPS.findIndex((group) => rule.startsWith(group)) * 100 + Number(rule.slice(1));
}
