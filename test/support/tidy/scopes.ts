/** Finds the globals of a file: identifiers used as names and declared in no scope around them. */
import { childrenOf, isFunction, type SourceFile, type SyntaxNode, walk } from "./source.ts";

export type Identifier = Extract<SyntaxNode, { readonly type: "Identifier" }>;

/** Every use, as value or as type, of a name that the file itself does not declare at that place. */
export function globalUses(
  file: SourceFile,
): { identifier: Identifier; parent: SyntaxNode | undefined }[] {
  const uses: { identifier: Identifier; parent: SyntaxNode | undefined }[] = [];
  const declared = new Map<SyntaxNode, ReadonlySet<string>>();
  const namesIn = (scope: SyntaxNode): ReadonlySet<string> => {
    const known = declared.get(scope) ?? new Set(declarationsOf(scope));
    declared.set(scope, known);
    return known;
  };
  walk(file.program, (node, ancestors) => {
    if (node.type !== "Identifier") return;
    const parent = ancestors.at(-1);
    if (parent !== undefined && isOnlyAName(node, parent)) return;
    if (ancestors.some((scope) => namesIn(scope).has(node.name))) return;
    uses.push({ identifier: node, parent });
  });
  return uses;
}

/** True where the identifier is a label of a property or of a member, not a reference to a binding. */
function isOnlyAName(node: Identifier, parent: SyntaxNode): boolean {
  switch (parent.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key === node && !parent.computed;
    case "TSQualifiedName":
      return parent.right === node;
    case "ImportSpecifier":
      return parent.imported === node;
    case "ExportSpecifier":
      return parent.exported === node && parent.local !== node;
    default:
      return false;
  }
}

function declarationsOf(scope: SyntaxNode): string[] {
  if (isFunction(scope)) return functionNames(scope);
  switch (scope.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
      return scope.body.flatMap(statementNames);
    case "SwitchStatement":
      return scope.cases.flatMap(({ consequent }) => consequent.flatMap(statementNames));
    case "CatchClause":
      return scope.param ? patternNames(scope.param) : [];
    case "ForStatement":
      return scope.init ? statementNames(scope.init) : [];
    case "ForOfStatement":
    case "ForInStatement":
      return statementNames(scope.left);
    default:
      return typeParameterNames(scope);
  }
}

function functionNames(node: SyntaxNode): string[] {
  if (!("params" in node) || !Array.isArray(node.params)) return [];
  return [...node.params.flatMap(patternNames), ...typeParameterNames(node)];
}

function statementNames(node: SyntaxNode): string[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id }) => patternNames(id));
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return node.id ? patternNames(node.id) : [];
    case "ImportDeclaration":
      return node.specifiers.flatMap(({ local }) => patternNames(local));
    case "ExportNamedDeclaration":
      return node.declaration ? statementNames(node.declaration) : [];
    default:
      return [];
  }
}

/** The names that a pattern binds; default values in it are expressions and bind nothing. */
function patternNames(node: SyntaxNode): string[] {
  switch (node.type) {
    case "Identifier":
      return [node.name];
    case "AssignmentPattern":
      return patternNames(node.left);
    case "Property":
      return patternNames(node.value);
    case "RestElement":
      return patternNames(node.argument);
    case "ObjectPattern":
    case "ArrayPattern":
      return childrenOf(node)
        .filter(({ type }) => type !== "TSTypeAnnotation")
        .flatMap(patternNames);
    default:
      return [];
  }
}

function typeParameterNames(node: SyntaxNode): string[] {
  if (!("typeParameters" in node) || !node.typeParameters) return [];
  if (!("params" in node.typeParameters)) return [];
  return node.typeParameters.params.flatMap((parameter) =>
    parameter.type === "TSTypeParameter" ? patternNames(parameter.name) : [],
  );
}
