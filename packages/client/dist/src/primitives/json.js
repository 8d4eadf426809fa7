/**
 * Reads JSON (RFC 8259) strictly, for all input from outside: files and requests. Two readers must not understand one
 * text differently, so a repeated name is refused by its full path, and numbers keep their digits until their field
 * decides about them.
 */
import { LIMITS } from "./limits.js";
/** A number as it was written; its field decides how to read it. */
export class NumberLiteral {
    source;
    constructor(source) {
        this.source = source;
    }
}
/** The reason why a text is refused. */
export class JsonProblem {
    /** JSON path of the field; empty if the text is not JSON at all. */
    field;
    /** A clause without its subject, such as "is given twice". */
    message;
    remedy;
    constructor(field, message, remedy) {
        this.field = field;
        this.message = message;
        this.remedy = remedy;
    }
}
/** The value of `text`, or the first fault in it. */
export function readJson(text) {
    try {
        return new Reader(text).readAll();
    }
    catch (error) {
        if (error instanceof Stop)
            return error.problem;
        throw error;
    }
}
export function isRecord(value) {
    const plain = typeof value === "object" && value !== null && !(value instanceof NumberLiteral);
    return plain && !Array.isArray(value);
}
/** A whole number in plain digits that no reader rounds; undefined for anything else. */
export function readWholeNumber(value) {
    if (!(value instanceof NumberLiteral) || !/^(0|[1-9][0-9]{0,15})$/.test(value.source)) {
        return undefined;
    }
    const number = Number(value.source);
    return Number.isSafeInteger(number) ? number : undefined;
}
/** The path of a name within `path`. A name that is not a plain word comes from outside, so it is quoted and cut. */
export function fieldPath(path, name) {
    const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name;
    if (!/^[A-Za-z0-9_-]+…?$/.test(shown))
        return `${path}[${quote(shown)}]`;
    return path === "" ? shown : `${path}.${shown}`;
}
/** As a JSON string of printable ASCII. */
function quote(text) {
    const hexOf = (unit) => unit.charCodeAt(0).toString(16).padStart(4, "0");
    return JSON.stringify(text).replace(/[^ -~…]/g, (unit) => `\\u${hexOf(unit)}`);
}
/** Thrown to leave the reader, which catches it. */
class Stop extends Error {
    problem;
    constructor(problem) {
        super(problem.message);
        this.problem = problem;
    }
}
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
/** Characters that a string holds unescaped (RFC 8259 section 7). */
const UNESCAPED = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const ESCAPED = {
    b: "\b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
};
class Reader {
    #text;
    #at = 0;
    #depth = 0;
    /** Values, and escaped characters of texts: each takes many times the memory of its place in the text. */
    #parts = 0;
    constructor(text) {
        this.#text = text;
    }
    readAll() {
        const value = this.#value("");
        if (this.#at < this.#text.length)
            throw this.#notJson("nothing more");
        return value;
    }
    /** A value with the space around it. */
    #value(path) {
        this.#count();
        this.#match(SPACE);
        const value = this.#bare(path);
        this.#match(SPACE);
        return value;
    }
    #bare(path) {
        if (this.#takes('"'))
            return this.#string();
        if (this.#takes("{"))
            return this.#nested(() => this.#record(path));
        if (this.#takes("["))
            return this.#nested(() => this.#list(path));
        const number = this.#match(NUMBER);
        if (number !== "")
            return new NumberLiteral(number);
        const literal = this.#match(LITERAL);
        if (literal === "")
            throw this.#notJson("a value");
        return literal === "null" ? null : literal === "true";
    }
    #nested(read) {
        this.#depth += 1;
        if (this.#depth > LIMITS.jsonDepthMax) {
            throw this.#stop("", `is nested deeper than ${LIMITS.jsonDepthMax} levels`);
        }
        const value = read();
        this.#depth -= 1;
        return value;
    }
    #record(path) {
        const record = Object.create(null);
        this.#match(SPACE);
        if (this.#takes("}"))
            return record;
        do {
            this.#match(SPACE);
            if (!this.#takes('"'))
                throw this.#notJson("a name in quotes");
            const name = this.#string();
            const field = fieldPath(path, name);
            if (name in record)
                throw this.#stop(field, "is given twice");
            this.#match(SPACE);
            if (!this.#takes(":"))
                throw this.#notJson('":"');
            record[name] = this.#value(field);
        } while (this.#takes(","));
        if (!this.#takes("}"))
            throw this.#notJson('"," or "}"');
        return record;
    }
    #list(path) {
        const list = [];
        this.#match(SPACE);
        if (this.#takes("]"))
            return list;
        do
            list.push(this.#value(`${path}[${list.length}]`));
        while (this.#takes(","));
        if (!this.#takes("]"))
            throw this.#notJson('"," or "]"');
        return list;
    }
    /** Reads a string from behind its opening quote. */
    #string() {
        const parts = [this.#match(UNESCAPED)];
        while (!this.#takes('"')) {
            const escaped = this.#match(ESCAPE);
            if (escaped === "")
                throw this.#notJson("the rest of a string");
            this.#count();
            parts.push(readEscape(escaped), this.#match(UNESCAPED));
        }
        return parts.join("");
    }
    #takes(character) {
        if (this.#text[this.#at] !== character)
            return false;
        this.#at += 1;
        return true;
    }
    /** Matches the sticky `pattern` here; empty if it does not match. */
    #match(pattern) {
        pattern.lastIndex = this.#at;
        const [found = ""] = pattern.exec(this.#text) ?? [];
        this.#at += found.length;
        return found;
    }
    #count() {
        this.#parts += 1;
        if (this.#parts <= LIMITS.jsonPartsMax)
            return;
        throw this.#stop("", `has more than ${LIMITS.jsonPartsMax} values and escaped characters`);
    }
    #notJson(expected) {
        let [line, start] = [1, 0];
        for (let end = this.#text.indexOf("\n"); end !== -1 && end < this.#at; line += 1) {
            start = end + 1;
            end = this.#text.indexOf("\n", start);
        }
        const place = `line ${line}, column ${this.#at - start + 1}`;
        return this.#stop("", `is not JSON (${place}: ${expected} is expected)`);
    }
    #stop(field, message) {
        const remedy = field === "" ? "write one JSON object" : "keep one of them";
        return new Stop(new JsonProblem(field, message, remedy));
    }
}
function readEscape(escaped) {
    const kind = escaped.charAt(1);
    if (kind === "u")
        return String.fromCharCode(Number.parseInt(escaped.slice(2), 16));
    return ESCAPED[kind] ?? kind;
}
