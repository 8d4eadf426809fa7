/** The imports of a file, read from its syntax tree: static, re-exported, dynamic, and files named as URLs. */
import { posix } from "node:path";
import { type SourceFile, type SyntaxNode, walk } from "./source.ts";

export interface Import {
  readonly node: SyntaxNode;
  /** As written: "./state.ts", "node:fs", "@noble/hashes/sha2.js". */
  readonly specifier: string;
  /** The project's path that a relative specifier means; absent for packages. */
  readonly path?: string;
  readonly dynamic: boolean;
  /** True if only types are imported: nothing is loaded. */
  readonly typeOnly: boolean;
}

export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: SyntaxNode, specifier: string, dynamic: boolean) => {
    const path = specifier.startsWith(".")
      ? { path: posix.join(posix.dirname(file.path), specifier) }
      : {};
    found.push({ node, specifier, dynamic, typeOnly: isTypeOnly(node), ...path });
  };
  walk(file.program, (node) => {
    if (
      node.type === "ImportDeclaration" ||
      node.type === "ExportAllDeclaration" ||
      (node.type === "ExportNamedDeclaration" && node.source)
    ) {
      if (node.source) add(node, node.source.value, false);
    } else if (node.type === "ImportExpression") {
      add(node, stringValue(node.source) ?? "(computed)", true);
    } else if (node.type === "TSImportType") {
      add(node, node.source.value, false);
    } else if (node.type === "NewExpression") {
      const url = urlBesideThisModule(node);
      if (url !== undefined) add(node, url, true);
    }
  });
  return found;
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (node.type === "ImportDeclaration") return node.importKind === "type";
  if (node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration") {
    return node.exportKind === "type";
  }
  return node.type === "TSImportType";
}

/** The "./worker.ts" of `new URL("./worker.ts", import.meta.url)`: how worker threads name their file. */
function urlBesideThisModule(node: SyntaxNode): string | undefined {
  if (node.type !== "NewExpression") return undefined;
  const [first, second] = node.arguments;
  const isUrl = node.callee.type === "Identifier" && node.callee.name === "URL";
  const isHere = second?.type === "MemberExpression" && second.object.type === "MetaProperty";
  if (!isUrl || !isHere || first === undefined) return undefined;
  const value = stringValue(first);
  return value?.startsWith(".") ? value : undefined;
}

function stringValue(node: SyntaxNode): string | undefined {
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
