"""The genesis that a verifier trusts: the network's id, its members and its assets."""

import re
from typing import NamedTuple

import points
import strict
from encoding import COUNTER_MAX, listed, sha256, tag, text, u8, u16, u32, u64
from strict import Number

GENESIS = "countersign/v1/genesis"
BYTES_MAX = 1024 * 1024
MEMBERS_MAX, ASSETS_MAX, ISSUERS_MAX, SCALE_MAX, TEXT_BYTES_MAX = 100, 16, 256, 18, 1024
# Rulesets whose heights a genesis names.
RULESETS_MAX, RULESET_MAX = 16, 65535

ROOT = ("createdAt", "validators", "assets", "issuers", "limits", "timings")
VALIDATOR = ("id", "peerAddress", "clientAddress", "identityKey", "custodyKey")
LIMITS = ("blockOperationsMax", "blockBytesMax", "sponsoredPerBlockMax", "unfundedPerSponsorMax")
TIMINGS = (
    "graceMs",
    "lifetimeMsMax",
    "clockSkewMs",
    "viewTimeoutMs",
    "viewTimeoutMsMax",
    "sealTimeoutMs",
    "ceremonyTimeoutMs",
)
MEMBER_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
ASSET_CODE = re.compile(r"[A-Z0-9]{1,16}")
KEY = re.compile(r"[0-9a-f]{64}")
DIGITS = re.compile(r"[0-9]{1,20}")


class GenesisError(Exception):
    """The file is no genesis: the field at fault, and why."""


class Member(NamedTuple):
    id: str
    identity_key: bytes


class Network(NamedTuple):
    """What a verifier trusts. `assets`: (code, scale) in the order of the genesis."""

    id: bytes
    members: list
    assets: list
    grace_ms: int

    @property
    def quorum(self):
        return quorum_of(len(self.members))


def quorum_of(members):
    return members - (members - 1) // 3


def parse(data):
    """Of the bytes of the file. It checks the form of every field, and that no two members share a name or a key; it does not
    judge limits and timings, which bind nodes only.
    """
    try:
        tree = strict.read(data, BYTES_MAX)
    except strict.Invalid as invalid:
        raise GenesisError(f"the genesis cannot be read: {invalid.problem}") from None
    root = record(tree, "the whole", ROOT, optional="rulesets")
    encoded = tag(GENESIS) + u64(plain(root["createdAt"], "createdAt"))
    validators = items(root["validators"], "validators", 2, MEMBERS_MAX)
    read = [validator(one, f"validators[{i}]") for i, one in enumerate(validators)]
    seen = [unique for one in read for unique in one[2]]
    need(len(set(seen)) == len(seen), "validators", "repeat a name or key")
    encoded += listed(read, lambda one: one[1])
    assets = [asset(one, f"assets[{i}]") for i, one in enumerate(items(root["assets"], "assets", 1, ASSETS_MAX))]
    need(len({code for code, _ in assets}) == len(assets), "assets", "repeat a code")
    encoded += listed(assets, lambda one: text(one[0]) + u8(one[1]))
    issuers = items(root["issuers"], "issuers", 1, ISSUERS_MAX)
    encoded += listed([key(one, f"issuers[{i}]") for i, one in enumerate(issuers)], bytes)
    for name, names in (("limits", LIMITS), ("timings", TIMINGS)):
        fields = record(root[name], name, names)
        encoded += b"".join(u64(plain(fields[one], f"{name}.{one}")) for one in names)
    if "rulesets" in root:
        encoded += rulesets(items(root["rulesets"], "rulesets", 1, RULESETS_MAX))
    grace_ms = plain(root["timings"]["graceMs"], "timings.graceMs")
    return Network(sha256(encoded), [one[0] for one in read], assets, grace_ms)


def need(holds, path, problem):
    if not holds:
        raise GenesisError(f"the genesis is wrong: {path} {problem}")


def record(value, path, names, optional=None):
    """An object with exactly these names, and perhaps the optional one."""
    need(isinstance(value, dict), path, "is no object")
    for name in value:
        need(name in names or name == optional, path, f"has an unknown name, {name[:40]!a}")
    for name in names:
        need(name in value, path, f"lacks {name}")
    return value


def items(value, path, least, most):
    need(isinstance(value, list) and least <= len(value) <= most, path, f"is no list of {least} to {most} items")
    return value


def plain(value, path):
    """A bare number in plain digits."""
    holds = isinstance(value, Number) and DIGITS.fullmatch(value) is not None and int(value) <= COUNTER_MAX
    need(holds, path, "is no whole number in plain digits below 2^53")
    return int(value)


def words(value, path):
    holds = isinstance(value, str) and not isinstance(value, Number) and is_unicode(value)
    need(holds and len(value.encode("utf-8")) <= TEXT_BYTES_MAX, path, f"is no text of at most {TEXT_BYTES_MAX} bytes")
    return value


def is_unicode(value):
    """False for half a character, which an escape of JSON can write and UTF-8 cannot."""
    return not any("\ud800" <= one <= "\udfff" for one in value)


def key(value, path):
    holds = isinstance(value, str) and not isinstance(value, Number) and KEY.fullmatch(value) is not None
    need(holds, path, "is not 64 lower-case hexadecimal digits")
    found = bytes.fromhex(value)
    need(points.is_public_key(found), path, "is not the canonical encoding of a point of prime order")
    return found


def validator(value, path):
    """The member, its bytes, and what no other member may have."""
    fields = record(value, path, VALIDATOR)
    name = words(fields["id"], f"{path}.id")
    need(MEMBER_ID.fullmatch(name) is not None, f"{path}.id", "is not 1 to 63 of a-z, 0-9 and hyphen")
    texts = [words(fields[one], f"{path}.{one}") for one in ("id", "peerAddress", "clientAddress")]
    keys = [key(fields[one], f"{path}.{one}") for one in ("identityKey", "custodyKey")]
    return Member(name, keys[0]), b"".join(map(text, texts)) + b"".join(keys), [name, *keys]


def rulesets(starts):
    """The bytes of rulesets that begin at heights that the genesis names, both ascending."""
    encoded, last = u32(len(starts)), (1, 0)
    for i, one in enumerate(starts):
        path = f"rulesets[{i}]"
        fields = record(one, path, ("ruleset", "height"))
        start = (plain(fields["ruleset"], f"{path}.ruleset"), plain(fields["height"], f"{path}.height"))
        need(last[0] < start[0] <= RULESET_MAX and last[1] < start[1], path, "does not follow the one before")
        encoded, last = encoded + u16(start[0]) + u64(start[1]), start
    return encoded


def asset(value, path):
    fields = record(value, path, ("code", "scale"))
    code = words(fields["code"], f"{path}.code")
    need(ASSET_CODE.fullmatch(code) is not None, f"{path}.code", "is not 1 to 16 of A-Z and 0-9")
    scale = plain(fields["scale"], f"{path}.scale")
    need(scale <= SCALE_MAX, f"{path}.scale", f"is above {SCALE_MAX}")
    return code, scale
