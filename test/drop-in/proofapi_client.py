"""A Payout Proof client, written from the provider's page alone.

    proofapi_client.py --base-url URL --api-key K --pid PID001 --secret S get --order-id ORDER_123456
    proofapi_client.py ... errors --order-id ORDER_123456     provokes each error of the page's table and checks it
    proofapi_client.py self-test
"""

import argparse
import base64
import binascii
import hashlib
import json
import re

from exchange import BrokenPromise, post, promise, promise_members, promise_text, read_json, run, write_json

PATH = "/payout/api/proof/get_data.php"

# The page's table, row by row: message and HTTP status. The last two come with 200.
ERRORS = {
    "Invalid request data": 400,
    "pid not provided": 400,
    "order_id not provided": 400,
    "signature not provided": 400,
    "API key not provided": 401,
    "Invalid API key": 401,
    "Verification failed": 401,
    "Invalid user": 200,
    "Transaction not found": 200,
}

FIRST_BYTES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def sign(pid, secret_key, order_id):
    """SHA256(pid + your_provided_secret_key + order_id)."""
    return hashlib.sha256((pid + secret_key + order_id).encode("utf-8")).hexdigest()


class Client:
    def __init__(self, base_url, api_key, pid, secret):
        self.url = base_url.rstrip("/") + PATH
        self.api_key = api_key
        self.pid = pid
        self.secret = secret

    def request(self, order_id, pid=None):
        pid = self.pid if pid is None else pid
        return {"pid": pid, "order_id": order_id, "signature": sign(pid, self.secret, order_id)}

    def get(self, order_id):
        answer, said = self.send(self.request(order_id))
        if said["status"] == "error":
            return {"http_status": answer.status, **said}
        images = check_success(said, order_id)
        return {"http_status": answer.status, **{**said, "proof_images": images}}

    def errors(self, order_id):
        """Each row of the table, in its order, by a request in which one thing is wrong."""
        right = self.request(order_id)
        wrong = {
            "Invalid request data": (b"pid=" + self.pid.encode(), self.api_key),
            "pid not provided": ({**right, "pid": ""}, self.api_key),
            "order_id not provided": ({"pid": self.pid, "signature": right["signature"]}, self.api_key),
            "signature not provided": ({"pid": self.pid, "order_id": order_id}, self.api_key),
            "API key not provided": (right, None),
            "Invalid API key": (right, "not-" + self.api_key),
            "Verification failed": ({**right, "order_id": order_id + "_"}, self.api_key),
            "Invalid user": (self.request(order_id, "NOBODYS_PID"), self.api_key),
            "Transaction not found": (self.request("NO_SUCH_ORDER"), self.api_key),
        }
        seen = []
        for message, (request, api_key) in wrong.items():
            answer, said = self.send(request, api_key)
            promise(said == {"status": "error", "message": message}, f"{said} is not {message!r}")
            seen.append({"http_status": answer.status, "message": message, "body_bytes": len(answer.body)})
        return {"errors": seen}

    def send(self, request, api_key=...):
        api_key = self.api_key if api_key is ... else api_key
        headers = [("Content-Type", "application/json")]
        if api_key is not None:
            headers.append(("X-API-KEY", api_key))
        answer = post(self.url, headers, request if isinstance(request, bytes) else json.dumps(request).encode("utf-8"))
        kind = answer.header("Content-Type") or ""
        promise(kind.partition(";")[0].strip() == "application/json", f"Content-Type {kind}")
        said = read_json(answer.body)
        promise(write_json(said).encode("utf-8") == answer.body, "the body is not compact JSON")
        promise(isinstance(said, dict) and said.get("status") in ("success", "error"), f"no status: {said!r}")
        if said["status"] == "error":
            check_error(said, answer.status)
        else:
            promise(answer.status == 200, f"a success under HTTP {answer.status}")
        return answer, said


def check_error(said, http_status):
    promise_members(said, ["status", "message"], "error")
    promise(ERRORS.get(said["message"]) == http_status, f"{said['message']!r} under HTTP {http_status}")


def check_success(said, order_id):
    """Returns for each image its media type, how many bytes it has and their SHA-256."""
    promise_members(said, ["status", "order_id", "transaction_status", "proof_images"], "answer")
    promise_text(said, ["status", "order_id", "transaction_status"], "answer")
    promise(said["order_id"] == order_id, "another order was answered")
    promise(isinstance(said["proof_images"], list), "proof_images is no array")
    return [check_image(image) for image in said["proof_images"]]


def check_image(image):
    """A base64-encoded image data URI whose bytes are of the type it names."""
    promise(isinstance(image, str), "an image is no text")
    parts = re.fullmatch(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/]+={0,2})", image)
    promise(parts is not None, f"no data URI: {image[:60]!r}")
    try:
        picture = base64.b64decode(parts[2], validate=True)
    except binascii.Error as problem:
        raise BrokenPromise(f"not Base64: {problem}") from None
    promise(picture.startswith(FIRST_BYTES[parts[1]]), f"not of the type {parts[1]}")
    return {"type": parts[1], "bytes": len(picture), "sha256": hashlib.sha256(picture).hexdigest()}


def self_test():
    """The page's formula. It prints no digest; this one was made by another tool from sandbox values."""
    worked = "b98affccd04167914ae597102c522c04887036f977fd48f7e68e61f7009d856d"
    promise(sign("PID001", "sandbox-proof-secret", "ORDER_123456") == worked, "the worked signature is not reproduced")
    promise(len(b'{"status":"error","message":"Invalid API key"}') == 46, "the counted error body")
    promise(sorted(ERRORS.values()) == [200, 200, 400, 400, 400, 400, 401, 401, 401], "the table")
    pixel = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
        "AABJRU5ErkJggg=="
    )
    promise(check_image(pixel)["bytes"] == 70, "the picture of one pixel")
    for spoilt in [pixel.replace("png", "jpeg", 1), pixel.replace("png", "svg+xml", 1), pixel + "=", pixel[22:]]:
        try:
            check_image(spoilt)
        except BrokenPromise:
            continue
        raise BrokenPromise(f"a spoilt image was taken: {spoilt[:40]}")
    return {"self_test": "proofapi", "proofs": ["the worked signature", "nine errors", "an image and four spoilt ones"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["--base-url", "--api-key", "--pid", "--secret"]:
        parser.add_argument(name)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ["get", "errors"]:
        commands.add_parser(name).add_argument("--order-id", required=True)
    commands.add_parser("self-test")
    given = parser.parse_args()
    if given.command == "self-test":
        return run(self_test)
    place = [given.base_url, given.api_key, given.pid, given.secret]
    if None in place:
        parser.error("--base-url, --api-key, --pid and --secret are needed")
    client = Client(*place)
    run(lambda: getattr(client, given.command)(given.order_id))


if __name__ == "__main__":
    main()
