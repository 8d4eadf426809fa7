/** The node takes time and chance from the `System` that it is handed: only where that is made are the machine's named. */
import { importsOf } from "./imports.ts";
import { globalUses } from "./scopes.ts";
import { type Finding, finding, type SourceFile, type SyntaxNode } from "./source.ts";

/** Where the machine's own are handed in. */
const MAKER = "src/node/base/system.ts";

const ENTROPY_FILE = "src/node/base/crypto.ts";
/** Keys are drawn before there is a node. */
const DRAWERS: ReadonlySet<string> = new Set([ENTROPY_FILE, MAKER, "src/node/files/node-keys.ts"]);

const CLOCKS: ReadonlySet<string> = new Set([
  ...["Date", "Temporal", "performance"],
  ...["setTimeout", "setInterval", "clearTimeout", "clearInterval"],
]);

/** Of a global that has harmless members too. */
const MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["AbortSignal", new Set(["timeout"])],
  ["Math", new Set(["random"])],
  ["crypto", new Set(["getRandomValues", "randomUUID"])],
  ["process", new Set(["hrtime", "uptime"])],
]);

/** Of modules, what is no clock and no chance; a module that is not named here has neither. */
const HARMLESS: ReadonlyMap<string, (name: string) => boolean> = new Map<
  string,
  (name: string) => boolean
>([
  ["node:timers", (name) => name === "setImmediate" || name === "clearImmediate"],
  ["node:timers/promises", (name) => name === "setImmediate"],
  ["node:perf_hooks", () => false],
  ["node:crypto", (name) => !/random|^webcrypto$|^default$|^\*$/i.test(name)],
]);

export function checkClocks(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => path.startsWith("src/node/"))
    .flatMap((file) => [
      ...(file.path === MAKER ? [] : [...namedGlobals(file), ...importedClocks(file)]),
      ...(DRAWERS.has(file.path) ? [] : importedEntropy(file)),
    ]);
}

/** Where timers are started: what they take is bounded there. */
const TIMERS_FILE = "src/transport/timers.ts";

/** Node fires a timer with too long a delay at once, so every timer of src is started where the delay is checked. */
export function checkTimers(files: readonly SourceFile[]): Finding[] {
  const sources = files.filter(({ path }) => path.startsWith("src/") && path !== TIMERS_FILE);
  return sources.flatMap((file) => [
    ...globalUses(file).flatMap(({ identifier, parent }) => {
      const member =
        identifier.name === "AbortSignal" &&
        parent?.type === "MemberExpression" &&
        parent.property.type === "Identifier" &&
        parent.property.name === "timeout";
      const isTimer = identifier.name === "setTimeout" || identifier.name === "setInterval";
      return isTimer || member ? [forTimers(file, identifier, identifier.name)] : [];
    }),
    ...importsOf(file).flatMap(({ node, specifier }) => {
      const isHarmless = /^node:timers(\/promises)?$/.test(specifier) && HARMLESS.get(specifier);
      if (!isHarmless) return [];
      return importedNames(node)
        .filter((name) => !isHarmless(name))
        .map((name) => forTimers(file, node, `${name} of ${specifier}`));
    }),
  ]);
}

function forTimers(file: SourceFile, node: SyntaxNode, what: string): Finding {
  return finding(file, node, `${what} is for ${TIMERS_FILE}`);
}

function namedGlobals(file: SourceFile): Finding[] {
  return globalUses(file).flatMap(({ identifier, parent }) => {
    const { name } = identifier;
    if (CLOCKS.has(name)) return [forSystem(file, identifier, name)];
    const member =
      parent?.type === "MemberExpression" && parent.property.type === "Identifier"
        ? parent.property.name
        : undefined;
    const isBanned = member !== undefined && MEMBERS.get(name)?.has(member) === true;
    return isBanned ? [forSystem(file, identifier, `${name}.${member}`)] : [];
  });
}

function importedClocks(file: SourceFile): Finding[] {
  return importsOf(file).flatMap(({ node, specifier }) => {
    const isHarmless = HARMLESS.get(specifier);
    if (isHarmless === undefined || (file.path === ENTROPY_FILE && specifier === "node:crypto")) {
      return [];
    }
    return importedNames(node)
      .filter((name) => !isHarmless(name))
      .map((name) => forSystem(file, node, `${name} of ${specifier}`));
  });
}

function importedEntropy(file: SourceFile): Finding[] {
  return importsOf(file).flatMap(({ node, path }) =>
    path === ENTROPY_FILE && importedNames(node).some((name) => name === "entropy" || name === "*")
      ? [forSystem(file, node, "entropy")]
      : [],
  );
}

/** The names that an import takes from its module; `*` for all of it. */
function importedNames(node: SyntaxNode): string[] {
  if (node.type !== "ImportDeclaration") return ["*"];
  return node.specifiers.map((one) => {
    if (one.type === "ImportDefaultSpecifier") return "default";
    if (one.type === "ImportNamespaceSpecifier") return "*";
    return one.imported.type === "Identifier" ? one.imported.name : one.imported.value;
  });
}

function forSystem(file: SourceFile, node: SyntaxNode, what: string): Finding {
  return finding(file, node, `${what} is for the injected System`);
}
