"""Statements that are proven complete: all entries of a wallet behind an opening (docs/proofs.md)."""

from typing import NamedTuple, Optional

from encoding import COUNTER_MAX, sha256, u8, u64
from operations import TRANSFER, WALLET_CREATION, Operation, read_operation, wallet_id
from strict import Invalid, require
from wallet_proofs import WalletPath, check_wallet_path, hashed, read_wallet_path

STATEMENT_ENTRY = "countersign/v1/statement-entry"
ENTRIES_MAX = 100_000
OPERATION_BYTES_MAX = 64 * 1024
AMOUNT_MAX = (1 << 64) - 1


class Carried(NamedTuple):
    """A wallet at one place of its statement: how many entries are before it, and the balance and the head there."""

    entries: int
    balance: int
    head: bytes


NOTHING = Carried(0, 0, bytes(32))


class Given(NamedTuple):
    """An entry as a statement gives it: the hash of its operation, or the operation's bytes."""

    height: int
    delta: int
    hash: Optional[bytes] = None
    operation: Optional[bytes] = None


class Entry(NamedTuple):
    """Proven. `number` counts from 1, the wallet's creation; `delta` is negative for the payer, `balance` is after it."""

    number: int
    height: int
    delta: int
    balance: int
    operation_hash: bytes
    operation: Optional[Operation]


class StatementProof(NamedTuple):
    closing: WalletPath
    opening: Optional[Carried]
    entries: list


def read_statement_proof(reader):
    closing = read_wallet_path(reader)
    opening = Carried(reader.counter(), reader.number(8), reader.take(32)) if reader.flag() else None
    return StatementProof(closing, opening, [read_entry(reader) for _ in range(reader.count(ENTRIES_MAX))])


def read_entry(reader):
    height, is_negative, amount = reader.counter(), reader.flag(), reader.number(8)
    require("form", amount != 0 or not is_negative, "an amount of minus zero")
    delta = -amount if is_negative else amount
    if reader.flag():
        return Given(height, delta, operation=reader.sized(OPERATION_BYTES_MAX))
    return Given(height, delta, hash=reader.take(32))


def check_statement(network, proof, asked):
    """The headers, the wallet, the opening and the entries."""
    headers, wallet = check_wallet_path(network, proof.closing, asked)
    require("record", wallet is not None, "the path ends without a record of the wallet")
    opening = proof.opening or NOTHING
    given = proof.opening is None or opening.entries > 0
    require("opening", given, "the opening of a whole statement is given, but must be absent")
    at, entries = opening, []
    for one in proof.entries:
        entry, at = follow(network, at, one, proof.closing.id, wallet.asset)
        entries.append(entry)
    closing = Carried(wallet.entries, wallet.balance, wallet.statement_head)
    require("chain", at == closing, "the entries do not lead from the opening to the closing record")
    return headers, wallet, opening, entries


def follow(network, at, given, wallet, asset):
    """The entry, and the wallet behind it."""
    number, operation, operation_hash = at.entries + 1, None, given.hash
    if given.operation is not None:
        try:
            operation = read_operation(network.id, given.operation, "operation")
        except Invalid as invalid:
            raise Invalid("operation", f"entry {number}: {invalid.problem}") from None
        moved = movement(network, operation, wallet, asset)
        require("operation", moved == given.delta, f"entry {number} is not what its operation does")
        operation_hash = sha256(given.operation)
    balance = at.balance + given.delta
    possible = 0 <= balance <= AMOUNT_MAX and number <= COUNTER_MAX
    require("entry", possible, f"entry {number} leaves a balance that no wallet has")
    movement_bytes = u8(given.delta < 0) + u64(abs(given.delta)) + u64(balance)
    place = u64(number) + u64(given.height)
    head = hashed(network, STATEMENT_ENTRY, at.head, place, operation_hash, movement_bytes)
    entry = Entry(number, given.height, given.delta, balance, operation_hash, operation)
    return entry, Carried(number, balance, head)


def movement(network, operation, wallet, asset):
    """Minor units by which the operation, if it is applied, changes the wallet; None if it does nothing to it."""
    if operation.asset != asset:
        return None
    if operation.kind == WALLET_CREATION:
        created = wallet_id(network.id, operation.public_key, operation.id)
        return operation.amount if created == wallet else None
    if operation.kind != TRANSFER:
        return None
    if operation.payer == wallet:
        return -operation.amount
    return operation.amount if operation.payee == wallet else None
