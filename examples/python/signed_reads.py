"""Reads that a wallet's key signs, as docs/signing.md has them under Signed reads: how to sign one, and how a node judges it."""

import re

import countersign

SIGNED_READ = "countersign/v1/signed-read"
WALLET = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HEADER = re.compile(
    rf"(?i:countersign-wallet) wallet=({WALLET}), time=(0|[1-9][0-9]{{0,14}}), "
    r"digest=([0-9a-f]{64}), signature=([0-9a-f]{128})"
)


def signed_bytes(network_id, node, call, wallet, time, digest):
    """`call` is the full name, `time` in milliseconds since 1970, `digest` the SHA-256 of the body as it is sent."""
    lines = [network_id.hex(), node, call, wallet, str(time), digest.hex()]
    return countersign.tag(SIGNED_READ) + "".join(f"\n{line}" for line in lines).encode("ascii") + b"\n"


def authorization(key, network_id, node, call, wallet, time, body):
    """The header `authorization`, signed by a `countersign.Key`."""
    digest = countersign.sha256(body)
    signature = key.sign(signed_bytes(network_id, node, call, wallet, time, digest))
    return f"Countersign-Wallet wallet={wallet}, time={time}, digest={digest.hex()}, signature={signature.hex()}"


def judge(network_id, node, public_keys, window, now, call, body, header):
    """The first check that fails, or "accepted". `public_keys`: of the wallets whose owners keep them."""
    parts = HEADER.fullmatch(header)
    if parts is None:
        return "form"
    wallet, time, digest, signature = parts[1], int(parts[2]), bytes.fromhex(parts[3]), bytes.fromhex(parts[4])
    if abs(now - time) > window:
        return "time"
    signed = signed_bytes(network_id, node, call, wallet, time, digest)
    if wallet not in public_keys or not countersign.is_signature(public_keys[wallet], signed, signature):
        return "signature"
    return "accepted" if countersign.sha256(body) == digest else "body"
