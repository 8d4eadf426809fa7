"""The verifier of verifiers/python as a judge for the tests: one command a line in, one line of verdicts out.

{"genesis": ..., "operations": {...}}       first, once
{"operation", "texts": [hex...], "waive"}   one verdict for each text; `waive`: the check that is left out
{"operation", "flips": hex, "from", "step"} every `step`th single-bit change of the text, from that number on
{"proofs": [{"kind", "wallet", "hex"}...]}  one verdict for each proof
{"files": [hex...]}                         one verdict for each file
{"proofFlips": {...}, "from", "step"}       every `step`th single-bit change of a proof
{"cancelled": [{"payment", "cancellation", "receipt"}...]}   "true" if the payment is never made, else "false"

A verdict on a text is "a" (applied), "d" (declined) or the number of the check that fails; on a proof or a file what it proves, as
JSON without spaces, or the word for the check that fails; "!" and a name for what is none.
"""

import functools
import json
import os
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "verifiers", "python"))

import certificates
import genesis
import points
import proofs
import receipts
import strict
from proofs import Question

# What was checked once is not checked again: mutants of one receipt share nearly all of it.
certificates.is_signature = functools.lru_cache(maxsize=None)(certificates.is_signature)
points.is_public_key = functools.lru_cache(maxsize=None)(points.is_public_key)
MODULES = [module for module in list(sys.modules.values()) if getattr(module, "require", None) is strict.require]
require = strict.require


def main():
    setting = json.loads(sys.stdin.readline())
    network = genesis.parse(json.dumps(setting["genesis"]).encode())
    for line in sys.stdin:
        command = json.loads(line)
        waive(command.get("waive"))
        print(" ".join(verdicts(network, setting["operations"], command)), flush=True)


def waive(check):
    """Every module calls the `require` that it has imported."""
    for module in MODULES:
        module.require = functools.partial(require_others, check) if check else require


def verdicts(network, signed, command):
    if "operation" in command:
        sent = bytes.fromhex(signed[command["operation"]])
        return [safe(short, network, sent, text) for text in texts_of(command)]
    if "cancelled" in command:
        return [safe(never_made, network, one) for one in command["cancelled"]]
    if "files" in command:
        return [safe(judged, proofs.judge_file, network, bytes.fromhex(file)) for file in command["files"]]
    return [safe(judged, proofs.judge_proof, network, data, asked) for data, asked in proofs_of(command)]


def safe(judge, *args):
    try:
        return judge(*args)
    except Exception as error:  # a verifier that throws says nothing
        return f"!{type(error).__name__}"


def short(network, sent, text):
    found = receipts.judge(network, sent, text)
    return {"applied": "a", "declined": "d"}.get(found.outcome, found.check)


def never_made(network, one):
    payment, cancellation = bytes.fromhex(one["payment"]), bytes.fromhex(one["cancellation"])
    return json.dumps(receipts.is_never_made(network, payment, cancellation, one["receipt"].encode()))


def judged(judge, network, data, *asked):
    proof = judge(network, data, *asked)
    return json.dumps(proofs.proves(proof), separators=(",", ":")) if proof.valid else proof.reason


def proofs_of(command):
    if "proofs" in command:
        for one in command["proofs"]:
            yield bytes.fromhex(one["hex"]), question_of(one)
        return
    one = command["proofFlips"]
    for data in flips_of(one["hex"], command):
        yield data, question_of(one)


def question_of(one):
    return Question(one["kind"], uuid.UUID(one["wallet"]) if "wallet" in one else None)


def texts_of(command):
    if "texts" in command:
        return map(bytes.fromhex, command["texts"])
    return flips_of(command["flips"], command)


def flips_of(digits, command):
    data = bytearray.fromhex(digits)
    for number in range(command["from"], 8 * len(data), command["step"]):
        data[number // 8] ^= 1 << number % 8
        yield bytes(data)
        data[number // 8] ^= 1 << number % 8


def require_others(waived, check, holds, problem):
    if check != waived:
        require(check, holds, problem)


if __name__ == "__main__":
    main()
