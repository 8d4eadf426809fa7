/** Sizes: files of at most 500 lines (those above 300 are named), functions of at most 70. */
import {
  type Finding,
  isFunction,
  lineAt,
  type SourceFile,
  type SyntaxNode,
  walk,
} from "./source.ts";

export const FILE_LINES_MAX = 500;
export const FILE_LINES_NOTED = 300;
export const FUNCTION_LINES_MAX = 70;

export function checkFileLengths(files: readonly SourceFile[]): Finding[] {
  return longerThan(files, FILE_LINES_MAX);
}

/** Files that are still allowed but deserve a look. */
export function noteLongFiles(files: readonly SourceFile[]): Finding[] {
  return longerThan(files, FILE_LINES_NOTED);
}

export function checkFunctionLengths(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => {
    const findings: Finding[] = [];
    walk(file.program, (node, ancestors) => {
      if (!isFunction(node) || isTestGroup(node, ancestors.at(-1))) return;
      const line = lineAt(file.text, node.start);
      const lines = lineAt(file.text, node.end) - line + 1;
      if (lines <= FUNCTION_LINES_MAX) return;
      const message = `a function of ${lines} lines, at most ${FUNCTION_LINES_MAX} are allowed`;
      findings.push({ path: file.path, line, message });
    });
    return findings;
  });
}

/** The files named, which must all be there, have at most `max` lines together, and none of their folder has 300. */
export function checkCore(
  files: readonly SourceFile[],
  core: { readonly folder: string; readonly names: readonly string[]; readonly max: number },
): Finding[] {
  const { folder, names, max } = core;
  const inFolder = files.filter(({ path }) => path.startsWith(`${folder}/`));
  const found = names.map((name) => inFolder.find(({ path }) => path === `${folder}/${name}`));
  const missing = names.filter((_, place) => found[place] === undefined);
  const total = found.reduce((sum, file) => sum + (file === undefined ? 0 : linesOf(file)), 0);
  return [
    ...missing.map((name) => ({ path: `${folder}/${name}`, line: 0, message: "no such file" })),
    ...(total > max
      ? [{ path: folder, line: 0, message: `${total} lines, more than ${max}` }]
      : []),
    ...longerThan(inFolder, FILE_LINES_NOTED),
  ];
}

function linesOf({ text }: SourceFile): number {
  return text.replace(/\n$/, "").split("\n").length;
}

function longerThan(files: readonly SourceFile[], limit: number): Finding[] {
  return files.flatMap((file) => {
    const lines = linesOf(file);
    const message = `${lines} lines, more than ${limit}`;
    return lines > limit ? [{ path: file.path, line: 0, message }] : [];
  });
}

/** `describe("…", () => { … })` groups tests: its length says nothing, that of each test does. */
function isTestGroup(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent?.type !== "CallExpression" || !parent.arguments.some((item) => item === node)) {
    return false;
  }
  let callee: SyntaxNode = parent.callee;
  while (callee.type === "CallExpression" || callee.type === "MemberExpression") {
    callee = callee.type === "CallExpression" ? callee.callee : callee.object;
  }
  return callee.type === "Identifier" && callee.name === "describe";
}
