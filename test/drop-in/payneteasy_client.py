"""A Payneteasy client, written from the payout-pay page and RFC 5849; the sibling calls from what is known of the family.
RSA is openssl's on the command line.

    payneteasy_client.py --base-url URL --login L --consumer-key K --key private.pem (--endpoint 39915 | --group 1) \
        payout-check --client-orderid C --amount 10.00 --currency EUR --order-desc TEXT --field account_number=...
    payneteasy_client.py ... payout-pay --client-orderid C --orderid 900258
    payneteasy_client.py ... status --client-orderid C --orderid 900258 [--by-request-sn SN]
    payneteasy_client.py ... v2-status --client-orderid C --orderid 900258 --merchant-control M    (SHA-1, no OAuth)
    payneteasy_client.py self-test [--test-key the key of the worked example]

`--wrong signature|timestamp|consumer-key` spoils one thing, `--replay` sends the very same bytes once more.
"""

import argparse
import base64
import hashlib
import re
import secrets
import string
import subprocess
import time
import urllib.parse

from exchange import BrokenPromise, post, promise, run

ASYNC_FIELDS = ["type", "serial-number", "merchant-order-id", "paynet-order-id", "end-point-id"]
STATUS_FIELDS = ["type", "serial-number", "merchant-order-id", "paynet-order-id", "status", "amount", "currency"]
ERROR_FIELDS = ["error-message", "error-code"]
# A space is +, an escape has upper-case digits. Two encoders differ over * and ~, the page over neither.
FORM_TEXT = re.compile(r"(?:[A-Za-z0-9+*._~-]|%[0-9A-F]{2})*")


def encode(text):
    """RFC 3986: only A-Z a-z 0-9 - . _ ~ stay."""
    return urllib.parse.quote(text, safe="~", encoding="utf-8")


def base_string(url, parameters):
    """POST & URL & parameters: each pair encoded, sorted as bytes, joined, and the whole encoded once more."""
    parts = urllib.parse.urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme.lower()]
    host = parts.hostname if parts.port in (None, default) else f"{parts.hostname}:{parts.port}"
    pairs = sorted((encode(name), encode(value)) for name, value in parameters)
    normalized = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join(["POST", encode(f"{parts.scheme.lower()}://{host}{parts.path}"), encode(normalized)])


def rsa_sha256(text, key_file):
    """RSASSA-PKCS1-v1_5, by openssl."""
    command = ["openssl", "dgst", "-sha256", "-sign", key_file]
    return subprocess.run(command, input=text.encode("ascii"), stdout=subprocess.PIPE, check=True).stdout


def authorization(url, form, consumer_key, key_file, timestamp, nonce):
    oauth = {
        "oauth_consumer_key": consumer_key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "RSA-SHA256",
        "oauth_timestamp": timestamp,
        "oauth_version": "1.0",
    }
    signed = rsa_sha256(base_string(url, form + list(oauth.items())), key_file)
    oauth["oauth_signature"] = base64.b64encode(signed).decode("ascii")
    return "OAuth " + ", ".join(f'{name}="{encode(oauth[name])}"' for name in sorted(oauth))


def read_answer(body):
    """LF after every value, also the last; `&` between; nothing else."""
    text = body.decode("ascii")
    pairs = []
    for part in text.split("&"):
        name, separator, value = part.partition("=")
        promise(separator == "=" and value.endswith("\n"), f"no LF behind {name!r}: {text!r}")
        promise(FORM_TEXT.fullmatch(value[:-1]), f"{name!r} is not form-encoded: {value!r}")
        pairs.append((name, urllib.parse.unquote_plus(value[:-1], errors="strict")))
    fields = dict(pairs)
    promise(len(fields) == len(pairs), f"a field came twice: {text!r}")
    return fields


