#!/usr/bin/env python3
"""Verifies a landsea receipt, alone: this one file, Python 3.11 or newer, nothing else.

    python3 landsea_verify.py RECEIPT [--vkey KEY] [--body FILE] [--reference TEXT]

A receipt proves that records stand in a node's public log, and shows parts of them. The steps, in order:

  1 form        one JSON document of the form landsea/receipt/1, with nothing in it that is not read
  2 key         the log's key is sound, named as the node, and the one you trust (--vkey: the key or a file with it)
  3 checkpoint  the node signed the size and root of its log
  4 headers     every record has a well-formed header
  5 inclusion   every header, with its salt, is an entry of the log under that root
  6 blobs       what is shown of a record is what its header was written over
  7 belonging   every record follows from those before it
  8 body        the declaration you lodged is the one recorded (--body)
  9 reference   the receipt is about the declaration you mean (--reference: LRN, MRN, UCR or record id)

It stops at the first step that fails. An answer of the node, which has its receipt in it, is then held to what that
proves. Exit code 0: nothing failed. 1: a step failed, or the answer says otherwise. 2: it could not be run.
Without --vkey the receipt is held to the key written in it, which anyone could have written: compare it yourself.

This file shares no code with the landsea package. If the package `cryptography` is there it checks the signature with
that, otherwise with the Ed25519 verification below (RFC 8032 section 5.1.7).
"""

import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None

FORMAT = "landsea/receipt/1"
LARGEST = 64_000_000
RECEIPT = {"format": str, "kind": str, "node": str, "vkey": str, "records": list, "checkpoint": str}
RECORD = {"header": str, "salt": str, "index": int, "proof": list, "shown": list, "withheld": list}
SHOWN = {"position": int, "group": str, "item": int, "salt": str}
HEADER = {
    "format": str,
    "kind": str,
    "id": str,
    "aliases": list,
    "instant": str,
    "edition": str,
    "causes": list,
    "blobs": int,
    "groups": str,
}


class Lie(Exception):
    """A step of the verification that fails, and why."""


def demand(holds, otherwise):
    """Nothing, if it holds. Raises Lie otherwise."""
    if not holds:
        raise Lie(otherwise)


# --- bytes and JSON ---------------------------------------------------------------------------------------------------


