"""Honest clients, in a process of their own: python honest.py PORT CLIENTS PER_SECOND CONTROL_PORT

Each has a WebSocket to an `Echo` of its own and says something at times that do not depend on the
answers. A fifth as many do the same with a process that nobody attacks, as a control. Prints
`ready` when all are open. Ends when its standard input does: then it waits for the answers that are
missing, and prints what it has seen as JSON.
"""

import asyncio
import gc
import json
import sys
import time
from collections import deque

PAYLOAD_BYTES = 64
OPEN_SECONDS = 20
DRAIN_SECONDS = 10


class Client(asyncio.Protocol):
    """One WebSocket; all of its frames have the same length, so no parser is needed."""

    def __init__(self, number, seen):
        self.number = number
        self.seen = seen
        self.count = 0
        self.waiting = deque()
        self.data = b""
        self.is_open = asyncio.get_running_loop().create_future()
        self.is_over = False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(
            f"GET /objects/Echo/honest-{self.number} HTTP/1.1\r\nHost: node\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )

    def say(self, due):
        """Sends the next message, which was due at that time."""
        if self.transport.is_closing():
            return
        self.count += 1
        text = f"{self.number} says {self.count} ".encode().ljust(PAYLOAD_BYTES, b".")
        sent = time.monotonic()
        self.waiting.append((sent, b"\x81" + bytes([PAYLOAD_BYTES]) + text))
        self.seen.late.append((due, sent - due))
        self.transport.write(b"\x81" + bytes([0x80 | PAYLOAD_BYTES]) + bytes(4) + text)

    def data_received(self, data):
        now = time.monotonic()
        self.data += data
        if not self.is_open.done():
            self._open()
        size = PAYLOAD_BYTES + 2
        while self.is_open.done() and self.data:
            if self.data[:2] == b"\x89\x00":  # A ping.
                self.transport.write(b"\x8a\x80" + bytes(4))
                self.data = self.data[2:]
                continue
            if len(self.data) < size:
                return
            sent, expected = self.waiting.popleft() if self.waiting else (now, b"nothing")
            if self.data[:size] != expected:
                self._fail(f"got {self.data[:size]!r}, expected {expected!r}")
                return
            self.data = self.data[size:]
            self.seen.answers.append((sent, now - sent))

    def connection_lost(self, error):
        if not self.is_over:
            self._fail(f"was disconnected: {error}")

    def _open(self):
        head, end, rest = self.data.partition(b"\r\n\r\n")
        if not end:
            return
        if b" 101 " not in head:
            self._fail(f"was refused: {head[:200]!r}")
        elif not self.is_open.done():
            self.is_open.set_result(None)
            self.data = rest

    def _fail(self, what):
        self.is_over = True
        self.seen.errors.append(f"client {self.number} {what}")
        if not self.is_open.done():
            self.is_open.set_exception(ConnectionError(what))
        self.transport.abort()


class Seen:
    """What all clients have seen: when, and for how long."""

    def __init__(self):
        self.answers = []
        self.late = []
        self.errors = []


async def talk(client, first, period, is_over):
    due = first
    loop = asyncio.get_running_loop()
    while not is_over.is_set() and not client.is_over:
        await asyncio.sleep(max(0, due - loop.time()))
        client.say(due)
        due += period


async def main(port, count, per_second, control_port):
    loop = asyncio.get_running_loop()
    is_over = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), is_over.set)
    seen, control = Seen(), Seen()
    clients = []
    for number in range(count + count // 5):
        to, what = (port, seen) if number < count else (control_port, control)
        _, client = await loop.create_connection(lambda: Client(number, what), "127.0.0.1", to)
        clients.append(client)
    await asyncio.wait_for(asyncio.gather(*(each.is_open for each in clients)), OPEN_SECONDS)
    print("ready", flush=True)
    # The garbage collector would stop all clients at once now and then.
    gc.collect()
    gc.disable()
    period = 1 / per_second
    start = loop.time() + 0.1
    await asyncio.gather(
        *(
            talk(each, start + n * period / len(clients), period, is_over)
            for n, each in enumerate(clients)
        )
    )
    end = loop.time() + DRAIN_SECONDS
    while any(each.waiting for each in clients if not each.is_over) and loop.time() < end:
        await asyncio.sleep(0.05)
    unanswered = sum(len(each.waiting) for each in clients)
    for each in clients:
        each.is_over = True
        each.transport.abort()
    found = {**vars(seen), "unanswered": unanswered, "control": control.answers}
    found["errors"] += [f"control: {error}" for error in control.errors]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
