"""Operations, as their authors signed them: read strictly, by docs/signing.md."""

import uuid
from typing import NamedTuple, Optional

from encoding import Reader, sha256, tag
from strict import require

OPERATION = "countersign/v1/operation"
WALLET_ID = "countersign/v1/wallet-id"

WALLET_CREATION, TRANSFER, CANCELLATION = 1, 2, 8
# The most items and bytes of each part.
MEMBERS_MAX, NAME_BYTES_MAX, REFERENCE_BYTES_MAX = 100, 64, 140
PACKAGE_BYTES_MAX, CIPHERTEXT_BYTES_MAX = 8 * 1024, 256


class Operation(NamedTuple):
    """Fields that its kind does not have are None; so are those of a ceremony step. Ids are UUIDs, `amount` minor units."""

    kind: int
    author: bytes
    id: uuid.UUID
    valid_until: int
    payer: Optional[uuid.UUID] = None
    payee: Optional[uuid.UUID] = None
    asset: Optional[str] = None
    amount: int = 0
    reference: Optional[str] = None
    public_key: Optional[bytes] = None


def read_operation(network_id, data, check):
    """`check`: what fails if the bytes are no operation of this network."""
    reader = Reader(data, check)
    reader.expect(tag(OPERATION), check, "another tag than an operation's")
    reader.expect(network_id, check, "the operation is of another network")
    head = (reader.number(1), reader.take(32), read_uuid(reader), reader.counter())
    kind = head[0]
    if kind == WALLET_CREATION:
        public_key, asset = reader.take(32), reader.text(NAME_BYTES_MAX)
        amount = reader.number(8) if reader.flag() else None
        require(check, amount != 0, "a balance of zero is encoded as absent")
        found = Operation(*head, asset=asset, amount=amount or 0, public_key=public_key)
    elif kind == TRANSFER:
        payer, payee, asset, amount = read_uuid(reader), read_uuid(reader), reader.text(NAME_BYTES_MAX), reader.number(8)
        reference = reader.text(REFERENCE_BYTES_MAX) if reader.flag() else None
        found = Operation(*head, payer, payee, asset, amount, reference)
    elif kind == CANCELLATION:
        found = Operation(*head, payer=read_uuid(reader))
    else:
        skip_step(reader, kind)
        found = Operation(*head)
    reader.end(check)
    return found


def skip_step(reader, kind):
    """Reads the fields of a step of the key ceremony."""
    require(reader.form, 3 <= kind <= 7, "a kind of operation that is not known")
    reader.take(4)
    if kind == 3:
        reader.take(2 * reader.count(MEMBERS_MAX) + 2)
    elif kind == 4:
        reader.sized(PACKAGE_BYTES_MAX)
        reader.take(32)
    elif kind == 5:
        for _ in range(reader.count(MEMBERS_MAX)):
            reader.take(2)
            reader.sized(CIPHERTEXT_BYTES_MAX)
    elif kind == 6:
        reader.take(32 + 32)
        reader.take((2 + 32) * reader.count(MEMBERS_MAX) + 64)
    else:
        reader.take(2 + 32)


def read_uuid(reader):
    return uuid.UUID(bytes=reader.take(16))


def wallet_id(network_id, public_key, creation_id):
    """UUIDv8 of the first 122 bits of the hash: 48, then 12, then 62 of them."""
    digest = sha256(tag(WALLET_ID) + network_id + public_key + creation_id.bytes)
    bits = int.from_bytes(digest, "big") >> 134
    high, middle, low = bits >> 74, (bits >> 62) & 0xFFF, bits & ((1 << 62) - 1)
    return uuid.UUID(int=high << 80 | 8 << 76 | middle << 64 | 2 << 62 | low)
