"""A PayPro client, written from the provider's payout page alone (the sibling calls: from what is known of the family).

    paypro_client.py --base-url URL --merchant-no N --secret S payout --trade-no T --amount 300 --wallet-id W \
        --way-code EWALLET_BKASH --notify-url URL [--remark R]
    paypro_client.py ... query --trade-no T
    paypro_client.py ... balance
    paypro_client.py self-test
"""

import argparse
import hashlib
import json
import re
import time

from exchange import BrokenPromise, Number, post, promise, promise_members, promise_text, read_json, run, write_json

FAILURE_DATA = ["platFormTradeNo", "status", "desc", "remark"]
QUERY_DATA = ["platFormTradeNo", "tradeNo", "amount", "status", "message", "desc", "successTime"]
BALANCE_DATA = ["availableAmount", "freezeAmount", "unsettledAmount"]


def sign(fields, secret):
    """key1=value1key2=value2 in alphabetical order without `sign`, the app secret as salt, MD5, lowercase."""
    names = sorted(name for name in fields if name != "sign" and fields[name] != "")
    canonical = "".join(f"{name}={fields[name]}" for name in names)
    return hashlib.md5((canonical + secret).encode("utf-8")).hexdigest()


class Client:
    def __init__(self, base_url, merchant_no, secret):
        self.base_url = base_url.rstrip("/")
        self.merchant_no = merchant_no
        self.secret = secret

    def payout(self, trade_no, amount, wallet_id, way_code, notify_url, remark=None):
        fields = {
            "timestamp": milliseconds(),
            "tradeNo": trade_no,
            "amount": amount,
            "notifyUrl": notify_url,
            "wayCode": way_code,
            "walletId": wallet_id,
        }
        if remark is not None:
            fields["remark"] = remark
        return self.call("/v1/paypro/payout", fields, check_payout)

    def query(self, trade_no):
        return self.call(
            "/v1/paypro/queryPayOutResult",
            {"tradeNo": trade_no, "timestamp": milliseconds()},
            lambda answer: check_query(answer, trade_no),
        )

    def balance(self):
        return self.call("/v1/paypro/queryBalance", {"timestamp": milliseconds()}, check_balance)

    def call(self, path, fields, check):
        body = json.dumps({"sign": sign(fields, self.secret), **fields}).encode("utf-8")
        headers = [("merchantNo", self.merchant_no), ("Content-Type", "application/json")]
        answer = post(self.base_url + path, headers, body)
        promise(answer.status == 200, f"HTTP {answer.status}")
        kind = answer.header("Content-Type")
        promise(kind == "application/json;charset=utf-8", f"Content-Type {kind}")
        said = read_json(answer.body)
        promise(write_json(said).encode("utf-8") == answer.body, "the body is not compact JSON")
        check(said)
        return {"http_status": answer.status, "body_bytes": len(answer.body), **said}


