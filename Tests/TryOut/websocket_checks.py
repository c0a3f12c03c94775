"""WebSocket as RFC 6455 has it, through nodes that own the object and nodes that do not."""

import os
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

import raw
from raw import RawWebSocket
from report import equal, until
from seed_checks import join, receive

SIZES = [0, 1, 125, 126, 65_535, 65_536, 65_537, 1 << 20, 32 << 20]
LARGEST = 32 << 20


def echo(cluster):
    """Text and binary messages of 0 bytes to 32 MiB come back intact through every node."""
    bytes_sent = 0
    for node in cluster.nodes:
        with join(node, "/objects/Echo/sizes") as client:
            for size in SIZES:
                for message in (os.urandom(size), text(size)):
                    client.send(message)
                    answer = client.recv(timeout=30)
                    if type(answer) is not type(message) or answer != message:
                        kind = type(message).__name__
                        raise AssertionError(f"{size} bytes of {kind} at {node.name}")
                    bytes_sent += size
    return f"{bytes_sent >> 20} MiB each way"


def text(size):
    """A text of `size` bytes, with characters of one to four bytes."""
    unit = "aé€😀"
    count, rest = divmod(size, len(unit.encode()))
    return unit * count + "z" * rest


def many_messages(cluster):
    """Five thousand messages sent without waiting come back in order, through every node."""
    for node in cluster.nodes:
        with join(node, "/objects/Echo/order") as client:
            for number in range(5_000):
                client.send(str(number))
            for number in range(5_000):
                equal(receive(client), str(number), f"message at {node.name}")


def fragments(cluster):
    """A message in fragments comes back whole, with pings between the fragments answered."""
    for node in cluster.nodes:
        with RawWebSocket(node.client) as client:
            client.send(raw.TEXT, b"he", fin=False)
            client.send(raw.PING, b"between")
            equal(client.receive(), (raw.PONG, b"between"), "the answer to a ping")
            client.send(raw.CONTINUATION, b"", fin=False)
            client.send(raw.CONTINUATION, b"l\xe2\x82", fin=False)
            client.send(raw.CONTINUATION, b"\xaclo")
            equal(client.receive(), (raw.TEXT, "hel€lo".encode()), "the message")
        with join(node, "/objects/Echo/fragments") as client:
            client.send([b"a" * 1000 for _ in range(200)])
            equal(receive(client), b"a" * 200_000, "the message of 200 fragments")


def one_byte_at_a_time(cluster):
    """A request and frames that come byte by byte are understood."""
    node = cluster.nodes[0]
    with RawWebSocket(node.client) as client:
        for byte in raw.frame(raw.TEXT, b"slow") + raw.frame(raw.BINARY, b"\0\1"):
            client.stream.sendall(bytes([byte]))
        equal(client.receive(), (raw.TEXT, b"slow"), "the text")
        equal(client.receive(), (raw.BINARY, b"\0\1"), "the binary message")


def pings(cluster):
    """A ping of the client is answered with its own payload."""
    for node in cluster.nodes:
        with join(node, "/objects/Echo/pings") as client:
            for payload in (b"", b"x" * 125):
                if not client.ping(payload).wait(10):
                    raise TimeoutError("no pong")


def negotiation(cluster):
    """No subprotocol and no extension is chosen, whatever the client offers."""
    for node in cluster.nodes:
        url = node.url("/objects/Echo/offers")
        with connect(url, subprotocols=["chat", "json"], compression="deflate") as client:
            equal(client.subprotocol, None, "the subprotocol")
            equal(list(client.protocol.extensions), [], "the extensions")
            client.send("still works")
            equal(receive(client), "still works", "the message")


