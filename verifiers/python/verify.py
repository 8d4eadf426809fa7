"""Checks a proof offline, with nothing but the genesis of its network, and prints what it proves.

    python3 verifiers/python/verify.py FILE --genesis genesis.json

Exit code 0: it holds; 1: it proves nothing, or less than was asked; 2: the command line or a file is wrong.
"""

import argparse
import json
import sys
import uuid

import genesis
import proofs
import receipts
import signatures
from proofs import Question
from summary import summary

OPERATION_BYTES_MAX = 64 * 1024
DESCRIPTION = """Checks a file offline: a receipt, a proof of a wallet or of its absence, of the supply, or of a whole
statement, in binary or in JSON; also the answer that "countersign receipt get" prints."""
EXIT_CODES = """Exit code 0: it holds; 1: it proves nothing, or less than was asked; 2: the command line or a file is wrong."""


class Fault(Exception):
    """Of the command line or a file that it names."""


def main():
    parser = argparse.ArgumentParser(description=DESCRIPTION, epilog=EXIT_CODES, allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help="- reads standard input")
    parser.add_argument("--genesis", required=True, help="the genesis that you trust")
    parser.add_argument("--wallet", help="the wallet that you ask about: the proof must be about this one")
    parser.add_argument("--operation", help="the bytes that you signed: the receipt must be for these")
    parser.add_argument("--payment", help="the signed bytes of a payment, which the receipt must rule out for ever")
    parser.add_argument("--allow-pending", action="store_true", help="also accept votes, where the seal is still pending")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    args = parser.parse_args()
    try:
        return verify(args)
    except Fault as fault:
        print(fault, file=sys.stderr)
    except OSError as error:
        place = "standard output" if error.filename is None else ascii(error.filename)
        print(f"{place}: {error.strerror}", file=sys.stderr)
    return 2


def verify(args):
    try:
        network = genesis.parse(read(args.genesis, genesis.BYTES_MAX))
    except genesis.GenesisError as error:
        raise Fault(f"{args.genesis!a}: {error}") from None
    signed = None if args.operation is None else read(args.operation, OPERATION_BYTES_MAX)
    payment = None if args.payment is None else read(args.payment, OPERATION_BYTES_MAX)
    asked = Question(wallet=wallet_of(args.wallet), signed=signed)
    file = read(args.file, proofs.BYTES_MAX, sys.stdin.buffer)
    if not signatures.openssl_works():
        raise Fault("the openssl program is missing or cannot check Ed25519: install OpenSSL 3 or later")
    proof = proofs.judge_file(network, file, asked)
    pending = proof.valid and not proof.sealed and not args.allow_pending
    never_made = None
    if payment is not None and proof.valid:
        never_made = proof.receipt is not None and receipts.rules_out(network, proof.receipt, payment)
    show = in_json if args.json else summary
    print(show(network, proof, pending, never_made), flush=True)
    return 0 if proof.valid and not pending and never_made is not False else 1


def wallet_of(text):
    if text is None:
        return None
    try:
        found = uuid.UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text:
        raise Fault(f"--wallet: {text!a} is no wallet id: 32 lower-case hexadecimal digits with four hyphens")
    return found


def read(name, bytes_max, standard_input=None):
    """A file of at most so many bytes."""
    if name == "-" and standard_input is not None:
        data = standard_input.read(bytes_max + 1)
    else:
        with open(name, "rb") as file:
            data = file.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise Fault(f"{name!a} has more than {bytes_max} bytes; is it the right file?")
    return data


def in_json(network, proof, pending, never_made):
    """As the command in Go writes it; only the words of a problem differ."""
    found = {"verdict": "invalid" if not proof.valid else "pending" if pending else "valid"}
    found.update({name: value for name in ("reason", "check", "problem") if (value := getattr(proof, name)) != ""})
    found["proves"] = proofs.proves(proof)
    if never_made is not None:
        found["neverMade"] = never_made
    found["networkId"] = network.id.hex()
    return json.dumps(found, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(main())
