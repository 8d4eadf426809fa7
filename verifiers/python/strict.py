"""JSON (RFC 8259) and the fields of a receipt, read strictly: two readers must not understand one text differently.

The numbers of checks are those of docs/signing.md.
"""

import base64
import binascii
import re

# No answer of the API is larger.
TEXT_BYTES_MAX = 256 * 1024
DEPTH_MAX = 64

SPACE = re.compile(r"[ \t\n\r]*")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
LITERAL = re.compile(r"true|false|null")
UNESCAPED = re.compile(r'[^"\\\x00-\x1f]*')
ESCAPE = re.compile(r'\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))')
ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
LITERALS = {"true": True, "false": False, "null": None}
DIGITS = re.compile(r"0|[1-9][0-9]*")
# A single bit away from another spelling of the same text; the common writers of JSON use none of them.
LOOSE = re.compile(r"\r(?!\n)|\t\n|(?<!\\)(?:\\\\)*\\u(?=[0-9a-fA-F]{0,3}[A-F])")


class Invalid(Exception):
    """The file proves nothing: the check that fails, by its number or its word, and why."""

    def __init__(self, check, problem):
        super().__init__(f"{check}: {problem}")
        self.check, self.problem = check, problem


def require(check, holds, problem):
    if not holds:
        raise Invalid(check, problem)


class Number(str):
    """A number as it was written; its field decides how it is read."""


def parse(data):
    """What the JSON of a receipt says, in bytes, with the checks 1.1 to 1.3."""
    tree = read(data, TEXT_BYTES_MAX)
    loose = LOOSE.search(data.decode("utf-8"))
    require("1.3", loose is None, "a spelling that another one, a single bit away, could replace")
    return tree


def read(data, bytes_max):
    """What the bytes of a JSON text say: dict, list, str, Number, bool or None."""
    require("1.1", len(data) <= bytes_max, "the text is too long")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("1.1", "the text is not UTF-8") from None
    return Parser(text).whole()


class Parser:
    def __init__(self, text):
        self.text, self.at, self.depth = text, 0, 0

    def whole(self):
        value = self.value()
        require("1.2", self.at == len(self.text), "something stands behind the JSON")
        return value

    def value(self):
        self.match(SPACE)
        value = self.bare()
        self.match(SPACE)
        return value

    def bare(self):
        if self.takes('"'):
            return self.string()
        if self.takes("{"):
            return self.nested(self.record)
        if self.takes("["):
            return self.nested(self.list)
        number = self.match(NUMBER)
        if number != "":
            return Number(number)
        literal = self.match(LITERAL)
        require("1.2", literal != "", "no JSON")
        return LITERALS[literal]

    def nested(self, inner):
        self.depth += 1
        require("1.2", self.depth <= DEPTH_MAX, "nested too deep")
        value = inner()
        self.depth -= 1
        return value

    def record(self):
        record = {}
        self.match(SPACE)
        if self.takes("}"):
            return record
        while True:
            self.match(SPACE)
            require("1.2", self.takes('"'), "no name")
            name = self.string()
            require("1.2", name not in record, "a name stands twice in one object")
            self.match(SPACE)
            require("1.2", self.takes(":"), "no colon behind a name")
            record[name] = self.value()
            if not self.takes(","):
                break
        require("1.2", self.takes("}"), "an object does not end")
        return record

    def list(self):
        items = []
        self.match(SPACE)
        if self.takes("]"):
            return items
        items.append(self.value())
        while self.takes(","):
            items.append(self.value())
        require("1.2", self.takes("]"), "a list does not end")
        return items

    def string(self):
        parts = [self.match(UNESCAPED)]
        while not self.takes('"'):
            escape = ESCAPE.match(self.text, self.at)
            require("1.2", escape is not None, "a string does not end")
            self.at = escape.end()
            plain, code = escape.groups()
            parts.append(chr(int(code, 16)) if code else ESCAPED.get(plain, plain))
            parts.append(self.match(UNESCAPED))
        return "".join(parts)

    def takes(self, character):
        found = self.text.startswith(character, self.at)
        self.at += found
        return found

    def match(self, pattern):
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()


# --- fields: each reads one value of the tree; what is absent gets its default -----------------------------------


def message(fields):
    """Of a table from the name in the contract to the reader of the field."""
    names = {spelling: name for name in fields for spelling in (name, camel(name))}

    def read_message(value):
        require("1.4", isinstance(value, dict), "no object where one belongs")
        found = {}
        for spelling, item in value.items():
            name = names.get(spelling)
            require("1.4", name is not None, f"a field that is not known: {spelling[:40]!a}")
            require("1.2", name not in found, f"the field {name} stands twice")
            found[name] = item
        return {name: one(found.get(name)) for name, one in fields.items()}

    return read_message


def camel(name):
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def optional(one):
    """Tells an absent field from an empty one."""
    return lambda value: None if value is None else one(value)


def listed(one):
    def read_list(value):
        require("1.5", value is None or isinstance(value, list), "no list where one belongs")
        require("1.5", value is None or None not in value, "null stands in a list")
        return [one(item) for item in value or []]

    return read_list


def whole(bits):
    def read_whole(value):
        if value is None:
            return 0
        require("1.5", isinstance(value, str) and DIGITS.fullmatch(value), "no whole number in plain digits")
        require("1.5", len(value) <= 20 and int(value) < 1 << bits, f"a number of more than {bits} bits")
        bare = isinstance(value, Number)
        require("1.5", not bare or int(value) < 1 << 53, "a bare number that readers of JSON round")
        return int(value)

    return read_whole


def flag(value):
    require("1.5", value is None or isinstance(value, bool), "neither true nor false")
    return bool(value)


def raw(value):
    if value is None:
        return b""
    require("1.6", isinstance(value, str) and not isinstance(value, Number), "no text where base64 belongs")
    try:
        data = base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Invalid("1.6", "no base64") from None
    require("1.6", base64.b64encode(data).decode() == value, "base64 that is not canonical")
    return data


def sized(least, most):
    def read_sized(value):
        data = raw(value)
        require("1.7", least <= len(data) <= most, f"{len(data)} bytes where {least} to {most} belong")
        return data

    return read_sized
