/** One word, one meaning: no two files of src have the same base name, and no two exported types the same name. */
import type { Finding, SourceFile, SyntaxNode } from "./source.ts";
import { finding } from "./source.ts";

export function checkFileNames(files: readonly SourceFile[]): Finding[] {
  const seen = new Map<string, string>();
  return files.flatMap(({ path }) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const other = seen.get(name);
    if (other !== undefined) return [{ path, line: 0, message: `has the name of ${other}` }];
    seen.set(name, path);
    return [];
  });
}

export function checkTypeNames(files: readonly SourceFile[]): Finding[] {
  const seen = new Map<string, string>();
  return files.flatMap((file) => {
    const { program } = file;
    if (program.type !== "Program") return [];
    return program.body.flatMap((statement) => {
      const name = exportedType(statement);
      if (name === undefined) return [];
      const other = seen.get(name);
      if (other === undefined) seen.set(name, file.path);
      const isOther = other !== undefined && other !== file.path;
      return isOther ? [finding(file, statement, `${name} is the name of a type in ${other}`)] : [];
    });
  });
}

/** The name of the class, interface or type alias that a statement declares and exports. */
function exportedType(statement: SyntaxNode): string | undefined {
  if (statement.type !== "ExportNamedDeclaration") return undefined;
  const { declaration } = statement;
  switch (declaration?.type) {
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return declaration.id?.name;
    default:
      return undefined;
  }
}
