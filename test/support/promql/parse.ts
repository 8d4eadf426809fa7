/** A parser of PromQL, for the expressions of the project's alert rules and dashboard: the part of the language that they use. */

export interface Matcher {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | {
      readonly kind: "selector";
      readonly name: string;
      readonly matchers: readonly Matcher[];
      /** Seconds; of a range selector. */
      readonly range: number | undefined;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: "aggregate";
      readonly name: string;
      readonly by: readonly string[];
      readonly of: Expression;
    }
  | {
      readonly kind: "binary";
      readonly op: string;
      readonly left: Expression;
      readonly right: Expression;
    };

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w]))|(\d+(?:ms|[smhd])|\$__rate_interval)|("(?:[^"\\]|\\.)*")|([A-Za-z_:][\w:]*)|(=~|!~|==|!=|>=|<=|[-+*/(){}[\],=<>]))/gy;

/** From loosest to tightest. */
const PRECEDENCE: readonly (readonly string[])[] = [
  ["or"],
  ["and", "unless"],
  ["==", "!=", ">", "<", ">=", "<="],
  ["+", "-"],
  ["*", "/"],
];

const AGGREGATES: ReadonlySet<string> = new Set(["sum", "max", "min", "avg", "count"]);
const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

export function parsePromql(text: string): Expression {
  const parser = new Parser(tokensOf(text), text);
  return parser.whole();
}

/** Every selector of an expression. */
export function selectorsOf(
  expression: Expression,
): readonly Extract<Expression, { kind: "selector" }>[] {
  switch (expression.kind) {
    case "number":
    case "string":
      return [];
    case "selector":
      return [expression];
    case "call":
      return expression.args.flatMap(selectorsOf);
    case "aggregate":
      return selectorsOf(expression.of);
    case "binary":
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)];
  }
}

/** Labels by which the expression groups. */
export function groupingsOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "call":
      return expression.args.flatMap(groupingsOf);
    case "aggregate":
      return [...expression.by, ...groupingsOf(expression.of)];
    case "binary":
      return [...groupingsOf(expression.left), ...groupingsOf(expression.right)];
    default:
      return [];
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      if (text.slice(at).trim() === "") break;
      throw new Error(`no PromQL at ${at} of: ${text}`);
    }
    tokens.push(match[0].trim());
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #text: string;
  #at = 0;

  constructor(tokens: readonly string[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  whole(): Expression {
    const expression = this.#binary(0);
    if (this.#at < this.#tokens.length) this.#fail();
    return expression;
  }

  get #next(): string | undefined {
    return this.#tokens[this.#at];
  }

  #fail(): never {
    throw new Error(`unexpected ${this.#next ?? "end"} in: ${this.#text}`);
  }

  #take(token?: string): string {
    const next = this.#next;
    if (next === undefined || (token !== undefined && next !== token)) this.#fail();
    this.#at += 1;
    return next;
  }

  #takes(token: string): boolean {
    if (this.#next !== token) return false;
    this.#at += 1;
    return true;
  }

  #binary(level: number): Expression {
    const ops = PRECEDENCE[level];
    if (ops === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.#next !== undefined && ops.includes(this.#next)) {
      const op = this.#take();
      left = { kind: "binary", op, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #unary(): Expression {
    if (this.#takes("(")) {
      const inner = this.#binary(0);
      this.#take(")");
      return inner;
    }
    const token = this.#take();
    if (/^\d/.test(token)) return { kind: "number", value: Number(token) };
    if (token.startsWith('"')) return { kind: "string", value: JSON.parse(token) };
    if (!/^[A-Za-z_:]/.test(token)) this.#fail();
    if (AGGREGATES.has(token)) return this.#aggregate(token);
    if (this.#takes("(")) {
      return { kind: "call", name: token, args: this.#list(")", () => this.#binary(0)) };
    }
    return this.#selector(token);
  }

  #aggregate(name: string): Expression {
    let by: string[] = [];
    if (this.#takes("by")) {
      this.#take("(");
      by = this.#list(")", () => this.#take());
    }
    this.#take("(");
    const of = this.#binary(0);
    this.#take(")");
    return { kind: "aggregate", name, by, of };
  }

  #selector(name: string): Expression {
    const matchers = this.#takes("{") ? this.#list("}", () => this.#matcher()) : [];
    if (!this.#takes("[")) return { kind: "selector", name, matchers, range: undefined };
    const range = rangeOf(this.#take());
    this.#take("]");
    return { kind: "selector", name, matchers, range };
  }

  #matcher(): Matcher {
    const label = this.#take();
    const op = this.#take();
    if (op !== "=" && op !== "!=" && op !== "=~" && op !== "!~") this.#fail();
    return { label, op, value: JSON.parse(this.#take()) };
  }

  #list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.#takes(end)) {
      items.push(item());
      if (this.#next !== end) this.#take(",");
    }
    return items;
  }
}

function rangeOf(token: string): number {
  if (token === "$__rate_interval") return 60;
  const [, digits, unit = ""] = /^(\d+)([a-z]+)$/.exec(token) ?? [];
  const factor = UNITS[unit];
  if (digits === undefined || factor === undefined) throw new Error(`no duration: ${token}`);
  return Number(digits) * factor;
}

/** Seconds of a duration such as "5m". */
export function secondsOf(duration: string): number {
  return rangeOf(duration);
}
