"""What a receipt proves, by docs/signing.md, to an auditor who has the genesis: nothing else is trusted, no node is
asked. The numbers of checks are those of that page.
"""

import struct
from typing import NamedTuple

import points
import strict
from countersign import CANCELLATION, OPERATION, TRANSFER, is_signature, listed, sha256, tag, text, u8, u64
from strict import Invalid, flag, optional, raw, sized, whole

GENESIS = "countersign/v1/genesis"
RESULT_LEAF = "countersign/v1/result-leaf"
HEADER = "countersign/v1/header"
KEY_CERTIFICATE = "countersign/v1/key-certificate"
CERTIFICATE = "countersign/v1/certificate"
FINALIZE = "countersign/v1/finalize"

# The members of a genesis are those of the first epoch.
EPOCH = 1
# Every 64th header is sealed at the latest; a node that caught up holds one finalization above all that it fetched.
SEALED_HEADERS_MAX, PENDING_HEADERS_MAX = 64 + 1, 256 + 1
DECLINE_REASONS = 8
SUPPLIES_MAX, MEMBERS_MAX = 16, 100
OPERATION_BYTES_MAX = 64 * 1024
# Kinds of votes count from 0: notarize, nullify, finalize.
FINALIZE_KIND = 2
# The largest whole number that every program counts exactly.
COUNTER_MAX = (1 << 53) - 1

LIMITS = ("blockOperationsMax", "blockBytesMax", "sponsoredPerBlockMax", "unfundedPerSponsorMax")
TIMINGS = (
    "graceMs",
    "lifetimeMsMax",
    "clockSkewMs",
    "viewTimeoutMs",
    "viewTimeoutMsMax",
    "sealTimeoutMs",
    "ceremonyTimeoutMs",
)

# The messages of the contract (types.proto): names and readers of fields.
read_header_view = strict.message(
    {
        "version": whole(32),
        "network_id": raw,
        "epoch": whole(64),
        "height": whole(64),
        "view": whole(64),
        "parent_hash": raw,
        "operation_count": whole(32),
        "operations_root": raw,
        "results_root": raw,
        "wallet_count": whole(64),
        "state_root": raw,
        "supply": strict.listed(whole(64)),
        "time": whole(64),
        "proposer": whole(32),
    }
)
read_sealed_header = strict.message(
    {"bytes": sized(1, 1024), "seal": sized(64, 64), "header": optional(read_header_view)}
)
read_key_certificate = strict.message(
    {
        "bytes": raw,
        "network_id": raw,
        "epoch": whole(64),
        "group_public_key": raw,
        "threshold": whole(32),
        "transcript_hash": raw,
        "signatures": strict.listed(strict.message({"signer": whole(32), "signature": sized(64, 64)})),
    }
)
read_receipt = strict.message(
    {
        "leaf": sized(1, 2 * OPERATION_BYTES_MAX),
        "index": whole(32),
        "path": strict.listed(sized(32, 32)),
        "headers": strict.listed(sized(1, 1024)),
        "sealed_header": optional(read_sealed_header),
        "key_certificate": optional(read_key_certificate),
        "finalization": optional(sized(1, 256 + MEMBERS_MAX * 66)),
        "seal_pending": flag,
    }
)


class Verdict(NamedTuple):
    """`outcome`: "applied" or "declined", proved; or "invalid", and then which check fails and why."""

    outcome: str
    sealed: bool = False
    check: str = ""
    problem: str = ""
    # Of the block that holds the operation.
    block_time: int = 0


def judge(genesis, signed, receipt):
    """The outcome of the operation with the bytes `signed`. Every receipt gets a verdict, even a malformed one.

    `genesis`: the file that you trust, as JSON. `receipt`: its text in bytes, or the result of strict.parse.
    """
    try:
        tree = strict.parse(receipt) if isinstance(receipt, bytes) else receipt
        return check_receipt(genesis, signed, read_receipt(tree))
    except Invalid as invalid:
        return Verdict("invalid", check=invalid.check, problem=invalid.problem)


