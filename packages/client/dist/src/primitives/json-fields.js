/**
 * Reads the fields of a JSON text strictly: no field may be unknown, missing or repeated, and each has a type and a
 * range. The error names the first wrong field by its path, with the remedy. For files that people write or exchange.
 */
import { fromHex } from "./bytes.js";
import { fieldPath, isRecord, JsonProblem, readJson, readWholeNumber } from "./json.js";
/** The value that `read` returns for the text's fields, or the first fault in them. */
export function readFields(text, read) {
    const value = readJson(text);
    if (value instanceof JsonProblem)
        return value;
    try {
        return read(new JsonField("", value));
    }
    catch (error) {
        if (error instanceof WrongField)
            return error.problem;
        throw error;
    }
}
/** Thrown to leave `readFields`, which catches it. */
class WrongField extends Error {
    problem;
    constructor(problem) {
        super(problem.message);
        this.problem = problem;
    }
}
/** A value with its path. Its methods throw the fault if the value does not fit. */
export class JsonField {
    path;
    #value;
    constructor(path, value) {
        this.path = path;
        this.#value = value;
    }
    /** Throws the fault; `problem` is a clause without its subject, such as "is no address". */
    fail(problem, remedy) {
        throw new WrongField(new JsonProblem(this.path, problem, remedy));
    }
    /** An object with exactly the fields `names`, and any of the fields `optional`. */
    record(names, optional = []) {
        const known = [...names, ...optional];
        const fields = this.entries(`an object with ${known.join(", ")}`);
        for (const [name, field] of Object.entries(fields)) {
            if (!known.includes(name))
                field.fail("is not known", `remove it, or see ${known.join(", ")}`);
        }
        for (const name of names) {
            if (Object.hasOwn(fields, name))
                continue;
            new JsonField(fieldPath(this.path, name), null).fail("is missing", "add it");
        }
        return fields;
    }
    /** An object with any field names; `form` says what to write if the value is not an object. */
    entries(form) {
        const value = this.#value;
        if (!isRecord(value))
            this.fail("is not an object", `write ${form}`);
        const fields = Object.create(null);
        for (const [name, item] of Object.entries(value)) {
            fields[name] = new JsonField(fieldPath(this.path, name), item);
        }
        return fields;
    }
    list({ min, max }) {
        const value = this.#value;
        if (!Array.isArray(value) || value.length < min || value.length > max) {
            this.fail("is not a list of an allowed length", `write a list of ${min} to ${max}`);
        }
        return value.map((item, place) => new JsonField(`${this.path}[${place}]`, item));
    }
    /** Undefined if it is not a string. */
    string() {
        return typeof this.#value === "string" ? this.#value : undefined;
    }
    boolean() {
        if (typeof this.#value === "boolean")
            return this.#value;
        this.fail("is neither true nor false", "write true or false, without quotes");
    }
    integer({ min, max }) {
        const number = readWholeNumber(this.#value);
        if (number !== undefined && number >= min && number <= max)
            return number;
        this.fail("is not a whole number within its range", min === max ? `write ${min}` : `write plain digits, ${min} to ${max}`);
    }
    matching({ pattern, form }) {
        if (typeof this.#value === "string" && pattern.test(this.#value))
            return this.#value;
        this.fail("does not have its form", `write ${form}`);
    }
    oneOf(values) {
        const found = values.find((one) => one === this.#value);
        return found ?? this.fail("has a value that is not known", `write one of ${values.join(", ")}`);
    }
    /** The bytes of lower-case hexadecimal text; undefined for anything else. */
    hex() {
        return typeof this.#value === "string" ? fromHex(this.#value) : undefined;
    }
    /** The same for exactly this many bytes; throws the fault for anything else. */
    bytes(length) {
        const bytes = this.hex();
        if (bytes?.length === length)
            return bytes;
        this.fail("does not have its form", `write ${2 * length} lower-case hexadecimal digits`);
    }
}
