"""What a file proves, of any kind and in any form: docs/proofs.md. Every file gets a verdict, however malformed."""

import base64
import binascii
import re
import uuid
from typing import NamedTuple, Optional

import receipts
import strict
from blocks import check_block, check_certificates, check_chain, read_block_proof
from certificates import check_place
from encoding import Reader, tag
from statements import check_statement, read_statement_proof
from strict import Invalid, require
from wallet_proofs import check_wallet_path, read_wallet_path

BYTES_MAX = 64 * 1024 * 1024
RECEIPT, WALLET, SUPPLY, STATEMENT = "receipt", "wallet", "supply", "statement"
ABSENCE = "absence"
TAGS = {
    RECEIPT: "countersign/v1/receipt",
    WALLET: "countersign/v1/wallet-proof",
    SUPPLY: "countersign/v1/supply-proof",
    STATEMENT: "countersign/v1/statement-proof",
}
LINE_HEAD = b'{"format":'
LINE = re.compile(rb'\{"format":"([a-z0-9/-]+)","proof":"([A-Za-z0-9+/=]*)"\}\n?')
# Behind space, as a receipt of the API may be.
OBJECT = re.compile(rb"[ \t\r\n]*\{")


class Question(NamedTuple):
    """What the proof may be about; None takes anything. `signed`: the bytes of an operation, for a receipt."""

    kind: Optional[str] = None
    wallet: Optional[uuid.UUID] = None
    signed: Optional[bytes] = None


ANYTHING = Question()


class Proof(NamedTuple):
    """The verdict on a file. With a `reason`, the word of docs/proofs.md for the first check that fails, it proves nothing, and
    `check` is the number of that check in docs/signing.md, if it has one.
    """

    reason: str = ""
    check: str = ""
    problem: str = ""
    # Of the fact: a file with a wallet proof proves a wallet or an absence.
    kind: str = ""
    # By the group's key; else a quorum's own votes stand for the seal.
    sealed: bool = False
    # Of the block that the fact is about, and of the one with the seal or the votes.
    height: int = 0
    block_time: int = 0
    certified_height: int = 0
    # How many members confirmed the group's key or voted.
    signers: int = 0
    group_key: bytes = b""
    # By kind.
    receipt: Optional[receipts.Verdict] = None
    wallet_id: Optional[uuid.UUID] = None
    wallet: Optional[tuple] = None
    supply: tuple = ()
    opening: Optional[tuple] = None
    entries: tuple = ()

    @property
    def valid(self):
        return self.reason == ""


def judge_file(network, file, asked=ANYTHING):
    """A proof in its binary form or in JSON, or a receipt as the API writes it, alone or in its answer."""
    if file.startswith(LINE_HEAD) or OBJECT.match(file) is None:
        return judge_proof(network, file, asked)
    try:
        require("form", asked.kind in (None, RECEIPT), "a receipt is no proof of another kind")
        tree = strict.parse(file)
        inside = tree.get("receipt", tree) if isinstance(tree, dict) else tree
        verdict = receipts.judge(network, asked.signed, inside)
        require(verdict.check, verdict.outcome != "invalid", verdict.problem)
    except Invalid as invalid:
        return refused(invalid)
    return proof_of(verdict)


def judge_proof(network, file, asked=ANYTHING):
    """A proof in its binary form, or in the line of JSON around it."""
    try:
        require("form", len(file) <= BYTES_MAX, f"there are more than {BYTES_MAX} bytes")
        data = bytes_of_line(file) if file.startswith(b"{") else file
        kind = next((one for one, name in TAGS.items() if data.startswith(tag(name))), None)
        require("form", kind is not None, "it does not begin as a proof does")
        require("form", asked.kind in (None, kind), "the proof is of another kind")
        reader = Reader(data, "form")
        reader.take(len(tag(TAGS[kind])))
        return KINDS[kind](network, reader, asked)
    except Invalid as invalid:
        return refused(invalid)


def refused(invalid):
    reason = reason_of(invalid.check)
    return Proof(reason, "" if reason == invalid.check else invalid.check, invalid.problem)


def reason_of(check):
    """The word of docs/proofs.md for a check of docs/signing.md; a word stands for itself."""
    part, point, _ = check.partition(".")
    if point == "":
        return check
    if part == "1" or check in ("5.1", "5.2", "5.7", "6.1"):
        return "form"
    if check in ("5.11", "5.12"):
        return "seal"
    return {"2": "result", "3": "headers", "4": "place", "5": "keyCertificate", "6": "finalization"}[part]


