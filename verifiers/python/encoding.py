"""The canonical encoding of docs/signing.md: it writes what is signed or hashed, and reads it strictly."""

import hashlib
import struct

from strict import require

# The largest whole number that every program counts exactly.
COUNTER_MAX = (1 << 53) - 1


def tag(text_of_tag):
    return bytes([len(text_of_tag)]) + text_of_tag.encode("ascii")


def u8(number):
    return struct.pack(">B", number)


def u16(number):
    return struct.pack(">H", number)


def u32(number):
    return struct.pack(">I", number)


def u64(number):
    return struct.pack(">Q", number)


def text(value):
    encoded = value.encode("utf-8")
    return u32(len(encoded)) + encoded


def listed(items, encode):
    return u32(len(items)) + b"".join(map(encode, items))


def optional(value, encode):
    return b"\x00" if value is None else b"\x01" + encode(value)


def sha256(data):
    return hashlib.sha256(data).digest()


class Reader:
    """Reads canonical bytes; `form` is the check that fails if they are too short or a number too large."""

    def __init__(self, data, form):
        self.data, self.form, self.at = data, form, 0

    def take(self, length):
        require(self.form, self.at + length <= len(self.data), "bytes end too early")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def counter(self):
        value = self.number(8)
        require(self.form, value <= COUNTER_MAX, "a counter of more than 53 bits")
        return value

    def count(self, most):
        value = self.number(4)
        require(self.form, value <= most, f"{value} items where {most} may be")
        return value

    def sized(self, most):
        return self.take(self.count(most))

    def text(self, most):
        try:
            return self.sized(most).decode("utf-8")
        except UnicodeDecodeError:
            require(self.form, False, "text is not UTF-8")

    def flag(self):
        value = self.number(1)
        require(self.form, value <= 1, "a flag is neither 0 nor 1")
        return value == 1

    def expect(self, expected, check, problem):
        require(check, self.take(len(expected)) == expected, problem)

    def end(self, check):
        require(check, self.at == len(self.data), "bytes after the end")
