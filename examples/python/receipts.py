"""What a receipt proves, by docs/signing.md, to whoever has the genesis: nothing else is trusted, no node is asked."""

import base64
import binascii
import struct

from countersign import is_signature, listed, sha256, tag, text, u8, u64

GENESIS = "countersign/v1/genesis"
RESULT_LEAF = "countersign/v1/result-leaf"
HEADER = "countersign/v1/header"
KEY_CERTIFICATE = "countersign/v1/key-certificate"

# The members of a genesis are those of the first epoch.
EPOCH = 1
# Every 64th header is sealed at the latest.
HEADERS_MAX = 64

LIMITS = ("blockOperationsMax", "blockBytesMax", "sponsoredPerBlockMax")
TIMINGS = (
    "graceMs",
    "lifetimeMsMax",
    "clockSkewMs",
    "viewTimeoutMs",
    "viewTimeoutMsMax",
    "sealTimeoutMs",
    "ceremonyTimeoutMs",
)


class Invalid(Exception):
    """The receipt proves nothing; the message says why."""


def network_id_of(genesis):
    """Of the genesis file, as JSON."""

    def validator(one):
        names = text(one["id"]) + text(one["peerAddress"]) + text(one["clientAddress"])
        return names + bytes.fromhex(one["identityKey"]) + bytes.fromhex(one["custodyKey"])

    encoded = tag(GENESIS) + u64(genesis["createdAt"]) + listed(genesis["validators"], validator)
    encoded += listed(genesis["assets"], lambda asset: text(asset["code"]) + u8(asset["scale"]))
    encoded += listed(genesis["issuers"], bytes.fromhex)
    encoded += b"".join(u64(genesis["limits"][name]) for name in LIMITS)
    encoded += b"".join(u64(genesis["timings"][name]) for name in TIMINGS)
    return sha256(encoded)


def check_receipt(genesis, signed, receipt):
    """What became of the operation with the bytes `signed`: True if applied, False if declined; or raises Invalid.

    `receipt`: as the API gives it, JSON; it must be sealed.
    """
    if "sealedHeader" not in receipt:
        raise Invalid("the seal is still to come: ask for the receipt again (GetReceipt)")
    network_id = network_id_of(genesis)
    leaf, sealed = raw(receipt["leaf"]), raw(receipt["sealedHeader"]["bytes"])
    status = read_leaf(network_id, signed, leaf)

    chain = [*map(raw, receipt.get("headers", [])), sealed]
    if len(chain) > HEADERS_MAX + 1:
        raise Invalid("more headers than lie between two seals")
    headers = [read_header(network_id, data) for data in chain]
    for below, data, above in zip(headers, chain, headers[1:]):
        if above["height"] != below["height"] + 1 or above["parent"] != sha256(data):
            raise Invalid("a header is not the child of the one before it")
    path = [*map(raw, receipt.get("path", []))]
    if root_of_path(leaf, receipt.get("index", 0), headers[0]["count"], path) != headers[0]["results_root"]:
        raise Invalid("the path does not lead to the header's results root")

    group_key = check_key_certificate(network_id, genesis["validators"], receipt["keyCertificate"])
    if headers[-1]["epoch"] > EPOCH:
        raise Invalid("the sealed header is of a later epoch than the key")
    if not is_signature(group_key, sealed, raw(receipt["sealedHeader"]["seal"])):
        raise Invalid("the seal is not the group key's")
    return status == 0


def check_key_certificate(network_id, validators, certificate):
    """The group key that a quorum of the members vouches for."""
    message = raw(certificate["bytes"])
    reader = Reader(message)
    reader.expect(tag(KEY_CERTIFICATE), "tag of a key certificate")
    reader.expect(network_id, "network in the key certificate")
    reader.expect(u64(EPOCH), "epoch in the key certificate")
    group_key, threshold = reader.take(32), reader.number(2)
    _transcript_hash = reader.take(32)
    reader.end()
    quorum = len(validators) - (len(validators) - 1) // 3
    if threshold != quorum:
        raise Invalid("the threshold is not the quorum of the genesis")
    signatures = certificate.get("signatures", [])
    members = [one.get("signer", 0) for one in signatures]
    if members != sorted(set(members)) or len(members) < quorum or members[-1] >= len(validators):
        raise Invalid("the key certificate is not signed by a quorum of the members, in ascending order")
    for one, member in zip(signatures, members):
        identity_key = bytes.fromhex(validators[member]["identityKey"])
        if not is_signature(identity_key, message, raw(one["signature"])):
            raise Invalid(f"the signature of {validators[member]['id']} under the group key is not genuine")
    return group_key


def read_leaf(network_id, signed, data):
    leaf = Reader(data)
    leaf.expect(tag(RESULT_LEAF), "tag of a result")
    leaf.expect(network_id, "network in the result")
    leaf.expect(sha256(signed), "operation hash")
    leaf.expect(struct.pack(">I", len(signed)) + signed, "operation")
    status = leaf.number(1)
    leaf.end()
    return status


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


def raw(base64_text):
    try:
        return base64.b64decode(base64_text, validate=True)
    except binascii.Error as error:
        raise Invalid(f"no base64: {error}") from None
