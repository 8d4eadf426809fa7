"""What a proof proves, for people. Every text from outside is quoted, in ASCII."""

import datetime
import json

import proofs
import receipts
from operations import CANCELLATION, TRANSFER, WALLET_CREATION

# Why a result is not "applied", by its place in receipts.OUTCOMES.
DECLINES = (
    "",
    "its block came after its deadline",
    "the wallet exists",
    "the wallet to be paid does not exist",
    "the assets differ",
    "the paying wallet held less",
    "the supply would exceed its bound",
    "the step was out of place",
    "its sponsor answers for as many wallets without money as it may",
)
LATEST_MS = 253402300799999


def summary(network, proof, pending, never_made):
    """Lines without the last line feed."""
    if not proof.valid:
        reason = f"check {proof.check}" if proof.check else proof.reason
        return line("proof", f"INVALID, proves nothing ({reason}: {quoted(proof.problem)[1:-1]})")
    lines = [headline(proof, pending), *facts(network, proof)]
    lines.append(line("block", f"height {proof.height}, {at(proof.block_time)}"))
    by, members = ("by", "sealed") if proof.sealed else ("by the votes of", "final")
    count = f"{proof.signers} of {len(network.members)} members"
    lines.append(line(members, f"{by} {count}, at height {proof.certified_height}"))
    if proof.sealed:
        lines.append(line("group key", proof.group_key.hex()))
    lines.append(line("network", network.id.hex()))
    if never_made is not None:
        lines.append(line("payment", "never made" if never_made else "NOT RULED OUT by this file"))
    return "\n".join(lines)


def headline(proof, pending):
    outcome = "SEAL PENDING, accepted only with --allow-pending" if pending else "valid"
    certified = "sealed" if proof.sealed else "final, seal pending"
    if proof.kind != proofs.RECEIPT:
        return line(proof.kind, f"{outcome}: {certified}")
    result = proof.receipt.result
    word = "applied" if result == 0 else f"DECLINED, nothing changed ({DECLINES[result]})"
    return line("receipt", f"{outcome}: {word}, {certified}")


def facts(network, proof):
    if proof.kind == proofs.RECEIPT:
        return receipt_facts(network, proof.receipt)
    if proof.kind == proofs.SUPPLY:
        return [line("supply", money(network, asset, amount)) for asset, amount in proof.supply]
    if proof.kind == proofs.ABSENCE:
        return [line("wallet", f"{proof.wallet_id} does not exist")]
    wallet = proof.wallet
    head = [line("wallet", proof.wallet_id), line("key", wallet.public_key.hex())]
    if proof.kind == proofs.WALLET:
        entries = f"{wallet.entries}, statement head {wallet.statement_head.hex()}"
        return [*head, line("balance", money(network, wallet.asset, wallet.balance)), line("entries", entries)]
    opening, closing = (
        f"{money(network, wallet.asset, one.balance)} after {one.entries} entries" for one in (proof.opening, wallet)
    )
    entries = [line("entry", entry(network, wallet.asset, one)) for one in proof.entries]
    return [*head, line("opening", opening), *entries, line("closing", closing)]


def receipt_facts(network, verdict):
    operation = verdict.operation
    if operation.kind == TRANSFER:
        lines = [line("transfer", money(network, operation.asset, operation.amount)), line("from", operation.payer)]
        lines += [line("to", operation.payee), line("id", operation.id)]
        return lines if operation.reference is None else [*lines, line("reference", quoted(operation.reference))]
    if operation.kind == WALLET_CREATION:
        opened = line("creation", f"wallet with {money(network, operation.asset, operation.amount)}")
        return [opened, line("key", operation.public_key.hex()), line("creation id", operation.id)]
    if operation.kind == CANCELLATION:
        earliest, latest = map(at, receipts.window(network, verdict))
        ruled_out = f"payments under this id are never made if valid until {earliest} to {latest}"
        return [line("cancelled", ruled_out), line("from", operation.payer), line("id", operation.id)]
    return [line("operation", f"step of the key ceremony (kind {operation.kind})")]


def entry(network, asset, one):
    sign = "-" if one.delta < 0 else "+"
    moved, left = money(network, asset, abs(one.delta)), money(network, asset, one.balance)
    shown = f"{one.number} at height {one.height}: {sign}{moved}, then {left}"
    if one.operation is None or one.operation.reference is None:
        return shown
    return f"{shown}, reference {quoted(one.operation.reference)}"


def money(network, asset, amount):
    """With the point that the genesis gives the asset."""
    scale = dict(network.assets).get(asset)
    if scale is None:
        return f"{amount} minor units of {quoted(asset)}, which the genesis does not name"
    digits = str(amount).rjust(scale + 1, "0")
    shown = digits if scale == 0 else f"{digits[:-scale]}.{digits[-scale:]}"
    return f"{shown} {asset} ({amount} minor units)"


def at(ms):
    """Milliseconds since 1970, exactly."""
    if ms > LATEST_MS:
        return f"{ms} ms since 1970"
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
    return time.isoformat(timespec="milliseconds") + "Z"


def quoted(text):
    return json.dumps(text).replace("\x7f", "\\u007f")


def line(name, value):
    return f"{name:<12}{value}"
