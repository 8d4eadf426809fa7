"""Computes everything in test/vectors/signing.json again, and judges the reads of test/vectors/signed-reads.json, with no code
of the nodes; says what differs. verifiers/python/test_vectors.py judges receipts and proofs.

    cd test/vectors && python3 ../../examples/python/check_vectors.py signing.json signed-reads.json
"""

import json
import os
import sys
import tempfile

import countersign  # puts verifiers/python on the path
import certificates
import signed_reads


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        vectors = json.load(file)
    network_id = bytes.fromhex(vectors["networkId"])
    checked = 0

    def check(what, found, expected):
        nonlocal checked
        if found != expected:
            raise SystemExit(f"{what}: {found} instead of {expected}")
        checked += 1

    with tempfile.TemporaryDirectory() as folder:
        keys = {}
        for name, key in vectors["keys"].items():
            secret = bytes.fromhex(key["secretKey"])
            keys[name] = countersign.Key.of_secret(secret, os.path.join(folder, name))
            check(f"{name}'s public key", keys[name].public_key.hex(), key["publicKey"])
        for entry in vectors["walletIds"]:
            public_key = keys[entry["key"]].public_key
            found = countersign.wallet_id(network_id, public_key, entry["creationId"])
            check(f"{entry['key']}'s wallet", found, entry["walletId"])
        for entry in vectors["operations"]:
            signed = encode(network_id, entry["fields"])
            key, name = keys[entry["signer"]], entry["name"]
            check(name, signed.hex(), entry["signedBytes"])
            check(f"hash of {name}", countersign.sha256(signed).hex(), entry["operationHash"])
            leaf_hash = countersign.leaf_hash(signed, bytes.fromhex(entry["signature"]))
            check(f"leaf hash of {name}", leaf_hash.hex(), entry["leafHash"])
            check(f"signature of {name}", key.sign(signed).hex(), entry["signature"])
            signature = bytes.fromhex(entry["signature"])
            check(f"verification of {name}", countersign.is_signature(key.public_key, signed, signature), True)
            check(f"forgery of {name}", countersign.is_signature(key.public_key, signed + b"!", signature), False)
    results = vectors["results"]
    for entry in results["leaves"]:
        path = [bytes.fromhex(item) for item in entry["path"]]
        leaf = bytes.fromhex(entry["leaf"])
        root = certificates.root_of_path(leaf, entry["index"], results["count"], path)
        check(f"results root from leaf {entry['index']}", root.hex(), results["root"])
    with open(sys.argv[2], encoding="utf-8") as file:
        vectors = json.load(file)
    network_id, node, keys = bytes.fromhex(vectors["networkId"]), vectors["node"], vectors["keys"]
    public_keys = {wallet: bytes.fromhex(keys[name]["publicKey"]) for name, wallet in vectors["wallets"].items()}
    for entry in vectors["reads"]:
        request = (entry["now"], entry["call"], bytes.fromhex(entry["body"]), entry["authorization"])
        found = signed_reads.judge(network_id, node, public_keys, vectors["windowMs"], *request)
        check(f"a read: {entry['name']}", found, entry["verdict"])
    with tempfile.TemporaryDirectory() as folder:
        alice = countersign.Key.of_secret(bytes.fromhex(keys["alice"]["secretKey"]), os.path.join(folder, "alice"))
        first = vectors["reads"][0]
        request = (first["call"], vectors["wallets"]["alice"], first["now"], bytes.fromhex(first["body"]))
        header = signed_reads.authorization(alice, network_id, node, *request)
        check("the header of a read", header, first["authorization"])
    print(f"{checked} values are the same")


def encode(network_id, fields):
    common = (network_id, bytes.fromhex(fields["author"]), fields["id"], fields["validUntil"])
    if fields["kind"] == "transfer":
        amount, reference = int(fields["amount"]), fields.get("reference")
        return countersign.transfer(*common, fields["from"], fields["to"], fields["asset"], amount, reference)
    if fields["kind"] == "cancellation":
        return countersign.cancellation(*common, fields["from"])
    public_key, balance = bytes.fromhex(fields["publicKey"]), int(fields.get("initialBalance", "0"))
    return countersign.wallet_creation(*common, public_key, fields["asset"], balance)


if __name__ == "__main__":
    main()
