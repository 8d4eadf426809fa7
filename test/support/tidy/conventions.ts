/** Conventions of every source file: it says its duty first, and it does not silence the tools. */
import { type Finding, finding, type SourceFile, type SyntaxNode, walk } from "./source.ts";

const SILENCER = /@ts-(ignore|expect-error|nocheck)|biome-ignore/;

/** The first thing in a file of src/ and explorer/ is a comment: the file's one duty. */
export function checkHeads(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path, text }) => /^(src|explorer)\//.test(path) && !/^(#!.*\n)?\s*\/[/*]/.test(text))
    .map(({ path }) => ({ path, line: 1, message: "no head comment that says the file's duty" }));
}

/** Comments that switch a check off, and casts through `unknown` that no check can follow. */
export function checkSilencers(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => {
    const comments = file.comments
      .filter(({ value }) => SILENCER.test(value))
      .map((comment) => finding(file, comment, `switches a check off:${comment.value}`));
    const casts: Finding[] = [];
    walk(file.program, (node) => {
      if (isDoubleCast(node)) casts.push(finding(file, node, "a cast through unknown"));
    });
    return [...comments, ...casts];
  });
}

function isDoubleCast(node: SyntaxNode): boolean {
  return (
    node.type === "TSAsExpression" &&
    node.expression.type === "TSAsExpression" &&
    node.expression.typeAnnotation.type === "TSUnknownKeyword"
  );
}