def is_never_made(genesis, payment, cancellation, receipt):
    """True if `receipt`, of the operation with the signed bytes `cancellation`, proves that the payment with the signed
    bytes `payment` was not ordered and never will be (docs/signing.md, Cancellations).
    """
    verdict, kind = judge(genesis, cancellation, receipt), len(tag(OPERATION)) + 32
    # Up to the paying wallet both have the same layout: kind, author, id, deadline, wallet.
    deadline, wallet = kind + 1 + 32 + 16, kind + 1 + 32 + 16 + 8
    same = (slice(0, kind), slice(kind + 1, deadline), slice(wallet, wallet + 16))
    if verdict.outcome == "invalid" or any(payment[part] != cancellation[part] for part in same):
        return False
    if (payment[kind], cancellation[kind]) != (TRANSFER, CANCELLATION):
        return False
    earliest = verdict.block_time - genesis["timings"]["graceMs"]
    valid_until, latest = (int.from_bytes(one[deadline:wallet], "big") for one in (payment, cancellation))
    return earliest <= valid_until <= latest


def check_receipt(genesis, signed, receipt):
    network_id, validators = network_id_of(genesis), genesis["validators"]
    sealed_header, pending = receipt["sealed_header"], receipt["seal_pending"]
    seal = (sealed_header is not None, receipt["key_certificate"] is not None)
    strict.require("1.8", seal == (not pending, not pending), "a seal and sealPending do not agree")
    strict.require("1.8", (receipt["finalization"] is not None) == pending, "a finalization does not stand for a seal")
    strict.require("1.8", pending or sealed_header["header"] is not None, "the view of the sealed header is missing")

    status = check_leaf(network_id, signed, receipt["leaf"])
    chain = receipt["headers"] + ([] if pending else [sealed_header["bytes"]])
    headers = check_headers(network_id, chain, PENDING_HEADERS_MAX if pending else SEALED_HEADERS_MAX)
    check_place(receipt, headers[0])
    if pending:
        check_finalization(network_id, validators, receipt["finalization"], headers[-1], chain[-1])
    else:
        check_seal(network_id, validators, receipt, headers[-1])
    outcome = "applied" if status == 0 else "declined"
    return Verdict(outcome, sealed=not pending, block_time=headers[0]["time"])


def check_leaf(network_id, signed, data):
    leaf = Reader(data, "2.1")
    leaf.expect(tag(RESULT_LEAF), "2.1", "another tag than a result's")
    leaf.expect(network_id, "2.2", "the result is of another network")
    operation_hash, operation = leaf.take(32), leaf.sized(OPERATION_BYTES_MAX)
    strict.require("2.3", operation_hash == sha256(operation), "the operation hash is not the operation's")
    strict.require("2.4", operation == signed, "the operation is not the one that was sent")
    status = leaf.number(1)
    strict.require("2.5", status <= DECLINE_REASONS, "a result that is not known")
    leaf.end("2.6")
    return status


def check_headers(network_id, chain, count_max):
    strict.require("3.1", 1 <= len(chain) <= count_max, f"{len(chain)} headers where 1 to {count_max} belong")
    headers = [read_header(network_id, data) for data in chain]
    for below, data, above in zip(headers, chain, headers[1:]):
        strict.require("3.4", above["height"] == below["height"] + 1, "the heights do not ascend by one")
        strict.require("3.5", above["parent_hash"] == sha256(data), "a header is not the child of the one before it")
    return headers


def read_header(network_id, data):
    """With the names of the view."""
    reader = Reader(data, "3.2")
    reader.expect(tag(HEADER) + struct.pack(">H", 1), "3.2", "another tag or version than a header's")
    header = {"version": 1, "network_id": reader.take(32)}
    strict.require("3.3", header["network_id"] == network_id, "a header is of another network")
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


def check_place(receipt, header):
    """RFC 9162 section 2.1.3.2."""
    index, count, path = receipt["index"], header["operation_count"], receipt["path"]
    strict.require("4.1", index < count, "the index is not in the tree")
    root = root_of_path(receipt["leaf"], index, count, path)
    strict.require("4.3", root == header["results_root"], "the path does not lead to the header's results root")


def root_of_path(leaf, index, count, path):
    number, last, digest = index, count - 1, sha256(b"\x00" + leaf)
    for sibling in path:
        strict.require("4.2", last != 0, "the path is too long")
        if number % 2 == 1 or number == last:
            digest = sha256(b"\x01" + sibling + digest)
            while number % 2 == 0 and number != 0:
                number, last = number >> 1, last >> 1
        else:
            digest = sha256(b"\x01" + digest + sibling)
        number, last = number >> 1, last >> 1
    strict.require("4.2", last == 0, "the path is too short")
    return digest


