"""Headers and what certifies them: the group's seal under a key that a quorum confirmed, or the votes of a quorum.

The numbers of checks are those of docs/signing.md.
"""

import struct
from typing import NamedTuple

import points
from encoding import COUNTER_MAX, Reader, sha256, tag, u8, u64
from signatures import is_signature
from strict import require

HEADER = "countersign/v1/header"
KEY_CERTIFICATE = "countersign/v1/key-certificate"
CERTIFICATE = "countersign/v1/certificate"
FINALIZE = "countersign/v1/finalize"

# The members of a genesis are those of the first epoch.
EPOCH = 1
# Every 64th header is sealed at the latest; a node that caught up holds one finalization above all that it fetched.
SEALED_HEADERS_MAX, PENDING_HEADERS_MAX = 64 + 1, 256 + 1
SUPPLIES_MAX, MEMBERS_MAX = 16, 100
# Kinds of votes count from 0: notarize, nullify, finalize.
FINALIZE_KIND = 2


def check_headers(network, chain, count_max):
    require("3.1", 1 <= len(chain) <= count_max, f"{len(chain)} headers where 1 to {count_max} belong")
    headers = [read_header(network, data) for data in chain]
    for below, data, above in zip(headers, chain, headers[1:]):
        require("3.4", above["height"] == below["height"] + 1, "the heights do not ascend by one")
        require("3.5", above["parent_hash"] == sha256(data), "a header is not the child of the one before it")
    return headers


def read_header(network, data):
    """With the names of the view."""
    reader = Reader(data, "3.2")
    reader.expect(tag(HEADER) + struct.pack(">H", 1), "3.2", "another tag or version than a header's")
    header = {"version": 1, "network_id": reader.take(32)}
    require("3.3", header["network_id"] == network.id, "a header is of another network")
    for name in ("epoch", "height", "view"):
        header[name] = reader.counter()
    header["parent_hash"] = reader.take(32)
    header["operation_count"] = reader.number(4)
    header["operations_root"], header["results_root"] = reader.take(32), reader.take(32)
    header["wallet_count"], header["state_root"] = reader.counter(), reader.take(32)
    header["supply"] = [reader.number(8) for _ in range(reader.count(SUPPLIES_MAX))]
    header["time"], header["proposer"] = reader.counter(), reader.number(2)
    reader.end("3.2")
    return header


def check_place(leaf, index, path, header):
    """RFC 9162 section 2.1.3.2."""
    require("4.1", index < header["operation_count"], "the index is not in the tree")
    root = root_of_path(leaf, index, header["operation_count"], path)
    require("4.3", root == header["results_root"], "the path does not lead to the header's results root")


def root_of_path(leaf, index, count, path):
    number, last, digest = index, count - 1, sha256(b"\x00" + leaf)
    for sibling in path:
        require("4.2", last != 0, "the path is too long")
        if number % 2 == 1 or number == last:
            digest = sha256(b"\x01" + sibling + digest)
            while number % 2 == 0 and number != 0:
                number, last = number >> 1, last >> 1
        else:
            digest = sha256(b"\x01" + digest + sibling)
        number, last = number >> 1, last >> 1
    require("4.2", last == 0, "the path is too short")
    return digest


def read_key_fields(data):
    """With the names of the view."""
    reader = Reader(data, "5.2")
    reader.expect(tag(KEY_CERTIFICATE), "5.2", "another tag than a key certificate's")
    body = {"network_id": reader.take(32), "epoch": reader.counter()}
    body["group_public_key"], body["threshold"] = reader.take(32), reader.number(2)
    body["transcript_hash"] = reader.take(32)
    reader.end("5.2")
    return body


def check_key_fields(network, body):
    require("5.3", body["network_id"] == network.id, "the key is of another network")
    require("5.4", body["epoch"] == EPOCH, "the key is of another epoch")
    require("5.5", body["threshold"] == network.quorum, "the threshold is not the genesis' quorum")
    require("5.6", points.is_public_key(body["group_public_key"]), "the group key is no point of prime order")


def check_key_signatures(network, message, signatures):
    check_signatures(network, message, signatures, ("5.8", "5.9", "5.10"))


def check_seal(group_key, header, header_bytes, seal):
    require("5.11", header["epoch"] <= EPOCH, "the sealed header is of a later epoch than the key")
    require("5.12", is_signature(group_key, header_bytes, seal), "the seal is not the group key's")


class Finalization(NamedTuple):
    """Votes for one header: (epoch, view, height, hash)."""

    subject: tuple
    signatures: list


def read_votes(data):
    reader = Reader(data, "6.1")
    reader.expect(tag(CERTIFICATE) + u8(FINALIZE_KIND), "6.1", "no certificate of votes to finalize")
    epoch, view, height, block_hash = reader.counter(), reader.counter(), reader.counter(), reader.take(32)
    require("6.1", max(view, height) < COUNTER_MAX, "a view or height that has none after it")
    signatures = read_signatures(reader)
    reader.end("6.1")
    return Finalization((epoch, view, height, block_hash), signatures)


def read_signatures(reader):
    return [(reader.number(2), reader.take(64)) for _ in range(reader.count(MEMBERS_MAX))]


def check_votes(network, votes, header, header_bytes):
    last = (header["epoch"], header["view"], header["height"], sha256(header_bytes))
    require("6.2", votes.subject == last, "the votes are not about the last header")
    epoch, view, height, block_hash = votes.subject
    require("6.3", epoch == EPOCH, "the votes are of another epoch")
    message = tag(FINALIZE) + network.id + u64(epoch) + u64(view) + u64(height) + block_hash
    check_signatures(network, message, votes.signatures, ("6.4", "6.5", "6.6"))


def check_signatures(network, message, signatures, checks):
    """Of members in ascending order, a quorum of them; every one must be genuine."""
    quorum, order, genuine = checks
    signers = [signer for signer, _ in signatures]
    require(quorum, len(signers) >= network.quorum, "fewer members signed than a quorum")
    ascending = all(left < right for left, right in zip(signers, signers[1:]))
    require(order, ascending, "the members do not ascend")
    require(order, all(signer < len(network.members) for signer in signers), "a signer is no member")
    for signer, signature in signatures:
        member = network.members[signer]
        signed = is_signature(member.identity_key, message, signature)
        require(genuine, signed, f"the signature of {member.id} is not genuine")
