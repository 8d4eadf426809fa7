/** Pure folders use no platform, clock, randomness, timers or locale; their callers inject what they need. */
import { importsOf } from "./imports.ts";
import { globalUses } from "./scopes.ts";
import { type Finding, finding, type SourceFile, type SyntaxNode, walk } from "./source.ts";

export const PURE_FOLDERS = [
  "primitives",
  "ledger",
  "access",
  "mempool",
  "consensus",
  "seal",
] as const;

const BANNED_GLOBALS: ReadonlySet<string> = new Set([
  ...["Date", "Temporal", "performance", "Intl"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"],
  ...["clearTimeout", "clearInterval", "clearImmediate"],
  ...[
    "process",
    "console",
    "Buffer",
    "require",
    "module",
    "global",
    "globalThis",
    "window",
    "self",
  ],
  ...["crypto", "fetch", "WebSocket", "navigator", "eval", "Function"],
  ...["WeakRef", "FinalizationRegistry", "Atomics", "SharedArrayBuffer"],
]);

/** Methods whose answer depends on the machine's locale. */
const BANNED_METHODS: ReadonlySet<string> = new Set([
  ...["localeCompare", "toLocaleString", "toLocaleDateString", "toLocaleTimeString"],
  ...["toLocaleLowerCase", "toLocaleUpperCase"],
]);

const ALLOWED_PACKAGES = /^@noble\/(curves|hashes)\//;

export function checkPurity(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => PURE_FOLDERS.some((folder) => path.startsWith(`src/${folder}/`)))
    .flatMap((file) => [...bannedImports(file), ...bannedGlobals(file), ...bannedMembers(file)]);
}

function bannedImports(file: SourceFile): Finding[] {
  return importsOf(file)
    .filter(({ path, specifier, dynamic }) => {
      return dynamic || (path === undefined && !ALLOWED_PACKAGES.test(specifier));
    })
    .map(({ node, specifier }) =>
      finding(file, node, `a pure folder must not import ${specifier}`),
    );
}

function bannedGlobals(file: SourceFile): Finding[] {
  return globalUses(file).flatMap(({ identifier, parent }) => {
    const { name } = identifier;
    if (name === "Math" && !isPlainMath(parent)) {
      return [finding(file, identifier, "Math.random has no place in a pure folder")];
    }
    return BANNED_GLOBALS.has(name)
      ? [finding(file, identifier, `${name} has no place in a pure folder`)]
      : [];
  });
}

/** `Math.max` and the like; `Math.random`, `Math[x]` and Math handed on as a value are not. */
function isPlainMath(parent: SyntaxNode | undefined): boolean {
  return (
    parent?.type === "MemberExpression" &&
    !parent.computed &&
    parent.property.type === "Identifier" &&
    parent.property.name !== "random"
  );
}

function bannedMembers(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  walk(file.program, (node) => {
    if (node.type === "MetaProperty" && node.meta.name === "import") {
      findings.push(finding(file, node, "import.meta has no place in a pure folder"));
    }
    if (node.type !== "MemberExpression" || node.property.type !== "Identifier") return;
    if (BANNED_METHODS.has(node.property.name)) {
      findings.push(finding(file, node, `${node.property.name} depends on the machine's locale`));
    }
  });
  return findings;
}
