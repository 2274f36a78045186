"""An Avanor client, written from the provider's status page (signature, envelope); paths and sibling calls from what is
known of the platform.

    avanor_client.py --base-url URL --shop-id 202203 --secret S status --withdraw-id 123
    avanor_client.py ... shop-payment-status --shop-payment-id REF
    avanor_client.py ... create --shop-payment-id REF --payway card_usd --account 4111111111111111 --amount 10.00 \
        --shop-currency 840 [--amount-type ps_amount]
    avanor_client.py ... try | check-account | methods | balance
    avanor_client.py self-test
"""

import argparse
import hashlib
import json
import re
from datetime import datetime

from exchange import BrokenPromise, Number, post, promise, promise_members, promise_text, read_json, run, write_json

# The fields that each method signs; whatever else is sent is not covered.
SIGNED = {
    "withdraw/status": ["now", "shop_id", "withdraw_id"],
    "withdraw/shop_payment_status": ["now", "shop_id", "shop_payment_id"],
    "withdraw/create": ["account", "amount", "amount_type", "payway", "shop_currency", "shop_id", "shop_payment_id"],
    "withdraw/try": ["amount", "amount_type", "payway", "shop_currency", "shop_id"],
    "check_account": ["account", "amount", "payway", "shop_id"],
    "shop_output_config/shop": ["now", "shop_id"],
    "shop_balance": ["now", "shop_id"],
}

STATUS_DATA = [
    *["bank_transaction_id", "error_code", "id", "payee_receive", "ps_currency", "rrn"],
    *["shop_currency", "shop_payment_id", "shop_write_off", "status"],
]
CREATE_DATA = [
    *["balance", "id", "payee_receive", "ps_currency"],
    *["shop_currency", "shop_payment_id", "shop_write_off", "status"],
]
TRY_DATA = ["account_info_config", "payee_receive", "ps_currency", "shop_currency", "shop_write_off"]


def sign(fields, names, secret):
    """Values in the alphabetical order of their names, a colon between them, the secret key directly behind."""
    return hashlib.sha256((string_to_sign(fields, names) + secret).encode()).hexdigest()


def string_to_sign(fields, names):
    return ":".join(str(fields[name]) for name in sorted(names))


class Client:
    def __init__(self, base_url, shop_id, secret, prefix="/gateway/v1"):
        self.base_url = base_url.rstrip("/") + prefix
        self.shop_id = int(shop_id)
        self.secret = secret

    def status(self, withdraw_id):
        return self.call("withdraw/status", {"now": now(), "withdraw_id": int(withdraw_id)}, check_status)

    def shop_payment_status(self, shop_payment_id):
        fields = {"now": now(), "shop_payment_id": shop_payment_id}
        return self.call("withdraw/shop_payment_status", fields, check_status)

    def create(self, shop_payment_id, payway, account, amount, shop_currency, amount_type):
        fields = {"shop_payment_id": shop_payment_id, "account": account, "payway": payway, "amount": amount}
        return self.call(
            "withdraw/create",
            {**fields, "shop_currency": int(shop_currency), "amount_type": amount_type},
            lambda data: check_create(data, shop_payment_id),
        )

    def try_out(self, payway, amount, shop_currency, amount_type):
        fields = {"payway": payway, "amount": amount, "shop_currency": int(shop_currency), "amount_type": amount_type}
        return self.call("withdraw/try", fields, check_try)

    def check_account(self, payway, account, amount):
        return self.call("check_account", {"payway": payway, "account": account, "amount": amount}, check_account)

    def methods(self):
        return self.call("shop_output_config/shop", {"now": now()}, check_methods)

    def balance(self):
        return self.call("shop_balance", {"now": now()}, check_balance)

    def call(self, path, fields, check_data):
        fields = {"shop_id": self.shop_id, **fields}
        body = json.dumps({**fields, "sign": sign(fields, SIGNED[path], self.secret)}).encode("utf-8")
        answer = post(f"{self.base_url}/{path}", [("Content-Type", "application/json")], body)
        promise(answer.status == 200, f"HTTP {answer.status}")
        kind = answer.header("Content-Type") or ""
        promise(kind.partition(";")[0].strip() == "application/json", f"Content-Type {kind}")
        said = read_json(answer.body)
        promise(write_json(said).encode("utf-8") == answer.body, "the body is not compact JSON")
        check_envelope(said)
        if said["result"]:
            check_data(said["data"])
        elif said["message"].startswith("Invalid sign"):
            shown = f"Invalid sign, string_to_sign: {string_to_sign(fields, SIGNED[path])}"
            promise(said["message"] == shown, f"{said['message']!r} is not {shown!r}")
        return {"http_status": answer.status, "body_bytes": len(answer.body), **said}


def now():
    return datetime.now().strftime("%Y-%m-%dT%H:%M:%S")


def check_envelope(answer):
    """result, message and error_code are the page's; `data` and the order are the family's."""
    promise_members(answer, ["data", "error_code", "message", "result"], "answer")
    promise_text(answer, ["message"], "answer")
    promise(isinstance(answer["result"], bool), "result is no boolean")
    promise_integer(answer, ["error_code"], "answer")
    if answer["result"]:
        promise(answer["message"] == "Ok", f"a success says {answer['message']!r}")
        promise(answer["error_code"] == "0", f"a success with error_code {answer['error_code']}")
    else:
        promise(not answer["error_code"].startswith(("-", "0")), f"an error with error_code {answer['error_code']}")
        promise(answer["message"] not in ("", "Ok"), "an error without a description")
        promise(answer["data"] is None, "an error with data")


