"""The verifier of examples/python as a judge for the tests: one command a line in, one line of verdicts out.

{"genesis": ..., "operations": {...}}       first, once
{"operation", "texts": [hex...], "waive"}   one verdict for each text; `waive`: the check that is left out
{"operation", "flips": hex, "from", "step"} every `step`th single-bit change of the text, from that number on

A verdict is "a" (applied), "d" (declined) or the number of the check that fails; "!" and a name for what is none.
"""

import functools
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "examples", "python"))

import points
import receipts
import strict

# What was checked once is not checked again: mutants of one receipt share nearly all of it.
receipts.is_signature = functools.lru_cache(maxsize=None)(receipts.is_signature)
points.is_public_key = functools.lru_cache(maxsize=None)(points.is_public_key)
require = strict.require


def main():
    setting = json.loads(sys.stdin.readline())
    receipts.network_id_of = functools.partial(lambda value, _: value, receipts.network_id_of(setting["genesis"]))
    for line in sys.stdin:
        command = json.loads(line)
        signed = bytes.fromhex(setting["operations"][command["operation"]])
        waived = command.get("waive")
        strict.require = functools.partial(require_others, waived) if waived else require
        verdicts = [verdict(setting["genesis"], signed, text) for text in texts_of(command)]
        print(" ".join(verdicts), flush=True)


def texts_of(command):
    if "texts" in command:
        yield from map(bytes.fromhex, command["texts"])
        return
    text = bytearray.fromhex(command["flips"])
    for number in range(command["from"], 8 * len(text), command["step"]):
        text[number // 8] ^= 1 << number % 8
        yield bytes(text)
        text[number // 8] ^= 1 << number % 8


def verdict(genesis, signed, text):
    try:
        found = receipts.judge(genesis, signed, text)
    except Exception as error:  # a verifier that throws says nothing
        return f"!{type(error).__name__}"
    return {"applied": "a", "declined": "d"}.get(found.outcome, found.check)


def require_others(waived, check, holds, problem):
    if check != waived:
        require(check, holds, problem)


if __name__ == "__main__":
    main()