def milliseconds():
    return str(time.time_ns() // 1_000_000)


def check_envelope(answer):
    """The table and the example disagree on two types; the example is what is promised here."""
    promise_members(answer, ["msg", "code", "timestamp", "success", "data"], "answer")
    promise_text(answer, ["msg", "code"], "answer")
    stamp = answer["timestamp"]
    promise(isinstance(stamp, Number) and re.fullmatch(r"[0-9]{13}", stamp), "timestamp is no number of milliseconds")
    promise(isinstance(answer["success"], bool), "success is no boolean")
    promise((answer["code"] == "0000") == answer["success"], "code and success contradict each other")
    promise((answer["msg"] == "success") == answer["success"], "msg and success contradict each other")


def check_payout(answer):
    check_envelope(answer)
    data = answer["data"]
    promise_members(data, FAILURE_DATA, "data")
    promise_text(data, FAILURE_DATA, "data")
    promise(re.fullmatch(r"[0-9]{4,10}", data["status"]), f"data.status {data['status']!r} is no code")
    if answer["success"]:
        number = data["platFormTradeNo"]
        promise(re.fullmatch(r"[0-9a-z]{16}", number), f"platFormTradeNo {number!r} is not as in the example")
    else:
        promise(data["status"] not in ("0000", "0015"), "a refusal that reads like a success")


def check_query(answer, trade_no):
    check_envelope(answer)
    if not answer["success"]:
        return check_not_found(answer, trade_no)
    data = answer["data"]
    promise_members(data, QUERY_DATA, "data")
    promise_text(data, QUERY_DATA, "data")
    promise(data["tradeNo"] == trade_no, "another order was answered")
    promise(data["desc"] == data["message"], "desc and message differ")
    when = data["successTime"]
    promise(when == "" or re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", when), f"successTime {when!r}")


def check_not_found(answer, trade_no):
    """A query that finds nothing has no `data.status`: a client that decides on it must not find one."""
    if answer["code"] == "990008":
        promise(answer["data"] == {"tradeNo": trade_no}, f"data of an order that is not there: {answer['data']}")
    else:
        check_payout(answer)


def check_balance(answer):
    check_envelope(answer)
    if not answer["success"]:
        return check_payout(answer)
    promise_members(answer["data"], BALANCE_DATA, "data")
    for name, value in answer["data"].items():
        promise(re.fullmatch(r"[0-9]+\.[0-9]{4}", value), f"{name} {value!r} has not four decimals")


def check_callback(body, secret):
    """What the provider posts to notifyUrl: signed as a request is. Returns the fields."""
    fields = read_json(body)
    promise(isinstance(fields, dict), "the callback is no object")
    promise_text(fields, list(fields), "callback")
    for name in ["status", "platFormTradeNo", "tradeNo", "amount", "timestamp", "sign"]:
        promise(name in fields, f"the callback has no {name}")
    promise(fields["sign"] == sign(fields, secret), "the callback's sign is wrong")
    return fields


EXAMPLE = {
    "timestamp": "1728611780130",
    "tradeNo": "test_00000001",
    "amount": "300",
    "notifyUrl": "https://google.com",
    "wayCode": "EWALLET_BKASH",
    "walletId": "01123456789",
    "remark": "test",
}
EXAMPLE_ANSWER = (
    b'{"msg":"success","code":"0000","timestamp":1729947461317,"success":true,'
    b'"data":{"platFormTradeNo":"8rlfud1oh1ruceq7","status":"0100119","desc":"fail"}}'
)


def self_test():
    """The page's own request example. The secret of its printed sign is not published, so a sandbox one signs it."""
    proofs = {
        "the request example": (sign(EXAMPLE, "sandbox-paypro-secret"), "4d26c829e27711906aaa39b205ffb47d"),
        "with sign inside": (
            sign({**EXAMPLE, "sign": "b39f64dc1586867b1966a569ba06e3a2"}, "sandbox-paypro-secret"),
            "4d26c829e27711906aaa39b205ffb47d",
        ),
        "remark empty": (sign({**EXAMPLE, "remark": ""}, "sandbox-paypro-secret"), "37808b87a4060a783d4722e37ce69134"),
        "remark absent": (
            sign({name: EXAMPLE[name] for name in EXAMPLE if name != "remark"}, "sandbox-paypro-secret"),
            "37808b87a4060a783d4722e37ce69134",
        ),
    }
    for what, (ours, theirs) in proofs.items():
        promise(ours == theirs, f"{what}: {ours} is not {theirs}")
    promise(re.fullmatch(r"[0-9a-f]{32}", sign(EXAMPLE, "any")), "not of the shape of the printed sign")
    # The printed answer: read as it stands; its `remark` is required by the table and missing in the example.
    printed = read_json(EXAMPLE_ANSWER)
    check_envelope(printed)
    check_payout({**printed, "data": {**printed["data"], "remark": ""}})
    for spoilt in [{**printed, "success": "true"}, {**printed, "data": []}, {**printed, "timestamp": "1729947461317"}]:
        try:
            check_payout(spoilt)
        except BrokenPromise:
            continue
        raise BrokenPromise(f"a spoilt answer was taken: {spoilt}")
    return {"self_test": "paypro", "proofs": list(proofs)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url")
    parser.add_argument("--merchant-no")
    parser.add_argument("--secret")
    commands = parser.add_subparsers(dest="command", required=True)
    payout = commands.add_parser("payout")
    for name in ["--trade-no", "--amount", "--wallet-id", "--way-code", "--notify-url"]:
        payout.add_argument(name, required=True)
    payout.add_argument("--remark")
    commands.add_parser("query").add_argument("--trade-no", required=True)
    commands.add_parser("balance")
    commands.add_parser("self-test")
    given = vars(parser.parse_args())
    command = given.pop("command")
    base_url, merchant_no, secret = (given.pop(name) for name in ["base_url", "merchant_no", "secret"])
    if command == "self-test":
        return run(self_test)
    if None in (base_url, merchant_no, secret):
        parser.error("--base-url, --merchant-no and --secret are needed")
    client = Client(base_url, merchant_no, secret)
    run(lambda: getattr(client, command)(**given))


if __name__ == "__main__":
    main()
