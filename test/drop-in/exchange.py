"""One HTTP exchange with its bytes kept, JSON read without losing anything, and a promise that can be broken.

Shared by the four clients beside it. Python's standard library only; nothing here knows a provider.
"""

import http.client
import json
import sys
import urllib.parse

TIMEOUT_S = 30
ANSWER_BYTES_MAX = 16 * 1024 * 1024


class BrokenPromise(Exception):
    """The answer is not what the provider's document promises."""


def promise(holds, what):
    if not holds:
        raise BrokenPromise(what)


class Answer:
    """Status, headers as they came (in order, repeated ones kept) and the bytes of the body."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """The one header of this name, or None. Twice is a broken promise: no document has one twice on purpose."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        promise(len(found) < 2, f"header {name} came {len(found)} times")
        return found[0] if found else None


def post(url, headers, body):
    """Sends exactly these headers besides Host and Content-Length, follows nothing, repeats nothing."""
    parts = urllib.parse.urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=TIMEOUT_S)
    try:
        connection.putrequest("POST", parts.path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        read = response.read(ANSWER_BYTES_MAX + 1)
        promise(len(read) <= ANSWER_BYTES_MAX, "the answer is too long")
        answer = Answer(response.status, response.getheaders(), read)
    finally:
        connection.close()
    announced = answer.header("Content-Length")
    promise(announced == str(len(answer.body)), f"Content-Length {announced}, but {len(answer.body)} bytes came")
    return answer


class Number(str):
    """A JSON number by the text that stood in the body."""

    def is_integer(self):
        return self.lstrip("-").isdigit() and (self == "0" or not self.lstrip("-").startswith("0"))

    def is_shortest(self):
        """No exponent, no zeros that say nothing: 150 and 160.5, never 150.00."""
        whole, _, fraction = self.partition(".")
        return Number(whole).is_integer() and ("." not in self or (fraction.isdigit() and not fraction.endswith("0")))


def read_json(body):
    """One JSON text in UTF-8. A member twice is refused; numbers stay text."""

    def members(pairs):
        names = [name for name, _ in pairs]
        promise(len(set(names)) == len(names), f"a member came twice: {names}")
        return dict(pairs)

    def nothing(constant):
        raise BrokenPromise(f"{constant} is not JSON")

    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=members,
            parse_int=Number,
            parse_float=Number,
            parse_constant=nothing,
        )
    except ValueError as problem:
        raise BrokenPromise(f"not JSON: {problem}: {body[:200]!r}") from None


def write_json(value):
    """Compact, members in their order, slashes as they are: what a body has to be byte for byte."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{write_json(name)}:{write_json(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write_json(part) for part in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def promise_members(value, names, where):
    """An object with exactly these members in this order."""
    promise(isinstance(value, dict), f"{where} is no object: {value!r}")
    promise(list(value) == list(names), f"{where} has the members {list(value)}, promised are {list(names)}")


def promise_text(value, names, where):
    for name in names:
        promise(isinstance(value[name], str) and not isinstance(value[name], Number), f"{where}.{name} is no text")


def run(command):
    """The end of every client: prints one JSON line. Exit 0 the document was kept, 1 it was broken, 2 wrong usage."""
    try:
        result = command()
    except BrokenPromise as broken:
        print(f"broken promise: {broken}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(result, ensure_ascii=False))
