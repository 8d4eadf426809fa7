"""What docs/signing.md says, in Python's standard library and the openssl program: a model to port, not a product.

Encoding, wallet ids and what clients sign; receipts.py has what a receipt proves. No code of Countersign is used.
"""

import hashlib
import os
import struct
import subprocess
import tempfile
import uuid

import points

OPERATION = "countersign/v1/operation"
WALLET_ID = "countersign/v1/wallet-id"

WALLET_CREATION, TRANSFER, CANCELLATION = 1, 2, 8


# --- the canonical encoding -------------------------------------------------------------------------------------


def tag(text):
    return bytes([len(text)]) + text.encode("ascii")


def u8(number):
    return struct.pack(">B", number)


def u64(number):
    return struct.pack(">Q", number)


def text(value):
    encoded = value.encode("utf-8")
    return struct.pack(">I", len(encoded)) + encoded


def listed(items, encode):
    return struct.pack(">I", len(items)) + b"".join(map(encode, items))


def optional(value, encode):
    return b"\x00" if value is None else b"\x01" + encode(value)


def operation(network_id, kind, author, operation_id, valid_until, fields):
    head = tag(OPERATION) + network_id + u8(kind) + author
    return head + uuid.UUID(operation_id).bytes + u64(valid_until) + fields


def wallet_creation(network_id, author, creation_id, valid_until, public_key, asset, balance=0):
    fields = public_key + text(asset) + optional(balance or None, u64)
    return operation(network_id, WALLET_CREATION, author, creation_id, valid_until, fields)


def transfer(network_id, author, transfer_id, valid_until, payer, payee, asset, amount, reference=None):
    wallets = uuid.UUID(payer).bytes + uuid.UUID(payee).bytes
    fields = wallets + text(asset) + u64(amount) + optional(reference, text)
    return operation(network_id, TRANSFER, author, transfer_id, valid_until, fields)


def cancellation(network_id, author, payment_id, valid_until, payer):
    return operation(network_id, CANCELLATION, author, payment_id, valid_until, uuid.UUID(payer).bytes)


def wallet_id(network_id, public_key, creation_id):
    """UUIDv8 of the first 122 bits of the hash: 48, then 12, then 62 of them."""
    digest = sha256(tag(WALLET_ID) + network_id + public_key + uuid.UUID(creation_id).bytes)
    bits = int.from_bytes(digest, "big") >> 134
    high, middle, low = bits >> 74, (bits >> 62) & 0xFFF, bits & ((1 << 62) - 1)
    return str(uuid.UUID(int=high << 80 | 8 << 76 | middle << 64 | 2 << 62 | low))


def leaf_hash(signed, signature):
    """Of an operation without a sponsor."""
    return sha256(b"\x00" + signed + signature + b"\x00")


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
    """By the rule of the protocol: RFC 8032 without the cofactor, and neither the key nor R of small order."""
    halves = (public_key, signature[:32])
    if len(signature) != 64 or any((point := points.decode(one)) is None or points.is_small(point) for one in halves):
        return False
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
