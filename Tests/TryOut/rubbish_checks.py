"""Bytes that mean nothing, at every port of every node."""

import random
import socket

import raw
from report import equal, until
from seed_checks import join, receive, request

TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
LINK_START = bytes.fromhex("0100000000000040") + bytes(8) + b"RKL\x01"
GOSSIP_START = b"RKG\x01"
REASONS = ("truncated", "version", "other-cluster", "too-long", "bad-tag")


def streams(cluster):
    """Rubbish over TCP at the client, admin and peer port ends in a refusal or a closed door."""
    generator = random.Random(1)
    for node in cluster.nodes:
        for port in (node.client, node.admin, node.peer):
            for data in rubbish(generator):
                with raw.connect(port) as stream:
                    try:
                        stream.sendall(data)
                        stream.shutdown(socket.SHUT_WR)
                    except OSError:
                        continue  # The node has closed it before it was all sent.
                    answer = raw.read_to_end(stream)
                if port == node.peer:
                    equal(answer, b"", "what a stranger learns from the peer port")


def rubbish(generator):
    yield b""
    yield b"\r\n\r\n"
    yield b"\0" * 100_000
    yield TLS_HELLO
    yield LINK_START
    yield LINK_START + generator.randbytes(200)
    yield b"GET / HTTP/1.1\r\nHost: a"
    yield b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"
    for _ in range(20):
        yield generator.randbytes(generator.randrange(1, 5_000))


def datagrams(cluster):
    """Rubbish over UDP at the peer port is dropped, and each piece of it counted."""
    generator = random.Random(2)
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        for node in cluster.nodes:
            before = refused_datagrams(node)
            # No more than the kernel holds at once, so that none is lost on the way.
            for number in range(50):
                data = generator.randbytes(generator.randrange(0, 1_400))
                start = GOSSIP_START if number % 2 else b""
                sender.sendto(start + data, ("127.0.0.1", node.peer))
            wanted = before + 50
            until(lambda: refused_datagrams(node) >= wanted, 5, f"{node.name} counts {wanted}")
            sender.sendto(bytes(60_000), ("127.0.0.1", node.peer))


def refused_datagrams(node):
    counters = node.figures()["counters"]
    return sum(counters.get(reason, 0) for reason in REASONS)


def silent_connections(cluster):
    """Connections that say nothing do not keep others from the peer port."""
    silent = [raw.connect(node.peer) for node in cluster.nodes for _ in range(100)]
    for node in cluster.nodes:
        with join(node, "/objects/Echo/silent") as client:
            client.send("well")
            equal(receive(client), "well", "the message")
    for stream in silent:
        stream.close()


def nothing_changed(cluster):
    """After all that every node is the same process, and they agree as before."""
    cluster.wait_for_agreement()
    for node in cluster.nodes:
        if node.figures()["uptimeSeconds"] < 1:
            raise AssertionError(f"{node.name} is new")
        equal(request(node, "GET", "/")[0], 200, "the status")
    equal(len(cluster.survivors()), len(cluster.nodes), "the number of processes")
    if "has ended" in cluster.text():
        raise AssertionError("a node has ended")


CHECKS = [streams, datagrams, silent_connections, nothing_changed]
