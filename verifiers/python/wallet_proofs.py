"""Wallet proofs: what a wallet holds after a block, or that there is none (docs/proofs.md)."""

import uuid
from typing import NamedTuple, Optional

from blocks import BlockProof, check_block, read_block_proof
from encoding import Reader, sha256, tag, u16
from operations import read_uuid
from strict import require

WALLET_RECORD = "countersign/v1/wallet-record"
WALLET_KEY = "countersign/v1/wallet-key"
TRIE_LEAF = "countersign/v1/trie-leaf"
TRIE_BRANCH = "countersign/v1/trie-branch"
TRIE_EMPTY = "countersign/v1/trie-empty"
STATE_ROOT = "countersign/v1/state-root"

DEPTH_MAX, RECORD_BYTES_MAX, MEMBERS_MAX = 64, 256, 100
GAP, WALLET, OTHER = 0, 1, 2


class WalletPath(NamedTuple):
    """A wallet proof without its tag. `steps`: (present, digests) from the root down. `leaf`: (key, value hash) of another
    wallet at the end; `record`: of this one.
    """

    id: uuid.UUID
    block: BlockProof
    ceremony_hash: bytes
    steps: list
    end: int
    record: bytes = b""
    leaf: Optional[tuple] = None


class Wallet(NamedTuple):
    """`asset`: its code; `balance`: minor units."""

    public_key: bytes
    asset: str
    balance: int
    statement_head: bytes
    entries: int


def read_wallet_path(reader):
    head = (read_uuid(reader), read_block_proof(reader), reader.take(32))
    steps = [read_step(reader) for _ in range(reader.count(DEPTH_MAX))]
    end = reader.number(1)
    require("form", end in (GAP, WALLET, OTHER), "the path has an unknown end")
    if end == WALLET:
        return WalletPath(*head, steps, end, record=reader.sized(RECORD_BYTES_MAX))
    if end == OTHER:
        return WalletPath(*head, steps, end, leaf=(reader.take(32), reader.take(32)))
    return WalletPath(*head, steps, end)


def read_step(reader):
    present = reader.number(2)
    return present, [reader.take(32) for _ in range(bin(present).count("1"))]


def check_wallet_path(network, path, asked):
    """The headers, and the wallet or None. `asked`: the id that the reader asks about, or None."""
    require("wallet", asked is None or asked == path.id, f"the proof is about wallet {path.id}")
    headers = check_block(network, path.block)
    key = hashed(network, WALLET_KEY, path.id.bytes)
    leaf, wallet = path.leaf, None
    if path.end == WALLET:
        wallet = read_record(network, path)
        leaf = (key, sha256(path.record))
    elif path.end == OTHER:
        require("record", leaf[0] != key, "the path ends at this wallet, but its record is not given")
    root = wallet_root(network, path.steps, key, leaf)
    found = root is not None and hashed(network, STATE_ROOT, root, path.ceremony_hash)
    require("state", found == headers[0]["state_root"], "the path does not lead to the state root of the header")
    return headers, wallet


def read_record(network, path):
    """The record at the end of the path, which must be the wallet's."""
    reader = Reader(path.record, "record")
    reader.expect(tag(WALLET_RECORD), "record", "another tag than a wallet record's")
    reader.expect(network.id, "record", "the record is of another network")
    reader.expect(path.id.bytes, "record", "the record is of another wallet")
    public_key, asset, balance = reader.take(32), reader.number(1), reader.number(8)
    statement_head, entries = reader.take(32), reader.counter()
    sponsor = reader.number(2) if reader.flag() else 0
    require("record", sponsor < MEMBERS_MAX, "no genesis has such a sponsor")
    reader.end("record")
    require("record", asset < len(network.assets), "the genesis has no such asset")
    return Wallet(public_key, network.assets[asset][0], balance, statement_head, entries)


def wallet_root(network, steps, key, leaf):
    """The root to which the path leads; None if no trie has such a path. `leaf`: at its end, or None for a gap."""
    digest = None
    if leaf is not None:
        digest = hashed(network, TRIE_LEAF, *leaf)
        if any(nibble(leaf[0], depth) != nibble(key, depth) for depth in range(len(steps))):
            return None
    for depth, (present, siblings) in reversed(list(enumerate(steps))):
        bit = 1 << nibble(key, depth)
        if present & bit or (digest is None and present == 0):
            return None
        if digest is not None:
            place = bin(present & (bit - 1)).count("1")
            siblings, present = [*siblings[:place], digest, *siblings[place:]], present | bit
        digest = hashed(network, TRIE_BRANCH, u16(present), *siblings)
    return hashed(network, TRIE_EMPTY) if digest is None else digest


def nibble(key, depth):
    """Half a byte of a trie key; the high half of a byte is in front."""
    return key[depth // 2] >> (0 if depth % 2 else 4) & 0x0F


def hashed(network, name, *parts):
    return sha256(b"".join((tag(name), network.id, *parts)))
