"""What docs/signing.md says, in Python's standard library and the openssl program: a model to port, not a product.

Encoding, wallet ids, what clients sign, and what a receipt proves. No code of Countersign is used.
"""

import hashlib
import os
import struct
import subprocess
import tempfile
import uuid

OPERATION = "countersign/v1/operation"
WALLET_ID = "countersign/v1/wallet-id"
RESULT_LEAF = "countersign/v1/result-leaf"
HEADER = "countersign/v1/header"

WALLET_CREATION, TRANSFER = 1, 2


# --- the canonical encoding -------------------------------------------------------------------------------------


def tag(text):
    return bytes([len(text)]) + text.encode("ascii")


def u64(number):
    return struct.pack(">Q", number)


def text(value):
    encoded = value.encode("utf-8")
    return struct.pack(">I", len(encoded)) + encoded


def optional(value, encode):
    return b"\x00" if value is None else b"\x01" + encode(value)


def operation(network_id, kind, author, operation_id, valid_until, fields):
    head = tag(OPERATION) + network_id + bytes([kind]) + author
    return head + uuid.UUID(operation_id).bytes + u64(valid_until) + fields


def wallet_creation(network_id, author, creation_id, valid_until, public_key, asset, balance=0):
    fields = public_key + text(asset) + optional(balance or None, u64)
    return operation(network_id, WALLET_CREATION, author, creation_id, valid_until, fields)


def transfer(network_id, author, transfer_id, valid_until, payer, payee, amount, reference=None):
    fields = uuid.UUID(payer).bytes + uuid.UUID(payee).bytes + u64(amount) + optional(reference, text)
    return operation(network_id, TRANSFER, author, transfer_id, valid_until, fields)


def wallet_id(network_id, public_key, creation_id):
    """UUIDv8 of the first 122 bits of the hash: 48, then 12, then 62 of them."""
    digest = sha256(tag(WALLET_ID) + network_id + public_key + uuid.UUID(creation_id).bytes)
    bits = int.from_bytes(digest, "big") >> 134
    high, middle, low = bits >> 74, (bits >> 62) & 0xFFF, bits & ((1 << 62) - 1)
    return str(uuid.UUID(int=high << 80 | 8 << 76 | middle << 64 | 2 << 62 | low))


def sha256(data):
    return hashlib.sha256(data).digest()


# --- Ed25519, by the openssl program ----------------------------------------------------------------------------

# DER around a raw key (RFC 8410).
PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")
SECRET_PREFIX = bytes.fromhex("302e020100300506032b657004220420")


class Key:
    """A key pair in a file of its own, readable by its owner alone."""

    def __init__(self, file):
        self.file = file
        self.public_key = openssl("pkey", "-in", file, "-pubout", "-outform", "DER")[-32:]

    @staticmethod
    def generate(file):
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(openssl("genpkey", "-algorithm", "ed25519"))
        return Key(file)

    @staticmethod
    def of_secret(secret, file):
        """For the keys of test vectors, which are no secret."""
        with open(file, "wb") as out:
            out.write(openssl("pkey", "-inform", "DER", stdin=SECRET_PREFIX + secret))
        return Key(file)

    def sign(self, message):
        with tempfile.NamedTemporaryFile() as message_file:
            message_file.write(message)
            message_file.flush()
            return openssl("pkeyutl", "-sign", "-inkey", self.file, "-rawin", "-in", message_file.name)


def is_signature(public_key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for name, content in zip(names, (PUBLIC_PREFIX + public_key, message, signature)):
            with open(name, "wb") as out:
                out.write(content)
        key = ["-pubin", "-keyform", "DER", "-inkey", names[0]]
        command = ["openssl", "pkeyutl", "-verify", *key, "-rawin", "-in", names[1], "-sigfile", names[2]]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def openssl(*args, stdin=b""):
    run = subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"openssl {args[0]}: {run.stderr.decode()}")
    return run.stdout


# --- what a receipt proves --------------------------------------------------------------------------------------


class Invalid(Exception):
    """The receipt proves nothing; the message says why."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        if self.at + length > len(self.data):
            raise Invalid("bytes end too early")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def expect(self, expected, what):
        if self.take(len(expected)) != expected:
            raise Invalid(f"another {what}")

    def end(self):
        if self.at != len(self.data):
            raise Invalid("bytes after the end")


def read_header(network_id, data):
    reader = Reader(data)
    reader.expect(tag(HEADER), "tag of a header")
    reader.expect(struct.pack(">H", 1), "version of a header")
    reader.expect(network_id, "network in a header")
    epoch, height, _view = (reader.number(8) for _ in range(3))
    parent = reader.take(32)
    count = reader.number(4)
    _operations_root, results_root = reader.take(32), reader.take(32)
    _wallet_count, _state_root = reader.number(8), reader.take(32)
    supply = [reader.number(8) for _ in range(reader.number(4))]
    time, _proposer = reader.number(8), reader.number(2)
    reader.end()
    names = ("epoch", "height", "parent", "count", "results_root", "supply", "time")
    return dict(zip(names, (epoch, height, parent, count, results_root, supply, time)))


def root_of_path(leaf, index, count, path):
    """RFC 9162 section 2.1.3.2."""
    if index >= count:
        raise Invalid("the index is not in the tree")
    number, last, digest = index, count - 1, sha256(b"\x00" + leaf)
    for sibling in path:
        if last == 0:
            raise Invalid("the path is too long")
        if number % 2 == 1 or number == last:
            digest = sha256(b"\x01" + sibling + digest)
            while number % 2 == 0 and number != 0:
                number, last = number >> 1, last >> 1
        else:
            digest = sha256(b"\x01" + digest + sibling)
        number, last = number >> 1, last >> 1
    if last != 0:
        raise Invalid("the path is too short")
    return digest


def check_receipt(network_id, group_key, signed, receipt):
    """What became of the operation with the bytes `signed`: True if applied, False if declined; or raises Invalid.

    `receipt`: leaf, index, path, headers, sealed (bytes) and seal, all as bytes and numbers. Trusts `group_key`: that it
    is the network's is for the key certificate to show, against the genesis (countersign receipt verify does that).
    """
    leaf = Reader(receipt["leaf"])
    leaf.expect(tag(RESULT_LEAF), "tag of a result")
    leaf.expect(network_id, "network in the result")
    leaf.expect(sha256(signed), "operation hash")
    leaf.expect(struct.pack(">I", len(signed)) + signed, "operation")
    status = leaf.number(1)
    leaf.end()

    chain = [*receipt["headers"], receipt["sealed"]]
    headers = [read_header(network_id, data) for data in chain]
    for below, data, above in zip(headers, chain, headers[1:]):
        if above["height"] != below["height"] + 1 or above["parent"] != sha256(data):
            raise Invalid("a header is not the child of the one before it")
    top = headers[0]
    if root_of_path(receipt["leaf"], receipt["index"], top["count"], receipt["path"]) != top["results_root"]:
        raise Invalid("the path does not lead to the header's results root")
    if not is_signature(group_key, receipt["sealed"], receipt["seal"]):
        raise Invalid("the seal is not the group key's")
    return status == 0
