"""What a receipt proves, by docs/signing.md, to an auditor who has the genesis: nothing else is trusted, no node is
asked. The numbers of checks are those of that page.
"""

from typing import NamedTuple, Optional

import strict
from certificates import (
    MEMBERS_MAX,
    PENDING_HEADERS_MAX,
    SEALED_HEADERS_MAX,
    check_headers,
    check_key_fields,
    check_key_signatures,
    check_place,
    check_seal,
    check_votes,
    read_key_fields,
    read_votes,
)
from encoding import Reader, sha256, tag
from operations import CANCELLATION, TRANSFER, Operation, read_operation
from strict import Invalid, flag, optional, raw, require, sized, whole

RESULT_LEAF = "countersign/v1/result-leaf"
# Applied, or why not: a result is a place in this list.
OUTCOMES = (
    "applied",
    "expired",
    "walletExists",
    "unknownPayee",
    "assetMismatch",
    "insufficientFunds",
    "overflow",
    "ceremonyStepOutOfPlace",
    "sponsorQuotaUsed",
)
OPERATION_BYTES_MAX = 64 * 1024

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
    # A place in OUTCOMES.
    result: int = 0
    operation: Optional[Operation] = None
    operation_hash: bytes = b""
    # Of the block that holds the operation.
    height: int = 0
    block_time: int = 0
    # Of the block with the seal or the votes.
    certified_height: int = 0
    # How many members confirmed the group's key or voted.
    signers: int = 0
    # Of a sealed one.
    group_key: bytes = b""


def judge(network, signed, receipt):
    """The outcome of the operation with the bytes `signed`; of any operation, if they are None. Every receipt gets a verdict,
    even a malformed one.

    `network`: of the genesis that you trust, by genesis.parse. `receipt`: its text in bytes, or the result of strict.parse.
    """
    try:
        tree = strict.parse(receipt) if isinstance(receipt, bytes) else receipt
        return check_receipt(network, signed, read_receipt(tree))
    except Invalid as invalid:
        return Verdict("invalid", check=invalid.check, problem=invalid.problem)


def is_never_made(network, payment, cancellation, receipt):
    """True if `receipt`, of the operation with the signed bytes `cancellation`, proves that the payment with the signed
    bytes `payment` was not ordered and never will be (docs/signing.md, Cancellations).
    """
    return rules_out(network, judge(network, cancellation, receipt), payment)


def rules_out(network, verdict, payment):
    """True if the verdict proves a cancellation by which the payment with these signed bytes is never made."""
    try:
        paid = read_operation(network.id, payment, "2.4")
    except Invalid:
        return False
    other = verdict.operation
    if verdict.outcome == "invalid" or (paid.kind, other.kind) != (TRANSFER, CANCELLATION):
        return False
    if (paid.author, paid.id, paid.payer) != (other.author, other.id, other.payer):
        return False
    earliest, latest = window(network, verdict)
    return earliest <= paid.valid_until <= latest


def window(network, verdict):
    """The deadlines, in milliseconds since 1970, of the payments that a proved cancellation rules out."""
    return max(0, verdict.block_time - network.grace_ms), verdict.operation.valid_until


def check_receipt(network, signed, receipt):
    sealed_header, pending = receipt["sealed_header"], receipt["seal_pending"]
    seal = (sealed_header is not None, receipt["key_certificate"] is not None)
    require("1.8", seal == (not pending, not pending), "a seal and sealPending do not agree")
    require("1.8", (receipt["finalization"] is not None) == pending, "a finalization does not stand for a seal")
    require("1.8", pending or sealed_header["header"] is not None, "the view of the sealed header is missing")

    verdict = check_leaf(network, signed, receipt["leaf"])
    chain = receipt["headers"] + ([] if pending else [sealed_header["bytes"]])
    headers = check_headers(network, chain, PENDING_HEADERS_MAX if pending else SEALED_HEADERS_MAX)
    check_place(receipt["leaf"], receipt["index"], receipt["path"], headers[0])
    if pending:
        votes = read_votes(receipt["finalization"])
        check_votes(network, votes, headers[-1], chain[-1])
        signers, group_key = len(votes.signatures), b""
    else:
        group_key = check_sealed(network, receipt, headers[-1])
        signers = len(receipt["key_certificate"]["signatures"])
    return placed(verdict, headers, sealed=not pending, signers=signers, group_key=group_key)


def placed(verdict, headers, **certified):
    """The verdict on a result with what its headers say."""
    first, last = headers[0], headers[-1]
    block = {"height": first["height"], "block_time": first["time"], "certified_height": last["height"]}
    return verdict._replace(**block, **certified)


def check_leaf(network, signed, data):
    leaf = Reader(data, "2.1")
    leaf.expect(tag(RESULT_LEAF), "2.1", "another tag than a result's")
    leaf.expect(network.id, "2.2", "the result is of another network")
    operation_hash, operation = leaf.take(32), leaf.sized(OPERATION_BYTES_MAX)
    require("2.3", operation_hash == sha256(operation), "the operation hash is not the operation's")
    require("2.4", signed is None or operation == signed, "the operation is not the one that was sent")
    read = read_operation(network.id, operation, "2.4")
    result = leaf.number(1)
    require("2.5", result < len(OUTCOMES), "a result that is not known")
    leaf.end("2.6")
    outcome = "applied" if result == 0 else "declined"
    return Verdict(outcome, result=result, operation=read, operation_hash=operation_hash)


def check_sealed(network, receipt, header):
    """The group key that a quorum of the members vouches for."""
    sealed, certificate = receipt["sealed_header"], receipt["key_certificate"]
    require("5.1", sealed["header"] == header, "the view of the sealed header is not what its bytes say")
    body = read_key_fields(certificate["bytes"])
    check_key_fields(network, body)
    view = {name: certificate[name] for name in body}
    require("5.7", view == body, "the view of the key certificate is not what its bytes say")
    signatures = [(one["signer"], one["signature"]) for one in certificate["signatures"]]
    check_key_signatures(network, certificate["bytes"], signatures)
    check_seal(body["group_public_key"], header, sealed["bytes"], sealed["seal"])
    return body["group_public_key"]
