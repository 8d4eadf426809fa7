"""Pays on a running network with keys that stay here, and checks the receipt. See docs/signing.md.

    python3 examples/python/pay.py --url https://127.0.0.1:7001 --ca .countersign/ca.pem --genesis .countersign/genesis.json
"""

import argparse
import base64
import http.client
import json
import os
import ssl
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

import countersign  # puts verifiers/python on the path
import genesis
import receipts
import strict

SERVICE = "/countersign.v1.LedgerService/"
LIFETIME_MS = 120_000


class Network:
    def __init__(self, url, ca, token_file=None):
        self.url = url.rstrip("/")
        self.headers = {"content-type": "application/json"}
        if token_file is not None:
            with open(token_file, encoding="ascii") as file:
                self.headers["authorization"] = f"Bearer {file.read().strip()}"
        self.tls = ssl.create_default_context(cafile=ca)

    def call(self, method, **request):
        body = json.dumps(request).encode()
        asked = urllib.request.Request(self.url + SERVICE + method, data=body, headers=self.headers)
        try:
            found = strict.parse(self.answer_to(method, asked))
        except strict.Invalid as invalid:
            raise SystemExit(f"{method}: the node's answer is not read: {invalid}") from None
        if not isinstance(found, dict):
            raise SystemExit(f"{method}: the node's answer is no object")
        return found

    def answer_to(self, method, asked):
        """The very same request until there is an answer: a new one, with a new id, would pay once more."""
        for _ in range(5):
            try:
                with urllib.request.urlopen(asked, context=self.tls, timeout=40) as answer:
                    return answer.read()
            except urllib.error.HTTPError as refusal:
                said = f"{refusal.code} {refusal.read().decode()}"
                if refusal.code not in (503, 504):
                    raise SystemExit(f"{method}: {said}") from None
            except (OSError, http.client.HTTPException) as lost:
                said = str(lost)
        raise SystemExit(f"{method}: the outcome is not known ({said}); repeat {asked.data.decode()}")


def b64(data):
    return base64.b64encode(data).decode()


def main():
    parser = argparse.ArgumentParser(description="Pays with keys that stay here, and checks the receipt.")
    parser.add_argument("--url", required=True, help="a node's client address, https://host:port")
    parser.add_argument("--ca", required=True, help="the authority of its certificate, PEM")
    parser.add_argument("--genesis", required=True, help="the genesis that you trust, JSON")
    parser.add_argument("--token-file", help="a token of that node, if it wants one")
    parser.add_argument("--amount", type=int, default=25, help="minor units")
    parser.add_argument("--cancel", action="store_true", help="sign one more payment, cancel it, and prove that it is never made")
    args = parser.parse_args()

    network = Network(args.url, args.ca, args.token_file)
    with open(args.genesis, "rb") as file:
        trusted = genesis.parse(file.read())
    network_id, asset = trusted.id, trusted.assets[0][0]
    if network.call("GetNetwork")["networkId"] != b64(network_id):
        raise SystemExit("the node is of another network than the genesis")

    with tempfile.TemporaryDirectory() as folder:
        alice = countersign.Key.generate(os.path.join(folder, "alice.pem"))
        bob = countersign.Key.generate(os.path.join(folder, "bob.pem"))
        payer = fund(network, network_id, alice, asset, "1000")
        payee = open_wallet(network, network_id, bob, asset)
        print(f"alice {payer}\nbob   {payee}")
        verdict = pay(network, trusted, alice, payer, payee, asset, args.amount)
        if args.cancel:
            cancel_unsent(network, trusted, alice, payer, payee, asset)
    if verdict.outcome == "invalid":
        raise SystemExit(f"the receipt proves nothing: check {verdict.check}, {verdict.problem}")
    certified = "the group's seal is good" if verdict.sealed else "a quorum's votes are good; the seal is still to come"
    print("paid" if verdict.outcome == "applied" else "declined", args.amount, "and", certified)
    wallet = network.call("GetWallet", id=payee)["wallet"]
    print("bob holds", wallet["balance"])
    return 0 if verdict.outcome == "applied" else 3


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


def pay(network, trusted, key, payer, payee, asset, amount):
    transfer_id, valid_until = str(uuid.uuid4()), deadline()
    common = (trusted.id, key.public_key, transfer_id, valid_until)
    signed = countersign.transfer(*common, payer, payee, asset, amount, "from Python")
    fields = {"from": payer, "to": payee, "asset": asset, "amount": str(amount), "id": transfer_id}
    transaction = {**fields, "reference": "from Python", "validUntil": str(valid_until)}
    answer = network.call("Transaction", transaction=transaction, signature=b64(key.sign(signed)))
    return receipts.judge(trusted, signed, answer.get("receipt"))


def cancel_unsent(network, trusted, key, payer, payee, asset):
    """Stands for a payment whose answer was lost: its bytes may be at any node, which may order them."""
    payment_id, valid_until = str(uuid.uuid4()), deadline()
    common = (trusted.id, key.public_key, payment_id, valid_until)
    payment = countersign.transfer(*common, payer, payee, asset, 1)
    cancellation = countersign.cancellation(*common, payer)
    fields = {"from": payer, "id": payment_id, "validUntil": str(valid_until)}
    answer = network.call("CancelTransaction", cancellation=fields, signature=b64(key.sign(cancellation)))
    if "cancellation" not in answer:
        raise SystemExit("another operation was ordered under the id")
    if not receipts.is_never_made(trusted, payment, cancellation, answer.get("receipt")):
        raise SystemExit("the receipt does not prove that the payment is never made")
    print("cancelled: the payment is never made")


def deadline():
    return int(time.time() * 1000) + LIFETIME_MS


if __name__ == "__main__":
    sys.exit(main())
