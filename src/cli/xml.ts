/** Writes XML 1.0. Every text passes through one function, so none begins or ends a tag, an attribute or the document. */
import { assert } from "../primitives/assert.ts";
import { printable } from "../primitives/printable.ts";

/** Tags that are written already; only the functions of this file make one. */
export class Xml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type XmlContent = string | Xml | undefined | readonly XmlContent[];

const NAME = /^[A-Za-z]+$/;
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

export function openTag(name: string, attributes: Readonly<Record<string, string>> = {}): string {
  assert(NAME.test(name), "a name of an element has letters alone");
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${pairs.join("")}>`;
}

export function closeTag(name: string): string {
  return `</${name}>`;
}

export function element(
  name: string,
  content: XmlContent,
  attributes: Readonly<Record<string, string>> = {},
): Xml {
  return new Xml(`${openTag(name, attributes)}${written(content)}${closeTag(name)}`);
}

function written(content: XmlContent): string {
  if (content === undefined) return "";
  if (typeof content === "string") return escaped(content);
  return content instanceof Xml ? content.text : content.map(written).join("");
}

/** Characters that XML cannot hold, or that steer a terminal, are written as \u{…}. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