def sha256(*parts):
    """The SHA-256 of the parts in a row."""
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text, what, length=None):
    """The bytes that canonical base64 writes."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Lie(f"{what} is not base64") from None
    demand(base64.b64encode(data).decode() == text, f"{what} is not canonical base64")
    demand(length is None or len(data) == length, f"{what} has {len(data)} bytes, not {length}")
    return data


def plain_json(document):
    """The value of one JSON document in which no name stands twice."""

    def once(pairs):
        demand(len(dict(pairs)) == len(pairs), "a name stands twice in one object")
        return dict(pairs)

    def refuse(text):
        raise Lie(f"{text} is not a number of JSON")

    demand(len(document) <= LARGEST, f"more than {LARGEST} bytes")
    try:
        value = json.loads(document.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise Lie("nested too deeply") from None
    except ValueError as error:
        raise Lie(f"not plain JSON: {error}") from None
    return value


def shaped(value, shape, what, more=()):
    """The value, if it is an object with exactly these names and types; `more` are names it may have besides."""
    demand(type(value) is dict, f"{what} is not an object")
    for name, kind in shape.items():
        demand(name in value, f"{what} lacks {name}")
        demand(type(value[name]) is kind, f"{name} of {what} is not of type {kind.__name__}")
    unknown = value.keys() - shape.keys() - set(more)
    demand(not unknown, f"{what} has the unknown names {sorted(unknown)}")
    return value


def texts(value, what):
    """The list, if it has only texts."""
    demand(all(type(one) is str for one in value), f"{what} are not all texts")
    return value


# --- Ed25519 ----------------------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def added(p, q):
    """The sum of two points in extended coordinates."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    """The n-fold of a point."""
    total = NEUTRAL
    while n:
        if n & 1:
            total = added(total, p)
        p, n = added(p, p), n >> 1
    return total


def point(encoded):
    """The point that 32 bytes write canonically, or None."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if len(encoded) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encoded(p):
    """The 32 bytes that write a point."""
    inverse = pow(p[2], -1, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def sound_key(public):
    """Nothing, for a canonical point whose order is not low. Raises Lie: such a key would sign anything."""
    a = point(public)
    demand(a is not None, "the log's key is not a canonical point of the curve")
    demand(encoded(times(8, a)) != encoded(NEUTRAL), "the log's key has low order: its signatures prove nothing")


def fits_alone(public, signature, message):
    """Whether the signature fits, by the arithmetic above."""
    a = point(public)
    s = int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    minus_a = (P - a[0], a[1], 1, P - a[3])
    return encoded(added(times(s, BASE), times(k, minus_a))) == signature[:32]


def fits(public, signature, message):
    """Whether the signature fits."""
    if Ed25519PublicKey is None:
        return fits_alone(public, signature, message)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- the log (C2SP signed-note, tlog-checkpoint; RFC 9162 section 2.1.3.2) --------------------------------------------


def key_of(vkey):
    """(name, id, public key) of a vkey."""
    parts = vkey.strip().split("+", 2)
    demand(len(parts) == 3, "the vkey is not name+id+key")
    name, stated, rest = parts
    demand(name and name.isprintable() and not any(c.isspace() for c in name), "the vkey's name cannot name a key")
    data = unbase64(rest, "the vkey", 33)
    demand(data[0] == 1, "the vkey is not of an Ed25519 key")
    sound_key(data[1:])
    key_id = sha256(name.encode(), b"\n", data)[:4]
    demand(stated == key_id.hex(), "the vkey's id is not that of its key")
    return name, key_id, data[1:]


def checkpoint_of(note, key):
    """(origin, size, root, number of other signatures) of a checkpoint signed by the key."""
    name, key_id, public = key
    demand(not any(c < " " and c != "\n" for c in note), "the checkpoint has a control character in it")
    text, mark, tail = note.rpartition("\n\n")
    demand(mark and tail.endswith("\n"), "the checkpoint is not a signed note")
    signatures = []
    for line in tail[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        demand(match, "a line below the checkpoint is no signature")
        data = unbase64(match[2], "a signature")
        demand(len(data) >= 5, "a signature is too short")
        signatures.append((match[1], data))
    demand(len(signatures) <= 100, "there are more than 100 signatures")
    mine = [data[4:] for one, data in signatures if one == name and data[:4] == key_id]
    demand(len(mine) == 1, f"the checkpoint has {len(mine)} signatures by {name}, not one")
    demand(fits(public, mine[0], (text + "\n").encode()), "the signature does not fit the checkpoint")
    lines = text.split("\n")
    demand(len(lines) >= 3 and all(lines), "the checkpoint lacks origin, size or root")
    demand(re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]), "the checkpoint's size is not a number as logs write it")
    return lines[0], int(lines[1]), unbase64(lines[2], "the root", 32), len(signatures) - 1


def leaf_hash(entry):
    """RFC 6962: the hash of a leaf."""
    return sha256(b"\x00", entry)


def node_hash(left, right):
    """RFC 6962: the hash of a node."""
    return sha256(b"\x01", left, right)


