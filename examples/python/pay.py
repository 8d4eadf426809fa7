"""Pays on a running network with keys that stay here, and checks the receipt. See docs/signing.md.

    python3 examples/python/pay.py --url https://127.0.0.1:7001 --ca .countersign/ca.pem
"""

import argparse
import base64
import json
import os
import ssl
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

import countersign

SERVICE = "/countersign.v1.LedgerService/"
LIFETIME_MS = 120_000


class Network:
    def __init__(self, url, ca):
        self.url = url.rstrip("/")
        self.tls = ssl.create_default_context(cafile=ca)

    def call(self, method, **request):
        body = json.dumps(request).encode()
        headers = {"content-type": "application/json"}
        asked = urllib.request.Request(self.url + SERVICE + method, data=body, headers=headers)
        try:
            with urllib.request.urlopen(asked, context=self.tls, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise SystemExit(f"{method}: {refusal.code} {refusal.read().decode()}") from None


def b64(data):
    return base64.b64encode(data).decode()


def raw(text):
    return base64.b64decode(text, validate=True)


def main():
    parser = argparse.ArgumentParser(description="Pays with keys that stay here, and checks the receipt.")
    parser.add_argument("--url", required=True, help="a node's client address, https://host:port")
    parser.add_argument("--ca", required=True, help="the authority of its certificate, PEM")
    parser.add_argument("--amount", type=int, default=25, help="minor units")
    parser.add_argument("--network-id", help="that of a genesis you trust, hexadecimal (countersign genesis hash)")
    parser.add_argument("--group-key", help="from a source you trust, base64 (countersign network)")
    args = parser.parse_args()

    network = Network(args.url, args.ca)
    rules = network.call("GetNetwork")
    network_id = trusted("network id", raw(rules["networkId"]), args.network_id and bytes.fromhex(args.network_id))
    group_key = trusted("group key", raw(rules["groupPublicKey"]), args.group_key and raw(args.group_key))
    asset = rules["assets"][0]["code"]

    with tempfile.TemporaryDirectory() as folder:
        alice = countersign.Key.generate(os.path.join(folder, "alice.pem"))
        bob = countersign.Key.generate(os.path.join(folder, "bob.pem"))
        payer = fund(network, network_id, alice, asset, "1000")
        payee = open_wallet(network, network_id, bob, asset)
        print(f"alice {payer}\nbob   {payee}")
        applied = pay(network, (network_id, group_key), alice, payer, payee, args.amount)
    print("paid" if applied else "declined", args.amount, "and the group's seal is good")
    wallet = network.call("GetWallet", id=payee)["wallet"]
    print("bob holds", wallet["balance"])
    return 0 if applied else 3


def trusted(what, told, expected):
    """What one node tells is its own word, and a receipt checked against that alone proves nothing against this node."""
    if expected is None:
        print(f"believing this node alone about the {what}", file=sys.stderr)
    elif told != expected:
        raise SystemExit(f"the node names another {what} than yours: {b64(told)}")
    return told


def fund(network, network_id, key, asset, balance):
    """A wallet of this key, whose money the node creates: in a development network it is an issuer."""
    creation_id = str(uuid.uuid4())
    request = {"initialBalance": balance, "creationId": creation_id, "asset": asset}
    answer = network.call("WalletCreation", publicKey=b64(key.public_key), **request)
    expected = countersign.wallet_id(network_id, key.public_key, creation_id)
    if answer["wallet"]["id"] != expected:
        raise SystemExit(f"the node says {answer['wallet']['id']}, but the wallet is {expected}")
    return expected


def open_wallet(network, network_id, key, asset):
    """A wallet without money, signed by its own key: the node can neither change nor make it."""
    creation_id, valid_until = str(uuid.uuid4()), deadline()
    signed = countersign.wallet_creation(
        network_id, key.public_key, creation_id, valid_until, key.public_key, asset
    )
    request = {"creationId": creation_id, "asset": asset, "validUntil": str(valid_until)}
    network.call("WalletCreation", publicKey=b64(key.public_key), signature=b64(key.sign(signed)), **request)
    return countersign.wallet_id(network_id, key.public_key, creation_id)


def pay(network, trust, key, payer, payee, amount):
    network_id, group_key = trust
    transfer_id, valid_until = str(uuid.uuid4()), deadline()
    signed = countersign.transfer(
        network_id, key.public_key, transfer_id, valid_until, payer, payee, amount, "from Python"
    )
    fields = {"from": payer, "to": payee, "amount": str(amount), "id": transfer_id}
    transaction = {**fields, "reference": "from Python", "validUntil": str(valid_until)}
    answer = network.call("Transaction", transaction=transaction, signature=b64(key.sign(signed)))
    receipt = answer["receipt"]
    if "sealedHeader" not in receipt:
        raise SystemExit("the seal is still to come: ask for the receipt again (GetReceipt)")
    proof = {
        "leaf": raw(receipt["leaf"]),
        "index": receipt.get("index", 0),
        "path": [raw(item) for item in receipt.get("path", [])],
        "headers": [raw(item) for item in receipt.get("headers", [])],
        "sealed": raw(receipt["sealedHeader"]["bytes"]),
        "seal": raw(receipt["sealedHeader"]["seal"]),
    }
    return countersign.check_receipt(network_id, group_key, signed, proof)


def deadline():
    return int(time.time() * 1000) + LIFETIME_MS


if __name__ == "__main__":
    sys.exit(main())
