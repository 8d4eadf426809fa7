/** The node takes time and chance from the `System` that it is handed: only where that is made are the machine's named. */
import { globalUses } from "./scopes.ts";
import { type Finding, finding, type SourceFile } from "./source.ts";

/** Where the machine's own are handed in; the threads of FROST have a clock of their own. */
const MAKERS: ReadonlySet<string> = new Set([
  "src/node/base/system.ts",
  "src/node/sealing/seal-thread.ts",
  "src/node/sealing/seal-worker.ts",
]);

const CLOCKS: ReadonlySet<string> = new Set([
  ...["Date", "Temporal", "performance"],
  ...["setTimeout", "setInterval", "clearTimeout", "clearInterval"],
]);

/** Of a global that has harmless members too. */
const MEMBERS: ReadonlyMap<string, string> = new Map([
  ["AbortSignal", "timeout"],
  ["Math", "random"],
  ["crypto", "getRandomValues"],
]);

export function checkClocks(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => path.startsWith("src/node/") && !MAKERS.has(path))
    .flatMap((file) =>
      globalUses(file).flatMap(({ identifier, parent }) => {
        const { name } = identifier;
        const member =
          parent?.type === "MemberExpression" && parent.property.type === "Identifier"
            ? parent.property.name
            : undefined;
        const isBanned = CLOCKS.has(name) || (member !== undefined && MEMBERS.get(name) === member);
        const shown = CLOCKS.has(name) ? name : `${name}.${member}`;
        return isBanned ? [finding(file, identifier, `${shown} is for the injected System`)] : [];
      }),
    );
}