def included(leaf, index, size, proof, root):
    """Whether the proof leads from the leaf to the root."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def tree_root(count, leaves, withheld):
    """The root over `count` leaves of which some are known by position, the rest by hashes of whole subtrees."""
    rest = list(reversed(withheld))

    def over(start, end):
        if not any(start <= at < end for at in leaves):
            demand(rest, "hashes of withheld blobs are missing")
            return rest.pop()
        if end - start == 1:
            return leaves[start]
        half = 1
        while half * 2 < end - start:
            half *= 2
        return node_hash(over(start, start + half), over(start + half, end))

    root = over(0, count) if count else sha256()
    demand(not rest, "there are more hashes than withheld blobs")
    return root


# --- the steps --------------------------------------------------------------------------------------------------------


def form(case):
    """Step 1."""
    receipt = shaped(plain_json(case["document"]), RECEIPT, "the receipt")
    demand(receipt["format"] == FORMAT, f"the form is {receipt['format']!r}; this verifier knows {FORMAT!r}")
    demand(receipt["kind"] == "recorded", f"the receipt is of kind {receipt['kind']!r}; this verifier knows 'recorded'")
    demand(receipt["records"], "the receipt has no records")
    for record in receipt["records"]:
        shaped(record, RECORD, "a record")
        record["salt"] = unbase64(record["salt"], "the salt of a record", 32)
        for name in ("proof", "withheld"):
            record[name] = [unbase64(one, f"a hash in {name}", 32) for one in texts(record[name], f"hashes in {name}")]
        for one in record["shown"]:
            one["salt"] = unbase64(shaped(one, SHOWN, "a blob", ("text", "data", "commitment"))["salt"], "a salt", 32)
            content = one.keys() - SHOWN.keys()
            demand(len(content) == 1, f"{one['group']} needs one of text, data and commitment")
            value = one[content.copy().pop()]
            demand(type(value) is str, f"the content of {one['group']} is not a text")
            if "commitment" in one:
                one["commitment"] = unbase64(value, "a commitment", 32)
            else:
                one["data"] = value.encode() if "text" in one else unbase64(value, "a blob")
            demand(0 <= one["item"] < 2**32 and len(one["group"]) < 2**14, f"{one['group'][:99]} cannot be a group")
    case["receipt"] = receipt
    return True, f"a receipt of {len(receipt['records'])} records by {receipt['node']}"


def key(case):
    """Step 2."""
    case["key"] = name, key_id, _ = key_of(case["receipt"]["vkey"])
    demand(case["receipt"]["vkey"] == case["receipt"]["vkey"].strip(), "the receipt's vkey has spaces around it")
    demand(name == case["receipt"]["node"], f"the key is named {name!r}, the node {case['receipt']['node']!r}")
    if case["vkey"] is None:
        return None, f"the receipt's own key {key_id.hex()}: compare it with one you trust"
    demand(key_of(case["vkey"]) == case["key"], f"the receipt's key {key_id.hex()} is not the one you trust")
    return True, f"key {key_id.hex()} is the one you trust"


def checkpoint(case):
    """Step 3."""
    origin, case["size"], case["root"], others = checkpoint_of(case["receipt"]["checkpoint"], case["key"])
    demand(origin == case["receipt"]["node"], f"the checkpoint is of the log {origin!r}")
    return True, f"size {case['size']}, signed by the node; recorded, not witnessed ({others} other lines)"


def headers(case):
    """Step 4."""
    case["headers"] = []
    for record in case["receipt"]["records"]:
        header = shaped(plain_json(record["header"].encode()), HEADER, "a header")
        demand(header["format"] == "landsea/record/1", f"a header is of form {header['format']!r}")
        demand(re.fullmatch(r"[0-9a-f]{64}", header["groups"]), "a header's group root is not 32 bytes in hexadecimal")
        demand(0 <= header["blobs"] < 2**32, "a header's number of blobs cannot be")
        demand(len(header["id"].encode()) < 2**16, "a header's id is too long")
        texts(header["causes"], "a header's causes")
        for alias in header["aliases"]:
            demand(type(alias) is list and len(alias) == 2, "an alias is not a pair")
            texts(alias, "the parts of an alias")
        case["headers"].append(header)
    return True, ", ".join(f"{h['kind']} {h['id']} at {h['instant']}" for h in case["headers"])


def inclusion(case):
    """Step 5."""
    for record, header in zip(case["receipt"]["records"], case["headers"], strict=True):
        entry = b"\x01" + sha256(b"landsea/record/1", record["salt"], record["header"].encode())
        holds = included(leaf_hash(entry), record["index"], case["size"], record["proof"], case["root"])
        demand(holds, f"{header['id']} is not shown to be entry {record['index']} of the log")
    return True, "entries " + ", ".join(str(record["index"]) for record in case["receipt"]["records"])


def commitment(header, one, data):
    """The commitment to these data as that blob of the record."""
    parts = [b"landsea/blob/1"]
    for text in (header["id"], one["group"]):
        parts += [len(text.encode()).to_bytes(2, "big"), text.encode()]
    parts += [one["item"].to_bytes(4, "big"), one["salt"], len(data).to_bytes(8, "big"), data]
    return sha256(*parts)


def committed(header, one):
    """The commitment to a blob as it is shown, open or closed."""
    return one["commitment"] if "commitment" in one else commitment(header, one, one["data"])


def blobs(case):
    """Step 6."""
    count = closed = 0
    for record, header in zip(case["receipt"]["records"], case["headers"], strict=True):
        shown = record["shown"]
        leaves = {one["position"]: leaf_hash(committed(header, one)) for one in shown}
        places = {(one["group"], one["item"]) for one in shown}
        demand(len(leaves) == len(shown) == len(places), "a position, or a group and item, is shown twice")
        demand(all(0 <= at < header["blobs"] for at in leaves), "a blob is shown at a position that does not exist")
        root = tree_root(header["blobs"], leaves, record["withheld"])
        demand(root.hex() == header["groups"], f"the blobs of {header['id']} do not lead to the root in its header")
        count += len(shown)
        closed += sum("commitment" in one for one in shown)
    parts = sum(header["blobs"] for header in case["headers"])
    here, kept = count - closed, parts - count
    return (
        True,
        f"the headers hold {parts} parts: {here} stand here, {closed} by digest alone, {kept} are for others to see",
    )


def belonging(case):
    """Step 7."""
    known = set()
    for header in case["headers"]:
        demand(header["id"] not in known, f"{header['id']} stands twice in the receipt")
        demand(not known or known & set(header["causes"]), f"{header['id']} does not follow from those before it")
        known.add(header["id"])
    return True, "every record follows from those before it"


def body(case):
    """Step 8."""
    if case["body"] is None:
        return None, "no body was given to compare with"
    shown = [
        (header, one)
        for record, header in zip(case["receipt"]["records"][:1], case["headers"][:1], strict=True)
        for one in record["shown"]
        if one["group"] == "lodged-body@1"
    ]
    demand(shown, "the receipt does not show the commitment to a lodged body")
    for header, one in shown:
        made = commitment(header, one, case["body"])
        demand(made == committed(header, one), f"the body given is not the one lodged as {header['id']}")
    return True, f"the body given is the one lodged ({len(case['body'])} bytes)"


def reference(case):
    """Step 9."""
    first = case["headers"][0]
    names = [first["id"], *(value for _, value in first["aliases"])]
    if case["reference"] is None:
        return None, "no reference was given; it is about " + ", ".join(names)
    demand(case["reference"] in names, f"the receipt is about {first['id']}, not about {case['reference']}")
    return True, f"it is about {case['reference']}"


STEPS = (form, key, checkpoint, headers, inclusion, blobs, belonging, body, reference)


def verify(document, vkey=None, body=None, reference=None):
    """(step, True, False or None where not asked, what was seen) of every step up to the first that fails."""
    case = {"document": document, "vkey": vkey, "body": body, "reference": reference}
    seen = []
    for step in STEPS:
        try:
            seen.append((step.__name__, *step(case)))
        except Lie as lie:
            return [*seen, (step.__name__, False, str(lie))]
    return seen


def receipt_in(document):
    """The receipt: the file itself, or what stands under `receipt` in an answer of the node."""
    try:
        answer = json.loads(document)
    except ValueError:
        return document
    if isinstance(answer, dict) and "format" not in answer and isinstance(answer.get("receipt"), dict):
        return json.dumps(answer["receipt"], ensure_ascii=False).encode()
    return document


UNREADABLE = ("unreadable", "not-a-declaration")
TOLD = ("control", "ground", "law", "action", "state", "version")


def proved(receipt):
    """What the last decision in a receipt that holds says, in the words of an answer; nothing where none is shown."""
    heads = [json.loads(record["header"]) for record in receipt["records"]]
    decided = [at for at, head in enumerate(heads) if head["kind"] in ("decision", "advice")]
    shown = {
        (one["group"], one["item"]): json.loads(one["text"])
        for at in decided[-1:]
        for one in receipt["records"][at]["shown"]
        if "text" in one
    }
    told = shown.get(("decision@1", 0)) or shown.get(("advice@1", 0))
    if told is None:
        return {}
    named = {kind: value for head in heads for kind, value in head["aliases"]}
    outcome = "held" if told["outcome"] == "registered" else told["outcome"]
    duties = [(item, blob["taxes"]) for (group, item), blob in shown.items() if group == "duty@1"]
    return {
        "record": heads[0]["id"],
        "reference": named.get("lrn"),
        "mrn": named.get("mrn"),
        "outcome": told["ground"] if told["ground"] in UNREADABLE else outcome,
        **{name: told.get(name) for name in TOLD},
        "awaits": told.get("awaits", []),
        "duties": [{"item": item, **tax} for item, taxes in duties for tax in taxes],
        "findings": sorted(one["rule"] for one in shown.get(("findings@1", 0), {"findings": []})["findings"]),
    }


def disagreements(document):
    """What an answer says that its receipt, if it holds, does not prove; a receipt alone says nothing else."""
    answer = json.loads(document)
    if "receipt" not in answer or "format" in answer:
        return []
    said = dict(answer)
    if "outcome" not in said:  # the answer to an act, whose reference is the actor's own
        said.pop("reference", None)
    if "findings" in said:
        said["findings"] = sorted(one.get("rule", "") for one in said["findings"])
    return [name for name, value in proved(answer["receipt"]).items() if name in said and said[name] != value]


def plain(text):
    """The text as one line that no terminal takes for a command: what a receipt says of itself is not trusted."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))
    return shown.encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(sys.stdout.encoding or "ascii")


