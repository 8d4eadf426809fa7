"""What docs/signing.md says, in Python's standard library and the openssl program: a model to port, not a product.

Wallet ids and what clients sign; verifiers/python has the encoding and what a receipt proves. No code of the nodes is used.
"""

import os
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "verifiers", "python"))

import operations
from encoding import optional, sha256, tag, text, u8, u64
from operations import CANCELLATION, OPERATION, TRANSFER, WALLET_CREATION
from signatures import is_signature

__all__ = ["is_signature", "sha256", "tag"]

# --- what clients sign ------------------------------------------------------------------------------------------


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
    return str(operations.wallet_id(network_id, public_key, uuid.UUID(creation_id)))


def leaf_hash(signed, signature):
    """Of an operation without a sponsor."""
    return sha256(b"\x00" + signed + signature + b"\x00")


# --- Ed25519, by the openssl program ----------------------------------------------------------------------------

# DER around a raw secret key (RFC 8410).
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


def openssl(*args, stdin=b""):
    run = subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"openssl {args[0]}: {run.stderr.decode()}")
    return run.stdout