def check_headers(answer):
    """Those of the printed success answer that say how to read it."""
    for name, value in {
        "Content-Type": "text/html;charset=utf-8",
        "Content-Language": "en-US",
        "Connection": "close",
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=31536000",
    }.items():
        promise(answer.header(name) == value, f"{name}: {answer.header(name)}, promised is {value}")


def check_denied(answer):
    """The 403 page. Its printed length cannot be rebuilt from the page, its title and its sentence can."""
    promise(answer.header("Content-Type") == "text/html", f"403 with Content-Type {answer.header('Content-Type')}")
    page = answer.body.decode("utf-8")
    promise(page.startswith("<!DOCTYPE html>\n"), "the 403 page is no page")
    promise("<title>403</title>" in page, "the 403 page has another title")
    promise("<p>Access is denied</p>" in page, "the 403 page says something else")
    return {"http_status": 403, "denied": True}


def check_fields(fields, success_type, success_fields, client_orderid, orderid):
    """The exact fields in their order; ours echoed; an error with its details."""
    promise(re.fullmatch(r"0{8}-0{4}-0{4}-0{4}-[0-9a-f]{12}", fields.get("serial-number", "")), "no serial-number")
    promise(fields.get("merchant-order-id", client_orderid) == client_orderid, "another merchant-order-id")
    if orderid is not None:
        promise(fields.get("paynet-order-id", orderid) == orderid, "another paynet-order-id")
    names = list(fields)
    if fields.get("type") in ("validation-error", "error"):
        allowed = ASYNC_FIELDS + ERROR_FIELDS
        promise(names == [name for name in allowed if name in fields], f"fields of an error: {names}")
        promise(all(fields.get(name) for name in ERROR_FIELDS), "an error without message or code")
        return
    promise(fields.get("type") == success_type, f"type {fields.get('type')!r}")
    if "status" in fields and fields["status"] != "approved" and names[-2:] == ERROR_FIELDS:
        names = names[:-2]
    elif fields.get("status") == "declined" and names[-1:] == ERROR_FIELDS[:1]:
        names = names[:-1]
    promise(names == success_fields, f"fields {names}, promised are {success_fields}")
    promise(re.fullmatch(r"[1-9][0-9]*", fields["paynet-order-id"]), f"paynet-order-id {fields['paynet-order-id']}")


class Client:
    def __init__(self, base_url, login, consumer_key, key_file, place, wrong=None, replay=False):
        self.base_url = base_url.rstrip("/")
        self.login = login
        self.consumer_key = consumer_key
        self.key_file = key_file
        self.place = place
        self.wrong = wrong
        self.replay = replay

    def payout_pay(self, client_orderid, orderid):
        form = {"client_orderid": client_orderid, "login": self.login, "orderid": orderid}
        return self.call("payout-pay", form, ("async-response", ASYNC_FIELDS, client_orderid, orderid))

    def payout_check(self, **wanted):
        return self.create("payout-check", **wanted)

    def payout(self, **wanted):
        return self.create("payout", **wanted)

    def create(self, method, client_orderid, amount, currency, order_desc, field, server_callback_url=None):
        form = {"login": self.login, "client_orderid": client_orderid, "amount": amount, "currency": currency}
        form["order_desc"] = order_desc
        if server_callback_url is not None:
            form["server_callback_url"] = server_callback_url
        form.update(one.split("=", 1) for one in field)
        return self.call(method, form, ("async-response", ASYNC_FIELDS, client_orderid, None))

    def status(self, client_orderid, orderid, by_request_sn=None):
        form = {"login": self.login, "client_orderid": client_orderid, "orderid": orderid}
        if by_request_sn is not None:
            form["by-request-sn"] = by_request_sn
        return self.call("status", form, ("status-response", STATUS_FIELDS, client_orderid, orderid))

    def v2_status(self, client_orderid, orderid, merchant_control):
        form = {"login": self.login, "client_orderid": client_orderid, "orderid": orderid}
        form["control"] = v2_control(self.login, client_orderid, orderid, merchant_control)
        url = f"{self.base_url}/paynet/api/v2/status/{self.place}"
        return self.send(url, [], form, ("status-response", STATUS_FIELDS, client_orderid, orderid))

    def call(self, method, form, promised):
        url = f"{self.base_url}/paynet/api/v4/{method}/{self.place}"
        timestamp = int(time.time()) - (3600 if self.wrong == "timestamp" else 0)
        consumer_key = "nobody" if self.wrong == "consumer-key" else self.consumer_key
        nonce = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))
        signed = list(form.items()) if self.wrong != "signature" else [*form.items(), ("more", "1")]
        header = authorization(url, signed, consumer_key, self.key_file, str(timestamp), nonce)
        return self.send(url, [("Authorization", header)], form, promised)

    def send(self, url, headers, form, promised):
        body = urllib.parse.urlencode(form).encode("ascii")
        headers = [*headers, ("Accept", "*/*"), ("Content-Type", "application/x-www-form-urlencoded")]
        answer = post(url, headers, body)
        if self.replay:
            promise(post(url, headers, body).body == answer.body, "the same request again had another answer")
        if answer.status == 403:
            return check_denied(answer)
        promise(answer.status == 200, f"HTTP {answer.status}")
        check_headers(answer)
        fields = read_answer(answer.body)
        check_fields(fields, *promised)
        return {"http_status": 200, "body_bytes": len(answer.body), **fields}