def main(arguments=None):
    """Prints every step and its outcome; the exit code says whether all held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("receipt", help="the receipt, a file")
    parser.add_argument("--vkey", help="the log key you trust, or a file with it")
    parser.add_argument("--body", help="the declaration you lodged, a file")
    parser.add_argument("--reference", help="the reference you expect")
    given = parser.parse_args(arguments)
    try:
        vkey = given.vkey
        if vkey and pathlib.Path(vkey).is_file():
            vkey = pathlib.Path(vkey).read_text("utf-8")
        body = pathlib.Path(given.body).read_bytes() if given.body else None
        document = pathlib.Path(given.receipt).read_bytes()
        steps = verify(receipt_in(document), vkey, body, given.reference)
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{plain(error)}\n")
        return 2
    for number, (name, holds, saw) in enumerate(steps, start=1):
        outcome = {True: "holds", None: "not asked", False: "FAILS"}[holds]
        sys.stdout.write(f"{number} {name:<11} {outcome:<10} {plain(saw)}\n")
    failed = any(holds is False for _, holds, _ in steps)
    trusted = "" if given.vkey else "; the key is the receipt's own"
    wrong = [] if failed else disagreements(document)
    if wrong:
        sys.stdout.write(
            f"The answer says of {', '.join(wrong)} what its receipt does not prove; believe the receipt.\n"
        )
        return 1
    sys.stdout.write("The receipt does not hold.\n" if failed else f"The receipt holds{trusted}.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
