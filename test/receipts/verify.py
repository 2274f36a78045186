"""Checks a receipt of Quittance. Written from docs/receipts.md alone, with nothing but Python's standard library.

    python3 verify.py receipt.json jwks.json

Prints one line of JSON. Exit code 0: genuine; 1: refused, and which check refused it; 2: wrong usage.
"""

import base64
import hashlib
import json
import re
import sys

KINDS = ("paid", "returned")
GRADES = (
    "provider_says_paid",
    "callback_confirmed_by_inquiry",
    "matched_to_statement",
    "decided_by_people",
)


class Refused(Exception):
    def __init__(self, check, why):
        super().__init__(why)
        self.check = check


# ---- Ed25519, RFC 8032 section 5.1 ---------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def add(one, other):
    """Extended homogeneous coordinates, RFC 8032 section 5.1.4."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def same(one, other):
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - square) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


def point_of(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x = x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_holds(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L:
        return False
    if same(times(8, key), (0, 1, 1, 0)):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same(times(s, BASE), add(r, times(k, key)))


# ---- texts -----------------------------------------------------------------------------------------------------------


def from_base64url(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if to_base64url(raw) == text else None


def to_base64url(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_base64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def once(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def whole(text):
    raise ValueError("a number is not whole")


def parse(raw):
    return json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_float=whole, parse_constant=whole)


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# ---- the checks ------------------------------------------------------------------------------------------------------


def read_keys(raw):
    keys = []
    for one in parse(raw)["keys"]:
        if one.get("kty") != "OKP" or one.get("crv") != "Ed25519":
            continue
        public = from_base64url(one["x"])
        named = to_base64url(
            hashlib.sha256(canonical({"crv": "Ed25519", "kty": "OKP", "x": one["x"]})).digest()
        )
        if public is None or len(public) != 32 or one.get("kid") != named:
            raise Refused("key", "a key of the set is not the one that it is named after")
        keys.append({"kid": named, "public": public, "since": one.get("since"), "until": one.get("until")})
    return keys


def read_form(raw):
    if len(raw) > 65536:
        raise Refused("form", "the file is too large")
    try:
        receipt = parse(raw)
    except (ValueError, RecursionError) as error:
        raise Refused("form", f"it is not one whole JSON object: {error}") from error
    if not isinstance(receipt, dict) or set(receipt) != {"format", "facts", "signed", "inclusion"}:
        raise Refused("form", "it has not exactly the four members")
    if receipt["format"] != "quittance-receipt/1" or not isinstance(receipt["facts"], dict):
        raise Refused("form", "it is of another format")
    inclusion = receipt["inclusion"]
    if not isinstance(inclusion, dict) or set(inclusion) != {"leaf_index", "path", "checkpoint"}:
        raise Refused("form", "its inclusion has not exactly the three members")
    path = inclusion["path"]
    if not is_count(inclusion["leaf_index"]) or not isinstance(inclusion["checkpoint"], str):
        raise Refused("form", "its leaf_index or its checkpoint is not what it has to be")
    if not isinstance(path, list) or len(path) > 48:
        raise Refused("form", "its path is no list")
    if not all(isinstance(one, str) and re.fullmatch(r"[0-9a-f]{64}", one) for one in path):
        raise Refused("form", "its path does not hold hashes")
    return receipt


def read_signed(signed):
    parts = signed.split(".") if isinstance(signed, str) else []
    raw = [from_base64url(part) for part in parts]
    if len(raw) != 3 or None in raw or len(raw[2]) != 64:
        raise Refused("form", "the signed text is not three parts in base64url")
    header = re.fullmatch(
        rb'\{"alg":"EdDSA","kid":"([A-Za-z0-9_-]{43})","typ":"quittance-receipt\+jws"\}', raw[0]
    )
    if header is None:
        raise Refused("form", "the header is another one")
    return header[1].decode(), raw[1], raw[2], f"{parts[0]}.{parts[1]}".encode()


def check_claims(facts, key):
    issued = facts.get("issued_at")
    if facts.get("type") != "quittance.receipt" or not is_count(facts.get("version")) or facts["version"] != 1:
        raise Refused("claims", "it is no receipt of version 1")
    if not isinstance(issued, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", issued):
        raise Refused("claims", "it does not say when it was issued")
    if (key["since"] and issued < key["since"]) or (key["until"] and issued > key["until"]):
        raise Refused("claims", "it was issued at a time when its key did not sign")
    if facts.get("kind") not in KINDS or facts.get("grade") not in GRADES:
        raise Refused("claims", "its kind or its grade is not known")
    if not isinstance(facts.get("amount"), dict) or not isinstance(facts["amount"].get("value"), str):
        raise Refused("claims", "it names no amount")


def read_checkpoint(note, keys):
    body, found, rest = note.partition("\n\n")
    body += "\n"
    lines = re.fullmatch(r"([^\s+]{1,200})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{1,64})\n", body)
    root = None if lines is None else from_base64(lines[3])
    if not found or root is None or len(root) != 32:
        raise Refused("checkpoint", "the checkpoint is not a signed note of three lines")
    name = lines[1]
    for line in rest.split("\n")[:17]:
        signature = re.fullmatch(r"\u2014 (\S{1,200}) ([A-Za-z0-9+/=]{1,400})", line)
        raw = None if signature is None else from_base64(signature[2])
        if raw is None or len(raw) != 68 or signature[1] != name:
            continue
        for key in keys:
            hint = hashlib.sha256(f"{name}\n".encode() + b"\x01" + key["public"]).digest()[:4]
            if raw[:4] == hint and signature_holds(key["public"], body.encode(), raw[4:]):
                return name, int(lines[2]), root
    raise Refused("checkpoint", "no key that is known signed the checkpoint")


def stands(leaf, index, size, path, root):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\x01" + p + r).digest()
            while not fn & 1 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            r = hashlib.sha256(b"\x01" + r + p).digest()
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def verify(raw, keys):
    receipt = read_form(raw)
    kid, payload, signature, signed = read_signed(receipt["signed"])
    if canonical(receipt["facts"]) != payload:
        raise Refused("facts", "what it shows is not what was signed")
    key = next((one for one in keys if one["kid"] == kid), None)
    if key is None:
        raise Refused("key", "the key set does not hold its key")
    if not signature_holds(key["public"], signed, signature):
        raise Refused("signature", "the signature is not of this text by that key")
    facts = receipt["facts"]
    check_claims(facts, key)
    inclusion = receipt["inclusion"]
    name, size, root = read_checkpoint(inclusion["checkpoint"], keys)
    if facts.get("log") != name:
        raise Refused("checkpoint", "the checkpoint is of another log")
    leaf = hashlib.sha256(b"\x00" + receipt["signed"].encode()).digest()
    path = [bytes.fromhex(one) for one in inclusion["path"]]
    if not stands(leaf, inclusion["leaf_index"], size, path, root):
        raise Refused("inclusion", "it does not stand in the log where it says")
    return {"genuine": True, "key": kid, "leaf": leaf.hex(), "size": size, "facts": facts}


def main(arguments):
    if arguments == ["--rfc8032"]:
        return rfc8032()
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], "rb") as file, open(arguments[1], "rb") as key_file:
        raw, keys_raw = file.read(), key_file.read()
    try:
        verdict = verify(raw, read_keys(keys_raw))
    except Refused as refused:
        verdict = {"genuine": False, "check": refused.check, "why": str(refused)}
    except UnicodeEncodeError:
        verdict = {"genuine": False, "check": "facts", "why": "half a character cannot be printed"}
    print(json.dumps(verdict))
    return 0 if verdict["genuine"] else 1


def rfc8032():
    """Reads vectors, `public message signature` in hex on a line, and says of each whether it holds."""
    for line in sys.stdin:
        public, message, signature = (bytes.fromhex("" if one == "-" else one) for one in line.split())
        print("holds" if signature_holds(public, message, signature) else "refused")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