def v2_control(login, client_orderid, orderid, merchant_control):
    return hashlib.sha1((login + client_orderid + orderid + merchant_control).encode("utf-8")).hexdigest()


def callback_control(status, orderid, client_orderid, merchant_control):
    return hashlib.sha1((status + orderid + client_orderid + merchant_control).encode("utf-8")).hexdigest()


def check_callback(query, merchant_control):
    """The GET that the provider sends to server_callback_url. Returns the fields."""
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    fields = dict(pairs)
    promise(len(fields) == len(pairs), "a callback field came twice")
    for name in ["status", "merchant_order", "client_orderid", "orderid", "type", "amount", "control"]:
        promise(name in fields, f"the callback has no {name}")
    ours = callback_control(fields["status"], fields["orderid"], fields["client_orderid"], merchant_control)
    promise(fields["control"] == ours, "the callback's control is wrong")
    return fields


EXAMPLE_FORM = [("client_orderid", "3"), ("login", "test-merchant"), ("orderid", "900258")]
EXAMPLE_URL = "https://sandbox.payneteasy.com/paynet/api/v4/payout-pay/39915"
EXAMPLE_NONCE = "b5E31Tw6SVjauE29uOf2jOLnuUSXmVdE"
EXAMPLE_ANSWER = (
    b"type=async-response\n&serial-number=00000000-0000-0000-0000-000002e2c322\n"
    b"&merchant-order-id=1\n&paynet-order-id=900258\n&end-point-id=39915\n"
)
# RFC 5849, 3.4.1.1; its method is HMAC-SHA1, its base string is made as any other.
RFC_5849 = (
    "http://example.com/request",
    [
        *[("b5", "=%3D"), ("a3", "a"), ("c@", ""), ("a2", "r b"), ("oauth_consumer_key", "9djdj82h48djs9d2")],
        *[("oauth_token", "kkk9d7dh3k39sjv7"), ("oauth_signature_method", "HMAC-SHA1")],
        *[("oauth_timestamp", "137131201"), ("oauth_nonce", "7d8f3e4a"), ("c2", ""), ("a3", "2 q")],
    ],
    "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26"
    "c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
    "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7",
)


