"""Takes the callbacks that a merchant gets and judges their signatures, as a merchant's own server would.

    receiver.py --paypro-secret S --merchant-control M

It listens on the first of 8443 and 8080 that is free, because Payneteasy calls no other ports above the privileged ones.
Prints one JSON line with its port, then one per callback: {"protocol", "valid", "fields" or "problem"}. It ends with its
standard input.
"""

import argparse
import json
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import payneteasy_client
import paypro_client
from exchange import BrokenPromise

BODY_BYTES_MAX = 65_536
PORTS = [8443, 8080]


def serve(paypro_secret, merchant_control):
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            length = min(int(self.headers.get("Content-Length", "0")), BODY_BYTES_MAX)
            body = self.rfile.read(length)
            self.judge("paypro", lambda: paypro_client.check_callback(body, paypro_secret), b"OK")

        def do_GET(self):
            query = urllib.parse.urlsplit(self.path).query
            self.judge("payneteasy", lambda: payneteasy_client.check_callback(query, merchant_control), b"")

        def judge(self, protocol, check, acknowledgement):
            told = {"protocol": protocol, "method": self.command, "content_type": self.headers.get("Content-Type")}
            try:
                told.update(valid=True, fields=check())
            except (BrokenPromise, ValueError) as problem:
                told.update(valid=False, problem=str(problem))
            told["answered"] = 200 if told["valid"] else 400
            print(json.dumps(told), flush=True)
            self.send_response(told["answered"])
            body = acknowledgement if told["answered"] == 200 else b""
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = listen(Receiver)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


def listen(handler):
    taken = None
    for port in PORTS:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError as problem:
            taken = problem
    raise SystemExit(f"receiver.py: none of the ports {PORTS} is free: {taken}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paypro-secret", required=True)
    parser.add_argument("--merchant-control", required=True)
    serve(**vars(parser.parse_args()))