def promise_integer(value, names, where):
    for name in names:
        number = value[name]
        promise(isinstance(number, Number) and number.is_integer(), f"{where}.{name} is no integer: {number!r}")


def promise_amount(value, names, where):
    for name in names:
        number = value[name]
        promise(isinstance(number, Number) and number.is_shortest(), f"{where}.{name} is no shortest number: {number!r}")


def check_status(data):
    promise_members(data, STATUS_DATA, "data")
    promise_integer(data, ["error_code", "id", "ps_currency", "shop_currency", "status"], "data")
    promise_amount(data, ["payee_receive", "shop_write_off"], "data")
    promise_text(data, ["bank_transaction_id", "rrn", "shop_payment_id"], "data")
    promise(data["status"] in ("1", "2", "3", "4", "5", "6", "7", "8", "9"), f"data.status {data['status']}")


def check_create(data, shop_payment_id):
    promise_members(data, CREATE_DATA, "data")
    promise_integer(data, ["id", "ps_currency", "shop_currency", "status"], "data")
    promise_amount(data, ["balance", "payee_receive", "shop_write_off"], "data")
    promise(data["shop_payment_id"] == shop_payment_id, "another payout was answered")


def check_try(data):
    promise_members(data, TRY_DATA, "data")
    promise_integer(data, ["ps_currency", "shop_currency"], "data")
    promise_amount(data, ["payee_receive"], "data")
    # The one method in which it is a text.
    promise_text(data, ["shop_write_off"], "data")


def check_account(data):
    promise_members(data, ["account_info", "provider_status", "result"], "data")
    promise(data["provider_status"] in ("1", "2", "3"), f"provider_status {data['provider_status']}")


def check_methods(data):
    promise(isinstance(data, list), "data is no list")
    for method in data:
        for name in ["id", "name", "rating", "payways"]:
            promise(name in method, f"a method without {name}")
        for payway in method["payways"]:
            for name in ["alias", "currency", "min_amount", "max_amount", "fee_config", "account_info_config"]:
                promise(name in payway, f"a payway without {name}")


def check_balance(data):
    promise_members(data, ["balances"], "data")
    for balance in data["balances"]:
        promise_members(balance, ["available", "currency", "frozen", "hold"], "balance")


def self_test():
    """The page's own worked example, whose digest the page prints, and the seed method with a value of ours."""
    fields = {"amount": "104.04", "currency": 840, "payway": "payway_usd", "shop_id": 202203, "shop_order_id": "1994"}
    names = ["shop_id", "shop_order_id", "amount", "currency", "payway"]
    line = "104.04:840:payway_usd:202203:1994"
    promise(string_to_sign(fields, names) == line, f"the line is not {line}")
    printed = "05f6d3712417f62af6cbf66ca81c2f0b249f7dc1b4cbe3a50e3f8d67a1fb35a2"
    promise(sign(fields, names, "account-secret-key") == printed, "the printed sign is not reproduced")
    seed = {"now": "2026-05-24T16:35:42", "shop_id": 202203, "withdraw_id": 123}
    worked = "248cbb857b1f522a9128cf0ff306dfcf91ead351292561c7bc2c3d51652db435"
    promise(sign(seed, SIGNED["withdraw/status"], "account-secret-key") == worked, "the worked sign is not reproduced")
    good = read_json(
        b'{"data":{"bank_transaction_id":"","error_code":0,"id":123,"payee_receive":150,"ps_currency":840,"rrn":"",'
        b'"shop_currency":840,"shop_payment_id":"5b0efa8a","shop_write_off":160.5,"status":5},'
        b'"error_code":0,"message":"Ok","result":true}'
    )
    check_envelope(good)
    check_status(good["data"])
    for spoilt in [{"shop_write_off": Number("160.50")}, {"id": "123"}, {"status": Number("0")}]:
        try:
            check_status({**good["data"], **spoilt})
        except BrokenPromise:
            continue
        raise BrokenPromise(f"a spoilt answer was taken: {spoilt}")
    return {"self_test": "avanor", "proofs": ["the printed sign of invoice/create", "the worked withdraw/status"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url")
    parser.add_argument("--shop-id")
    parser.add_argument("--secret")
    parser.add_argument("--prefix", default="/gateway/v1")
    commands = parser.add_subparsers(dest="command", required=True)
    wanted = {
        "status": ["--withdraw-id"],
        "shop-payment-status": ["--shop-payment-id"],
        "create": ["--shop-payment-id", "--payway", "--account", "--amount", "--shop-currency"],
        "try": ["--payway", "--amount", "--shop-currency"],
        "check-account": ["--payway", "--account", "--amount"],
        "methods": [],
        "balance": [],
        "self-test": [],
    }
    for name, arguments in wanted.items():
        command = commands.add_parser(name)
        for argument in arguments:
            command.add_argument(argument, required=True)
        if "--shop-currency" in arguments:
            command.add_argument("--amount-type", default="ps_amount")
    given = vars(parser.parse_args())
    command = given.pop("command")
    place = [given.pop(name) for name in ["base_url", "shop_id", "secret", "prefix"]]
    if command == "self-test":
        return run(self_test)
    if None in place or not re.fullmatch(r"[0-9]+", place[1]):
        parser.error("--base-url, --shop-id (digits) and --secret are needed")
    client = Client(*place)
    method = {"try": "try_out"}.get(command, command.replace("-", "_"))
    run(lambda: getattr(client, method)(**given))


if __name__ == "__main__":
    main()