def bytes_of_line(file):
    """Of the JSON around a proof, which has one spelling; its line feed may be missing."""
    line = LINE.fullmatch(file)
    require("form", line is not None, 'it is not of the form {"format":"…","proof":"…"}')
    name, encoded = line.groups()
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise Invalid("form", "no base64") from None
    require("form", base64.b64encode(data) == encoded, "another form of base64 than encoding gives")
    known = name.decode("ascii") in TAGS.values()
    same = known and data.startswith(tag(name.decode("ascii")))
    require("form", same, "the format in front is not that of the proof")
    return data


def proof_of(verdict):
    """Of a receipt."""
    certified = {"signers": verdict.signers, "group_key": verdict.group_key, "receipt": verdict}
    block = {"height": verdict.height, "block_time": verdict.block_time, "certified_height": verdict.certified_height}
    return Proof(kind=RECEIPT, sealed=verdict.sealed, **block, **certified)


def proof_under(block, headers, **fact):
    """Of a fact that the first header proves."""
    first, last = headers[0], headers[-1]
    place = {"height": first["height"], "block_time": first["time"], "certified_height": last["height"]}
    return Proof(sealed=block.sealed, signers=block.signers, group_key=block.group_key, **place, **fact)


def judge_receipt(network, reader, asked):
    leaf, index = reader.sized(2 * receipts.OPERATION_BYTES_MAX), reader.number(4)
    path = [reader.take(32) for _ in range(reader.count(32))]
    block = read_block_proof(reader)
    reader.end("form")
    verdict = receipts.check_leaf(network, asked.signed, leaf)
    headers = check_chain(network, block)
    check_place(leaf, index, path, headers[0])
    check_certificates(network, block, headers[-1])
    certified = {"sealed": block.sealed, "signers": block.signers, "group_key": block.group_key}
    return proof_of(receipts.placed(verdict, headers, **certified))


def judge_wallet(network, reader, asked):
    path = read_wallet_path(reader)
    reader.end("form")
    headers, wallet = check_wallet_path(network, path, asked.wallet)
    kind = ABSENCE if wallet is None else WALLET
    return proof_under(path.block, headers, kind=kind, wallet_id=path.id, wallet=wallet)


def judge_supply(network, reader, _):
    block = read_block_proof(reader)
    reader.end("form")
    headers = check_block(network, block)
    supply = headers[0]["supply"]
    every = len(supply) == len(network.assets)
    require("supply", every, "the header has not one supply for each asset of the genesis")
    named = tuple((code, amount) for (code, _), amount in zip(network.assets, supply))
    return proof_under(block, headers, kind=SUPPLY, supply=named)


def judge_statement(network, reader, asked):
    proof = read_statement_proof(reader)
    reader.end("form")
    headers, wallet, opening, entries = check_statement(network, proof, asked.wallet)
    fact = {"wallet_id": proof.closing.id, "wallet": wallet, "opening": opening, "entries": entries}
    return proof_under(proof.closing.block, headers, kind=STATEMENT, **fact)


KINDS = {RECEIPT: judge_receipt, WALLET: judge_wallet, SUPPLY: judge_supply, STATEMENT: judge_statement}


def proves(proof):
    """The facts under the names of test/vectors/proofs.json, numbers as text; None if the file proves nothing."""
    if not proof.valid:
        return None
    found = {"kind": proof.kind, "height": str(proof.height), "certifiedHeight": str(proof.certified_height)}
    found["sealed"] = proof.sealed
    if proof.kind == RECEIPT:
        outcome = receipts.OUTCOMES[proof.receipt.result]
        return {**found, "operationHash": proof.receipt.operation_hash.hex(), "outcome": outcome}
    if proof.kind == SUPPLY:
        return {**found, "supply": [{"asset": asset, "amount": str(amount)} for asset, amount in proof.supply]}
    found["walletId"] = str(proof.wallet_id)
    if proof.kind == ABSENCE:
        return found
    wallet = proof.wallet
    found["asset"], held = wallet.asset, {"balance": str(wallet.balance), "entries": str(wallet.entries)}
    if proof.kind == WALLET:
        head = wallet.statement_head.hex()
        return {**found, **held, "publicKey": wallet.public_key.hex(), "statementHead": head}
    opening = {"entries": str(proof.opening.entries), "balance": str(proof.opening.balance)}
    closing = {"entries": held["entries"], "balance": held["balance"]}
    return {**found, "entries": [entry_facts(one) for one in proof.entries], "opening": opening, "closing": closing}


def entry_facts(one):
    numbers = {"number": str(one.number), "height": str(one.height), "delta": str(one.delta), "balance": str(one.balance)}
    return {**numbers, "operationHash": one.operation_hash.hex()}