def self_test(test_key):
    """The page's request and answer, byte for byte. Its key is not published: a test key signs the worked example."""
    body = urllib.parse.urlencode(dict(EXAMPLE_FORM))
    promise(len(body) == 51 and body == "client_orderid=3&login=test-merchant&orderid=900258", "the 51 bytes sent")
    promise(len(EXAMPLE_ANSWER) == 137, "the 137 bytes answered")
    promise(list(read_answer(EXAMPLE_ANSWER)) == ASYNC_FIELDS, "the printed answer")
    for spoilt in [EXAMPLE_ANSWER[:-1], EXAMPLE_ANSWER.replace(b"\n", b"\r\n"), EXAMPLE_ANSWER.replace(b"\n", b"")]:
        try:
            read_answer(spoilt)
        except BrokenPromise:
            continue
        raise BrokenPromise(f"a spoilt answer was taken: {spoilt!r}")
    url, parameters, expected = RFC_5849
    promise(base_string(url, parameters) == expected, "the base string of RFC 5849")
    signed = EXAMPLE_FORM + [
        *[("oauth_consumer_key", "TestMerchant"), ("oauth_nonce", EXAMPLE_NONCE), ("oauth_version", "1.0")],
        *[("oauth_signature_method", "RSA-SHA256"), ("oauth_timestamp", "1677831012")],
    ]
    worked = base_string(EXAMPLE_URL, signed)
    digest = "800fdde36cf48c075add207616ce24bad378ee7ef8da3d05bd2ef173cdde8365"
    promise(hashlib.sha256(worked.encode("ascii")).hexdigest() == digest, "the worked base string")
    proofs = ["the request of 51 bytes", "the answer of 137 bytes", "RFC 5849", "the worked base string"]
    if test_key is not None:
        signature = rsa_sha256(worked, test_key).hex()
        promise(signature.startswith("0ebde2a7bc511c162716f1558e842a25"), "the worked signature begins otherwise")
        promise(signature.endswith("eedd5e4a2d6b6d15") and len(signature) == 512, "the worked signature ends otherwise")
        proofs.append("the worked signature")
    control = callback_control("approved", "900258", "3", "sandbox-merchant-control")
    promise(control == "f37af14345764670dd52c91a6dd860311ec06895", "the worked control")
    return {"self_test": "payneteasy", "proofs": [*proofs, "the worked control"]}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["--base-url", "--login", "--consumer-key", "--key", "--endpoint", "--group"]:
        parser.add_argument(name)
    parser.add_argument("--wrong", choices=["signature", "timestamp", "consumer-key"])
    parser.add_argument("--replay", action="store_true")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ["payout-check", "payout"]:
        create = commands.add_parser(name)
        for argument in ["--client-orderid", "--amount", "--currency", "--order-desc"]:
            create.add_argument(argument, required=True)
        create.add_argument("--server-callback-url")
        create.add_argument("--field", action="append", default=[], help="name=value, repeated: where the money goes")
    for name in ["payout-pay", "status", "v2-status"]:
        command = commands.add_parser(name)
        for argument in ["--client-orderid", "--orderid", *(["--merchant-control"] if name == "v2-status" else [])]:
            command.add_argument(argument, required=True)
        if name == "status":
            command.add_argument("--by-request-sn")
    commands.add_parser("self-test").add_argument("--test-key")
    return parser


def main():
    parser = arguments()
    given = vars(parser.parse_args())
    command = given.pop("command")
    place = {name: given.pop(name) for name in ["base_url", "login", "consumer_key", "key", "endpoint", "group"]}
    options = {name: given.pop(name) for name in ["wrong", "replay"]}
    if command == "self-test":
        return run(lambda: self_test(**given))
    endpoint, group = place.pop("endpoint"), place.pop("group")
    if None in place.values() or (endpoint is None) == (group is None):
        parser.error("--base-url, --login, --consumer-key, --key and either --endpoint or --group are needed")
    where = endpoint if group is None else f"group/{group}"
    client = Client(place["base_url"], place["login"], place["consumer_key"], place["key"], where, **options)
    run(lambda: getattr(client, command.replace("-", "_"))(**given))


if __name__ == "__main__":
    main()
