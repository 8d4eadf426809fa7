"""Signatures of Ed25519, checked by the openssl program."""

import os
import subprocess
import tempfile

import points

# DER around a raw public key (RFC 8410).
PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")
# RFC 8032, section 7.1, TEST 2.
KNOWN_KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
KNOWN_MESSAGE = b"\x72"
KNOWN_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


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


def openssl_works():
    """An openssl that cannot check Ed25519 refuses every signature: its fault must not be a proof's."""
    try:
        return is_signature(KNOWN_KEY, KNOWN_MESSAGE, KNOWN_SIGNATURE)
    except OSError:
        return False
