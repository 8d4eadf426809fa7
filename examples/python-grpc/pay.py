"""Pays between two custodial wallets over gRPC, with the messages that buf generates. The node keeps the wallets' keys and signs; to
keep a key yourself, and to check a receipt without trusting the node, see ../python.

    python3 pay.py --url https://127.0.0.1:7001 --ca ../../.countersign/ca.pem
"""

import argparse
import os
import sys
import urllib.parse
import uuid

import grpc
from google.protobuf import message_factory
from grpc_status import rpc_status

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen"))

from countersign.v1 import ledger_service_pb2 as ledger
from countersign.v1 import types_pb2 as types

SERVICE = ledger.DESCRIPTOR.services_by_name["LedgerService"]
# The outcome of such a call is not known: the same request again gets it.
UNKNOWN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class Client:
    """The calls of the contract, by their names in it."""

    def __init__(self, url, ca, token_file=None):
        with open(ca, "rb") as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        self.channel = grpc.secure_channel(urllib.parse.urlsplit(url).netloc, credentials)
        self.metadata = []
        if token_file is not None:
            with open(token_file, encoding="ascii") as file:
                self.metadata.append(("authorization", f"Bearer {file.read().strip()}"))

    def call(self, name, request):
        method = SERVICE.methods_by_name[name]
        send = self.channel.unary_unary(
            f"/{SERVICE.full_name}/{name}",
            request_serializer=message_factory.GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        for attempt in range(1, 6):
            try:
                return send(request, timeout=40, metadata=self.metadata)
            except grpc.RpcError as error:
                if error.code() not in UNKNOWN or attempt == 5:
                    raise


def reason_of(error):
    """The stable name of a refusal, from the one detail that each carries."""
    status = rpc_status.from_call(error)
    for packed in () if status is None else status.details:
        detail = types.ErrorDetail()
        if packed.Unpack(detail):
            return detail.reason
    return str(error)


def main():
    parser = argparse.ArgumentParser(description="Pays between two custodial wallets.")
    parser.add_argument("--url", required=True, help="a node's client address, https://host:port")
    parser.add_argument("--ca", required=True, help="the authority of its certificate, PEM")
    parser.add_argument("--token-file", help="a token of that node, if it wants one")
    args = parser.parse_args()

    client = Client(args.url, args.ca, args.token_file)

    def open_wallet(balance):
        # A creation id makes the request safe to repeat.
        request = ledger.WalletCreationRequest(creation_id=str(uuid.uuid4()), initial_balance=balance)
        return client.call("WalletCreation", request).wallet.id

    def pay(amount, payment):
        transfer = types.Transfer(**{"from": alice}, to=bob, amount=amount, id=payment)
        answer = client.call("Transaction", ledger.TransactionRequest(transaction=transfer))
        return types.ResultStatus.Name(answer.result.status)

    alice, bob = open_wallet(1000), open_wallet(0)
    # Chosen once for this payment: the same id again is the same payment, never a second one.
    payment = str(uuid.uuid4())
    for _ in range(2):
        print(f"paid 25: {pay(25, payment)}")
    balance = client.call("GetWallet", ledger.GetWalletRequest(id=bob)).wallet.balance
    print(f"bob holds {balance}")
    try:
        pay(10_000, str(uuid.uuid4()))
    except grpc.RpcError as error:
        print(f"refused: {reason_of(error)}")


if __name__ == "__main__":
    main()
