/**
 * The wiring of a node can be read: parts are named objects, so that "go to definition" ends at a method, and no
 * constructor is given parts that are not named where it is called.
 */
import { type Finding, finding, type SourceFile, type SyntaxNode, walk } from "./source.ts";

/** Objects that are spread into the argument of a constructor: the call does not show what it passes. */
export function checkSpreadParts(files: readonly SourceFile[]): Finding[] {
  return ofNode(files).flatMap((file) => {
    const findings: Finding[] = [];
    walk(file.program, (node) => {
      if (node.type !== "NewExpression" || isValue(node.callee)) return;
      for (const argument of node.arguments) {
        if (argument.type !== "ObjectExpression") continue;
        for (const property of argument.properties) {
          if (property.type === "SpreadElement")
            findings.push(finding(file, property, "spread into a constructor: name each part"));
        }
      }
    });
    return findings;
  });
}

/** A refusal is a value that is put together, no part of a node. */
function isValue(callee: SyntaxNode): boolean {
  return callee.type === "Identifier" && callee.name === "Refusal";
}

/** Properties of interfaces whose type is a function. */
export function functionProperties(files: readonly SourceFile[]): Finding[] {
  return ofNode(files).flatMap((file) => {
    const findings: Finding[] = [];
    walk(file.program, (node) => {
      if (node.type !== "TSInterfaceDeclaration") return;
      for (const member of node.body.body) {
        const isFunction =
          member.type === "TSPropertySignature" &&
          member.typeAnnotation?.typeAnnotation.type === "TSFunctionType";
        if (isFunction) findings.push(finding(file, member, "a property that is a function"));
      }
    });
    return findings;
  });
}

/** The file that puts a node together is read as a whole. */
export function checkNodeFile(files: readonly SourceFile[], linesMax: number): Finding[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split("\n").length - 1;
    if (path !== "src/node/node.ts" || lines <= linesMax) return [];
    return [{ path, line: 0, message: `${lines} lines, and at most ${linesMax} are allowed` }];
  });
}

function ofNode(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.filter(({ path }) => path.startsWith("src/node/"));
}
