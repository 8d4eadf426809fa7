/** Source files as the tidy checks see them: path, text and syntax tree, and the finding they report. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ESTree, type ParseResult, parseSync } from "vite";

export type SyntaxNode = ESTree.Node;

export interface SourceFile {
  /** From the project's top folder, with forward slashes: "src/ledger/execute.ts". */
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
  readonly comments: ParseResult["comments"];
}

export interface Finding {
  readonly path: string;
  /** Counted from 1; 0 when the finding is about the whole file. */
  readonly line: number;
  readonly message: string;
}

/** Parses one TypeScript file; a syntax error throws, since no check can be trusted on half a tree. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return { path, text, program, comments };
}

/** Every TypeScript file below the given folders, sorted by path; folders that do not exist are empty. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) => listFiles(root, folder))
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

export function formatFindings(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, message }) =>
    line === 0 ? `${path}: ${message}` : `${path}:${line}: ${message}`,
  );
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

export function finding(file: SourceFile, node: { readonly start: number }, message: string) {
  return { path: file.path, line: lineAt(file.text, node.start), message };
}

/** Calls `visit` for every node, a parent before its children, with the ancestors from the top down. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => void,
  ancestors: readonly SyntaxNode[] = [],
): void {
  visit(node, ancestors);
  const below = [...ancestors, node];
  for (const child of childrenOf(node)) walk(child, visit, below);
}

export function isFunction(node: SyntaxNode): boolean {
  return (
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression"
  );
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}

function listFiles(root: string, folder: string): string[] {
  let entries: ReturnType<typeof readFolder>;
  try {
    entries = readFolder(join(root, folder));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(root, path) : [path];
  });
}

function readFolder(path: string) {
  return readdirSync(path, { withFileTypes: true });
}