def refused_upgrades(cluster):
    """An upgrade with a wrong version or key is refused, before any object hears of it."""
    for node in cluster.nodes:
        for lines, status in (
            (b"Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"426"),
            (b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short", b"400"),
            (b"Sec-WebSocket-Version: 13", b"400"),
        ):
            answer = raw.exchange(
                node.client,
                b"GET /objects/Echo/x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade, close\r\n" + lines + b"\r\n\r\n",
            )
            equal(answer.split(b" ")[1:2], [status], "the status")


def client_closes(cluster):
    """A client's Close is answered with its own code, through every node."""
    for node in cluster.nodes:
        for code in (1000, 1001, 1011, 3000, 4999):
            client = join(node, "/objects/Echo/closes")
            client.close(code=code, reason="done")
            equal(client.protocol.close_rcvd.code, code, "the code that came back")
        with RawWebSocket(node.client) as client:
            client.send(raw.CLOSE)
            equal(client.receive_close(), (1005, ""), "the answer to a Close without a code")
            client.wait_for_end()


def object_closes(cluster):
    """The object closes with a code of its own: 1003 for a binary message to a Counter."""
    for node in cluster.nodes:
        with join(node, "/objects/Counter/closes") as client:
            client.send(b"binary")
            try:
                receive(client)
            except ConnectionClosed as error:
                answer = (error.rcvd.code, error.rcvd.reason)
                equal(answer, (1003, "a counter takes text"), "the Close")
            else:
                raise AssertionError("the counter has answered")


VIOLATIONS = [
    ("a frame without a mask", 1002, raw.frame(raw.TEXT, b"x", masked=False)),
    ("a reserved bit", 1002, raw.frame(raw.TEXT, b"x", reserved=4)),
    ("a reserved opcode", 1002, raw.frame(3, b"x")),
    ("a ping in fragments", 1002, raw.frame(raw.PING, b"x", fin=False)),
    ("a ping of 126 bytes", 1002, raw.frame(raw.PING, b"x" * 126)),
    ("a continuation of nothing", 1002, raw.frame(raw.CONTINUATION, b"x")),
    ("a text inside a text", 1002, raw.frame(raw.TEXT, b"x", fin=False) + raw.frame(raw.TEXT)),
    ("invalid UTF-8", 1007, raw.frame(raw.TEXT, b"\xc3\x28")),
    ("UTF-8 that is cut off", 1007, raw.frame(raw.TEXT, b"\xe2\x82")),
    ("a surrogate", 1007, raw.frame(raw.TEXT, b"\xed\xa0\x80")),
    ("a Close of one byte", 1002, raw.frame(raw.CLOSE, b"\x03")),
    ("a Close with 1005", 1002, raw.frame(raw.CLOSE, raw.close_payload(1005))),
    ("a Close with 999", 1002, raw.frame(raw.CLOSE, raw.close_payload(999))),
    ("a Close with invalid UTF-8", 1007, raw.frame(raw.CLOSE, b"\x03\xe8\xff")),
    ("more than 32 MiB announced", 1009, b"\x82\xff" + (LARGEST + 1).to_bytes(8, "big") + b"mask"),
    ("a length with its top bit set", 1002, b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffmask"),
    ("a length in a needlessly long form", 1002, b"\x82\xfe\0\x01maskx"),
]


def violations(cluster):
    """What RFC 6455 forbids closes the session with 1002, 1007 or 1009, and no other one."""
    for node in cluster.nodes:
        with join(node, "/objects/Echo/raw") as witness:
            for what, code, data in VIOLATIONS:
                for path in ("/objects/Echo/raw", "/websocket"):
                    with RawWebSocket(node.client, path) as client:
                        client.stream.sendall(data)
                        equal(client.receive_close()[0], code, f"the code for {what} at {path}")
                        client.wait_for_end()
            witness.send("well")
            equal(receive(witness), "well", "a session of the same object")
    return f"{len(VIOLATIONS)} of them"


def largest_in_fragments(cluster):
    """A message that grows past 32 MiB in fragments closes the session with 1009."""
    with RawWebSocket(cluster.nodes[0].client) as client:
        piece = bytes(LARGEST // 2)
        unmasked = b"\x02\xff" + len(piece).to_bytes(8, "big") + b"\0\0\0\0" + piece
        client.stream.sendall(unmasked + b"\0" + unmasked[1:])
        client.stream.sendall(b"\x80\x81\0\0\0\0x")
        equal(client.receive_close()[0], 1009, "the code")


def abrupt_ends(cluster):
    """A hundred clients that vanish, halfway or at once, leave no session behind."""
    for number in range(100):
        node = cluster.nodes[number % len(cluster.nodes)]
        client = RawWebSocket(node.client, f"/objects/Echo/abrupt-{number % 7}")
        client.send(raw.TEXT, b"x" * 1000)
        client.stream.sendall(raw.frame(raw.BINARY, b"y" * 5000)[: 40 * number])
        raw.reset(client.stream) if number % 2 else client.stream.close()
    for node in cluster.nodes:
        until(lambda: sessions(node) == (0, 0), 10, f"no sessions at {node.name}")


def sessions(node):
    figures = node.figures()["sessions"]
    return figures["edge"], figures["owned"]


def slow_reader(cluster):
    """A client that reads nothing is closed with 1013, and its neighbours do not notice."""
    data = raw.frame(raw.BINARY, bytes(60_000)) * 20
    for node in cluster.nodes:
        with join(node, "/objects/Echo/slow") as neighbour:
            with RawWebSocket(node.client, "/objects/Echo/slow") as client:
                client.stream.settimeout(5)
                for _ in range(30):
                    client.stream.sendall(data)
                start = time.monotonic()
                neighbour.send("well")
                equal(receive(neighbour), "well", "the neighbour's message")
                if time.monotonic() - start > 1:
                    raise AssertionError("the neighbour had to wait")
                equal(client.receive_close()[0], 1013, "the code of the Close")


CHECKS = [
    echo, many_messages, fragments, one_byte_at_a_time, pings, negotiation, refused_upgrades,
    client_closes, object_closes, violations, largest_in_fragments, abrupt_ends, slow_reader,
]