def check_seal(network_id, validators, receipt, header):
    sealed, certificate = receipt["sealed_header"], receipt["key_certificate"]
    strict.require("5.1", sealed["header"] == header, "the view of the sealed header is not what its bytes say")
    group_key = check_key_certificate(network_id, validators, certificate)
    strict.require("5.11", header["epoch"] <= EPOCH, "the sealed header is of a later epoch than the key")
    genuine = is_signature(group_key, sealed["bytes"], sealed["seal"])
    strict.require("5.12", genuine, "the seal is not the group key's")


def check_key_certificate(network_id, validators, certificate):
    """The group key that a quorum of the members vouches for."""
    message = certificate["bytes"]
    reader = Reader(message, "5.2")
    reader.expect(tag(KEY_CERTIFICATE), "5.2", "another tag than a key certificate's")
    body = {"network_id": reader.take(32), "epoch": reader.counter()}
    body["group_public_key"], body["threshold"] = reader.take(32), reader.number(2)
    body["transcript_hash"] = reader.take(32)
    reader.end("5.2")
    strict.require("5.3", body["network_id"] == network_id, "the key is of another network")
    strict.require("5.4", body["epoch"] == EPOCH, "the key is of another epoch")
    strict.require("5.5", body["threshold"] == quorum_of(validators), "the threshold is not the genesis' quorum")
    strict.require("5.6", points.is_public_key(body["group_public_key"]), "the group key is no point of prime order")
    view = {name: certificate[name] for name in body}
    strict.require("5.7", view == body, "the view of the key certificate is not what its bytes say")
    check_signatures(validators, message, certificate["signatures"], ("5.8", "5.9", "5.10"))
    return body["group_public_key"]


def check_finalization(network_id, validators, data, header, header_bytes):
    reader = Reader(data, "6.1")
    reader.expect(tag(CERTIFICATE) + u8(FINALIZE_KIND), "6.1", "no certificate of votes to finalize")
    epoch, view, height, block_hash = reader.counter(), reader.counter(), reader.counter(), reader.take(32)
    strict.require("6.1", max(view, height) < COUNTER_MAX, "a view or height that has none after it")
    count = reader.count(MEMBERS_MAX)
    signatures = [{"signer": reader.number(2), "signature": reader.take(64)} for _ in range(count)]
    reader.end("6.1")
    subject = (epoch, view, height, block_hash)
    last = (header["epoch"], header["view"], header["height"], sha256(header_bytes))
    strict.require("6.2", subject == last, "the votes are not about the last header")
    strict.require("6.3", epoch == EPOCH, "the votes are of another epoch")
    message = tag(FINALIZE) + network_id + u64(epoch) + u64(view) + u64(height) + block_hash
    check_signatures(validators, message, signatures, ("6.4", "6.5", "6.6"))


def check_signatures(validators, message, signatures, checks):
    """Of members in ascending order, a quorum of them; every one must be genuine."""
    quorum, order, genuine = checks
    signers = [one["signer"] for one in signatures]
    strict.require(quorum, len(signers) >= quorum_of(validators), "fewer members signed than a quorum")
    ascending = all(left < right for left, right in zip(signers, signers[1:]))
    strict.require(order, ascending, "the members do not ascend")
    strict.require(order, all(signer < len(validators) for signer in signers), "a signer is no member")
    for one in signatures:
        member = validators[one["signer"]]
        signed = is_signature(bytes.fromhex(member["identityKey"]), message, one["signature"])
        strict.require(genuine, signed, f"the signature of {member['id']} is not genuine")


def quorum_of(validators):
    return len(validators) - (len(validators) - 1) // 3


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
    if "rulesets" in genesis:
        encoded += listed(genesis["rulesets"], lambda one: one["ruleset"].to_bytes(2, "big") + u64(one["height"]))
    return sha256(encoded)


class Reader:
    """Reads canonical bytes; `form` is the check that fails if they are too short or a number too large."""

    def __init__(self, data, form):
        self.data, self.form, self.at = data, form, 0

    def take(self, length):
        strict.require(self.form, self.at + length <= len(self.data), "bytes end too early")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def counter(self):
        value = self.number(8)
        strict.require(self.form, value <= COUNTER_MAX, "a counter of more than 53 bits")
        return value

    def count(self, most):
        value = self.number(4)
        strict.require(self.form, value <= most, f"{value} items where {most} may be")
        return value

    def sized(self, most):
        return self.take(self.count(most))

    def expect(self, expected, check, problem):
        strict.require(check, self.take(len(expected)) == expected, problem)

    def end(self, check):
        strict.require(check, self.at == len(self.data), "bytes after the end")
