/** JSON text as it was written: number literals with their digits, and keys that come twice. */

/** A number in JSON, unread: `JSON.parse` alone would have rounded it. */
export class NumberLiteral {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** Parses JSON with every number as a NumberLiteral; throws what JSON.parse throws. */
export function parseJson(text: string): unknown {
  // The third argument is ECMAScript's "JSON.parse source text access"; the type library does not know it yet.
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" ? new NumberLiteral(context?.source ?? "") : value,
  );
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

/** The first key that an object of valid JSON `text` has twice, escapes read; JSON.parse keeps only the last. */
export function findRepeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let lastString: string | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":" && lastString !== undefined) {
      const key: unknown = JSON.parse(lastString);
      const keys = open.at(-1);
      if (typeof key !== "string" || keys === undefined) continue;
      if (keys.has(key)) return key;
      keys.add(key);
    }
    lastString = token.startsWith('"') ? token : undefined;
  }
  return undefined;
}
