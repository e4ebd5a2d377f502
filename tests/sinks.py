"""Receivers of notices on this machine: an HTTP one that answers as it is told to, and a mail relay."""

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sink:
    """What came in, in order, and what is answered: the statuses in `answers`, then 200; 0 cuts the connection."""

    def __init__(self):
        self.came, self.answers = [], []
        self.arrived = threading.Event()
        self.before = lambda: None  # what happens once a notice is here and before it is answered
        self.url = ""
        self.port = 0

    @property
    def bodies(self):
        return [json.loads(body) for _, _, body in self.came]

    @property
    def ids(self):
        return [headers["webhook-id"] for _, headers, _ in self.came]


@contextmanager
def http_sink(port=0):
    """An HTTP server that takes whatever is posted to it."""
    sink, lock = Sink(), threading.Lock()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                status = sink.answers.pop(0) if sink.answers else 200
                sink.came.append((self.path, dict(self.headers.items()), body))
                sink.arrived.set()
            sink.before()
            if status:
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_):
            """Nothing: tests look at what came."""

    with ThreadingHTTPServer(("127.0.0.1", port), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        sink.port = server.server_address[1]
        sink.url = f"http://127.0.0.1:{sink.port}/hook"
        yield sink
        server.shutdown()
        thread.join()


@contextmanager
def mail_sink():
    """A mail relay: the host and port of it, and the messages that came, each (from, to, text)."""
    came = []

    class Relay(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 sink")
            sender, to = "", []
            while line := self.rfile.readline().decode().strip():
                word = line.upper()
                if word.startswith("MAIL FROM:"):
                    sender = line[10:].split()[0]
                elif word.startswith("RCPT TO:"):
                    to.append(line[8:].split()[0])
                elif word == "DATA":
                    self.say("354 go on")
                    text = b""
                    while not text.endswith(b"\r\n.\r\n"):
                        text += self.rfile.readline()
                    came.append((sender, to, text.decode()))
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                self.say("250 sink")

        def say(self, line):
            self.wfile.write(line.encode() + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Relay) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", came
        server.shutdown()
        thread.join()
