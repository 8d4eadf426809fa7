"""Block proofs, a part of every proof in its binary form (docs/proofs.md): they prove their first header."""

from typing import NamedTuple, Optional

from certificates import (
    PENDING_HEADERS_MAX,
    SEALED_HEADERS_MAX,
    Finalization,
    check_headers,
    check_key_fields,
    check_key_signatures,
    check_seal,
    check_votes,
    read_key_fields,
    read_signatures,
    read_votes,
)
from strict import Invalid, require

HEADER_BYTES_MAX, PART_BYTES_MAX = 1024, 16 * 1024
SEALED, FINALIZED = 0, 1


class BlockProof(NamedTuple):
    """`headers`: all of them; a sealed one is the last. Of a sealed one, `votes` is None; of one under votes, the rest."""

    headers: list
    seal: bytes = b""
    certificate: bytes = b""
    body: Optional[dict] = None
    signatures: tuple = ()
    votes: Optional[Finalization] = None

    @property
    def sealed(self):
        return self.votes is None

    @property
    def signers(self):
        return len(self.signatures if self.sealed else self.votes.signatures)

    @property
    def group_key(self):
        return self.body["group_public_key"] if self.sealed else b""


def read_block_proof(reader):
    kind = reader.number(1)
    require("form", kind in (SEALED, FINALIZED), "a block is neither sealed nor final by votes")
    most = SEALED_HEADERS_MAX - 1 if kind == SEALED else PENDING_HEADERS_MAX
    headers = [reader.sized(HEADER_BYTES_MAX) for _ in range(reader.count(most))]
    try:
        if kind == FINALIZED:
            votes = read_votes(reader.sized(PART_BYTES_MAX))
            signers = [signer for signer, _ in votes.signatures]
            ascending = all(left < right for left, right in zip(signers, signers[1:]))
            require("form", ascending, "the members do not ascend")
            return BlockProof(headers, votes=votes)
        headers.append(reader.sized(HEADER_BYTES_MAX))
        seal, certificate = reader.take(64), reader.sized(PART_BYTES_MAX)
        return BlockProof(headers, seal, certificate, read_key_fields(certificate), read_signatures(reader))
    except Invalid as invalid:
        raise Invalid("form", invalid.problem) from None


def check_chain(network, block):
    """The headers, of which the first is not proved yet."""
    return check_headers(network, block.headers, SEALED_HEADERS_MAX if block.sealed else PENDING_HEADERS_MAX)


def check_certificates(network, block, header):
    """`header`: the last one."""
    if not block.sealed:
        check_votes(network, block.votes, header, block.headers[-1])
        return
    check_key_fields(network, block.body)
    check_key_signatures(network, block.certificate, block.signatures)
    check_seal(block.group_key, header, block.headers[-1], block.seal)


def check_block(network, block):
    """The headers, of which the first is proved."""
    headers = check_chain(network, block)
    check_certificates(network, block, headers[-1])
    return headers
