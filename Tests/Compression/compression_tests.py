"""Compression of real nodes, by Python's `websockets` and `zlib`: `Scripts/compression`."""

import os
import re
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TryOut"))

from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect

import raw
from cluster import Cluster
from report import Report, equal, until
from seed_checks import receive

OFFER = "Sec-WebSocket-Extensions: permessage-deflate"
COMPRESSED = 4  # RSV1.
LARGEST = 32 << 20


def texts():
    return ["", "short", "a rook says: " * 100, "é€😀" * 5_000, "x" * 200_000, "again " * 60]


def parameters(cluster):
    """Messages come back intact through every node, whatever the parameters and on both sides."""
    count = 0
    for node in cluster.nodes:
        for server_bits in (None, 9, 12, 15):
            for client_bits in (True, 9, 15):
                for keeps in (True, False):
                    factory = ClientPerMessageDeflateFactory(
                        server_max_window_bits=server_bits,
                        client_max_window_bits=client_bits,
                        server_no_context_takeover=not keeps,
                        client_no_context_takeover=not keeps,
                    )
                    url = node.url("/objects/Echo/compressed")
                    with connect(url, extensions=[factory], max_size=None) as client:
                        equal(len(client.protocol.extensions), 1, "the number of extensions")
                        for text in texts() + [os.urandom(70_000)]:
                            client.send(text)
                            if receive(client) != text:
                                raise AssertionError(f"{len(text)} came back as another one")
                    count += 1
    return f"{count} sets of parameters"


def saving(cluster):
    """What goes to a client is compressed, and what is short is not."""
    with raw.RawWebSocket(cluster.nodes[0].client, headers=[OFFER]) as client:
        found = re.search(r"(?im)^sec-websocket-extensions: (.*?)\r?$", client.head)
        equal(found and found[1], "permessage-deflate", "the answer")
        for payload, first in ((b"r" * 10_000, 0xC1), (b"r" * 255, 0x81), (b"r" * 256, 0xC1)):
            client.send(raw.TEXT, payload)
            while len(client.data) < 1:
                client.data += client._receive()
            equal(client.data[0], first, f"the first byte of a frame with {len(payload)} bytes")
            _, answer = client.receive()
            if first == 0xC1 and len(answer) > len(payload) / 5:
                raise AssertionError(f"{len(payload)} bytes became {len(answer)}")


def deflated(payload, level=9):
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def refusals(cluster):
    """Bombs are refused with 1009, rubbish with 1007, and RSV1 elsewhere with 1002."""
    half = raw.frame(raw.TEXT, deflated(b"\xc3"), reserved=COMPRESSED)
    noise = os.urandom(1 << 20)
    for what, code, data in (
        ("more than a thousand times its length", 1009, frame(deflated(bytes(30 << 20)))),
        ("more than 32 MiB", 1009, frame(deflated(noise + bytes(LARGEST), level=1))),
        ("no DEFLATE", 1007, frame(b"\xff\xff\xff")),
        ("a block that is cut off", 1007, frame(b"\xf2\x48\xcd")),
        ("half a character", 1007, half),
        ("a compressed ping", 1002, raw.frame(raw.PING, b"x", reserved=COMPRESSED)),
        ("another reserved bit", 1002, raw.frame(raw.TEXT, b"x", reserved=6)),
    ):
        for node in cluster.nodes:
            with connect(node.url("/objects/Echo/witness")) as witness:
                with raw.RawWebSocket(node.client, headers=[OFFER]) as client:
                    client.stream.sendall(data)
                    equal(client.receive_close()[0], code, f"the code for {what}")
                    client.wait_for_end()
                witness.send("well")
                equal(receive(witness), "well", "a session of another client")
    with raw.RawWebSocket(cluster.nodes[0].client) as client:
        client.stream.sendall(frame(deflated(b"x")))
        equal(client.receive_close()[0], 1002, "the code without an agreement")


def frame(payload):
    return raw.frame(raw.BINARY, payload, reserved=COMPRESSED)


def broadcast(cluster):
    """The example's broadcasts reach clients with and without compression, on all nodes."""
    clients = [
        connect(node.url("/websocket"), compression=compression)
        for node in cluster.nodes
        for compression in ("deflate", None)
    ]
    message = "a rook says this to all " * 50
    until(lambda: total(clients[0], message) == len(clients), 10, "all clients are there")
    for client in clients[1:]:
        answer = receive(client)
        if message not in answer:
            raise AssertionError(f"a client was told {answer[:80]}")
    for client in clients:
        client.close()


def total(client, message):
    """How many clients the object counts when one says something: in its last answer."""
    client.send(message)
    answers = [receive(client) for _ in range(2)]
    if not all(message in answer for answer in answers):
        raise AssertionError("a broadcast has come with another text")
    return int(answers[-1].rsplit(" ", 1)[1])


def budget(cluster):
    """A node without memory for windows agrees on messages that stand for themselves."""
    for node in cluster.nodes:
        with raw.RawWebSocket(node.client, headers=[OFFER]) as client:
            for parameter in ("server_no_context_takeover", "client_no_context_takeover"):
                if parameter not in client.head:
                    raise AssertionError(f"the answer has no {parameter}")
        with connect(node.url("/objects/Echo/budget"), max_size=None) as client:
            for text in texts():
                client.send(text)
                equal(receive(client), text, "the message")
        counted = node.figures()["counters"].get("compression_memory", 0)
        if counted == 0:
            raise AssertionError("compression_memory is not counted")


def main(rook):
    report = Report()
    for title, settings, checks in (
        ("Compression", [], [parameters, saving, refusals, broadcast]),
        ("Compression without memory", ["limit.compression_total_bytes=0"], [budget]),
    ):
        report.section(title)
        cluster = Cluster(rook, settings=["client.compression=on", *settings])
        try:
            cluster.wait_for_agreement()
            report.run(checks, cluster)
        finally:
            cluster.end()
    return report.conclude()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
