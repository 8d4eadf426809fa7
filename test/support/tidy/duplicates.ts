/** Duplicate code: runs of lines with the same shape, regardless of their names and texts. */
import { type Finding, type SourceFile, walk } from "./source.ts";

/** A run of more lines than these stands once. */
export const SAME_LINES_MAX = 12;
/** Two runs are compared where so many tokens are equal: more lines than are allowed have never fewer. */
const SEED_TOKENS = 40;
/** A list repeats the shape of a line and is no duplicate: so many lines of a run differ from each other. */
const SHAPES_MIN = 7;

const WORDS: ReadonlySet<string> = new Set(
  (
    "abstract any as async await boolean break case catch class const constructor continue default delete do else " +
    "export extends false finally for from function get if implements in instanceof interface let new null number of " +
    "private readonly return set static string super switch this throw true try type typeof undefined unknown void " +
    "while yield"
  ).split(" "),
);

const TOKEN =
  /`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|#?[A-Za-z_$][\w$]*|[0-9][\w.]*|\S/g;

interface Token {
  readonly shape: string;
  /** Of the lines that hold code, counted from 0. */
  readonly line: number;
}

interface Shaped {
  readonly file: SourceFile;
  readonly tokens: readonly Token[];
  readonly lineShapes: readonly string[];
  /** The number in the file of each line that holds code, counted from 1. */
  readonly lineNumbers: readonly number[];
}

interface At {
  readonly source: Shaped;
  readonly token: number;
}

export function checkDuplicates(files: readonly SourceFile[]): Finding[] {
  const seeds = new Map<string, At[]>();
  return files.map(shapedOf).flatMap((source) => {
    const findings: Finding[] = [];
    let foundTo = 0;
    for (let token = 0; token + SEED_TOKENS <= source.tokens.length; token++) {
      const here = { source, token };
      const seed = seedAt(here);
      const before = seeds.get(seed) ?? [];
      seeds.set(seed, before);
      const twin = token < foundTo ? undefined : before.find((other) => isDuplicate(other, here));
      if (twin !== undefined) {
        foundTo = token + sameTokens(twin, here);
        findings.push(found(here, twin));
      }
      // Code that repeats itself token by token is a list; its first places are enough to compare with.
      if (before.length < 50) before.push(here);
    }
    return findings;
  });
}

function found(here: At, twin: At): Finding {
  const other = `${twin.source.file.path}:${numberOf(twin)}`;
  const message = `more than ${SAME_LINES_MAX} lines have the shape of those at ${other}`;
  return { path: here.source.file.path, line: numberOf(here), message };
}

function isDuplicate(one: At, other: At): boolean {
  const count = sameTokens(one, other);
  return [one, other].every(({ source, token }) => {
    // Whole lines: of the first and the last one a part may be equal.
    const first = lineAt(source, token - 1) + 1;
    const shapes = source.lineShapes.slice(first, lineAt(source, token + count));
    // Tables and types, which call nothing, may look alike.
    const isCode = shapes.some((shape) => shape.includes("("));
    return isCode && shapes.length > SAME_LINES_MAX && new Set(shapes).size >= SHAPES_MIN;
  });
}

function lineAt({ tokens, lineShapes }: Shaped, token: number): number {
  return token < 0 ? -1 : (tokens[token]?.line ?? lineShapes.length);
}

/** In one file a run ends where its twin begins. */
function sameTokens(one: At, other: At): number {
  const isOneFile = one.source === other.source;
  let count = 0;
  for (;;) {
    const left = one.source.tokens[one.token + count];
    const right = other.source.tokens[other.token + count];
    if (left === undefined || left.shape !== right?.shape) return count;
    if (isOneFile && one.token + count >= other.token) return count;
    count += 1;
  }
}

function seedAt({ source, token }: At): string {
  const seed = source.tokens.slice(token, token + SEED_TOKENS);
  return seed.map(({ shape }) => shape).join(" ");
}

function numberOf({ source, token }: At): number {
  return source.lineNumbers[source.tokens[token]?.line ?? 0] ?? 0;
}

/** The code of a file without its imports: those are what it needs, not what it does. */
function shapedOf(file: SourceFile): Shaped {
  let text = file.text;
  const blank = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end);
  };
  for (const comment of file.comments) blank(comment);
  walk(file.program, (node) => {
    if (node.type === "ImportDeclaration") blank(node);
  });
  const lines = text
    .split("\n")
    .map((line, place) => ({ number: place + 1, shapes: (line.match(TOKEN) ?? []).map(shapeOf) }))
    .filter(({ shapes }) => shapes.length > 0);
  return {
    file,
    tokens: lines.flatMap(({ shapes }, line) => shapes.map((shape) => ({ shape, line }))),
    lineShapes: lines.map(({ shapes }) => shapes.join(" ")),
    lineNumbers: lines.map(({ number }) => number),
  };
}

function shapeOf(token: string): string {
  if (WORDS.has(token)) return token;
  if (/^[0-9]/.test(token)) return "0";
  if (/^[#\w$]/.test(token)) return "a";
  return /^["'`]./.test(token) ? '""' : token;
}
