"""Judges every vector: cd verifiers/python && python3 test_vectors.py"""

import json
import os
import unittest
import uuid

import genesis
import proofs
import receipts
from proofs import Question

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "test", "vectors")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        vectors = json.load(file)
    return vectors, genesis.parse(json.dumps(vectors["genesis"]).encode())


class Vectors(unittest.TestCase):
    def test_receipts(self):
        vectors, network = read("receipts.json")
        self.assertEqual(network.id.hex(), vectors["networkId"])
        for entry in vectors["quorums"]:
            self.assertEqual(genesis.quorum_of(entry["members"]), entry["quorum"])
        for entry in vectors["receipts"]:
            data = entry["text"].encode() if "text" in entry else bytes.fromhex(entry["hex"])
            verdict = receipts.judge(network, bytes.fromhex(vectors["operations"][entry["operation"]]), data)
            found = {"verdict": verdict.outcome, "sealed": verdict.sealed, "check": verdict.check}
            self.assertEqual(found, {name: entry[name] for name in found}, entry["name"])
        for entry in vectors["cancelled"]:
            payment, cancellation = (bytes.fromhex(entry[name]) for name in ("payment", "cancellation"))
            never = receipts.is_never_made(network, payment, cancellation, entry["receipt"].encode())
            self.assertEqual(never, entry["never"], entry["name"])

    def test_proofs(self):
        vectors, network = read("proofs.json")
        self.assertEqual(network.id.hex(), vectors["networkId"])
        for entry in vectors["proofs"]:
            wallet = uuid.UUID(entry["wallet"]) if "wallet" in entry else None
            proof = proofs.judge_proof(network, bytes.fromhex(entry["hex"]), Question(entry["kind"], wallet))
            self.assertEqual(proof.reason, entry.get("reason", ""), f"{entry['name']}: {proof.problem}")
            self.assertEqual(proofs.proves(proof), entry.get("proves"), entry["name"])
        for entry in vectors["files"]:
            proof = proofs.judge_file(network, entry["text"].encode())
            self.assertEqual(proof.reason, entry.get("reason", ""), f"{entry['name']}: {proof.problem}")


if __name__ == "__main__":
    unittest.main()
