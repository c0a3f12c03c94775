"""HTTP/1.1, by Python's own clients and by bytes."""

import http.client
import json
import os
import re
import socket
import urllib.request

import http_table
import raw
from report import equal
from seed_checks import UUID, request

SIZES = [0, 1, 1000, 65_536, 1 << 20, 32 << 20]
LARGEST = 32 << 20


def counter(cluster):
    """A Counter counts POSTs through every node, in one instance."""
    readings = []
    for _ in range(2):
        for node in cluster.nodes:
            readings.append(read(request(node, "POST", "/objects/Counter/http")))
            readings.append(read(request(node, "GET", "/objects/Counter/http/below?x=1")))
    equal([r["count"] for r in readings], [n for n in range(1, 7) for _ in range(2)], "the counts")
    equal(len({r["instance"] for r in readings}), 1, "the number of instances")
    keys = ["class", "count", "epoch", "instance", "name", "node"]
    equal(sorted(readings[0]), keys, "the keys of the answer")
    equal((readings[0]["class"], readings[0]["name"]), ("Counter", "http"), "the name")
    if not re.fullmatch(UUID, readings[0]["instance"]):
        raise AssertionError(f"the instance is {readings[0]['instance']!r}")


def read(answer):
    status, headers, body = answer
    equal((status, headers["Content-Type"]), (200, "application/json"), "the answer")
    return json.loads(body)


def spread(cluster):
    """The objects of a class are spread over all nodes, and every node finds each of them."""
    owners = {}
    for number in range(60):
        found = {
            read(request(node, "GET", f"/objects/Counter/spread-{number}"))["node"]
            for node in cluster.nodes
        }
        equal(len(found), 1, f"the number of owners of spread-{number}")
        owner = found.pop()
        owners[owner] = owners.get(owner, 0) + 1
    equal(sorted(owners), [node.name for node in cluster.nodes], "the nodes that own objects")
    return ", ".join(f"{owner} {count}" for owner, count in sorted(owners.items()))


def names(cluster):
    """A name may have any characters, percent-encoded, and up to 1,024 bytes."""
    for path, name in (
        ("%C3%A4%2F%20b", "ä/ b"), ("%F0%9F%98%80", "😀"), ("a.b_c~d", "a.b_c~d"),
        ("x" * 1024, "x" * 1024), ("%2E%2E", ".."), ("%2500", "%00"),
    ):
        for node in cluster.nodes:
            answer = read(request(node, "GET", f"/objects/Counter/{path}"))
            equal(answer["name"], name, f"the name of {path}")
    for path in ("x" * 1025, "%C3%28", "%2", "%zz", ""):
        equal(request(node, "GET", f"/objects/Counter/{path}")[0], 400, f"the status of {path}")


def unknown_class(cluster):
    """An unknown class is answered 404, with the names of the known ones."""
    for node in cluster.nodes:
        status, _, body = request(node, "GET", "/objects/Nothing/x")
        equal(status, 404, "the status")
        for name in ("Counter", "Echo", "WebSocketServer"):
            if name not in body.decode():
                raise AssertionError(f"{name} is not in {body!r}")


def bodies(cluster):
    """Request bodies of 0 bytes to 32 MiB come back intact through every node."""
    for node in cluster.nodes:
        for size in SIZES:
            body = os.urandom(size)
            headers = {"Content-Type": f"application/x-{size}"}
            answer = request(node, "PUT", "/objects/Echo/bodies", headers, body)
            equal((answer[0], answer[1]["Content-Type"]), (200, headers["Content-Type"]), "head")
            if answer[2] != body:
                raise AssertionError(f"{size} bytes at {node.name} are not what was sent")


def chunked(cluster):
    """A body in chunks comes back whole."""
    for node in cluster.nodes:
        pieces = [os.urandom(size) for size in (1, 70_000, 3)]
        answer = request(node, "POST", "/objects/Echo/chunks", body=iter(pieces))
        equal((answer[0], answer[2]), (200, b"".join(pieces)), "the answer")


def url_library(cluster):
    """urllib gets and posts, too."""
    for node in cluster.nodes:
        url = f"http://127.0.0.1:{node.client}/objects/Echo/urllib"
        with urllib.request.urlopen(url, data=b"posted", timeout=10) as response:
            equal((response.status, response.read()), (200, b"posted"), "the answer")


def head(cluster):
    """HEAD is answered like GET, without the body."""
    for node in cluster.nodes:
        expected = request(node, "GET", "/objects/Counter/head")
        status, headers, body = request(node, "HEAD", "/objects/Counter/head")
        equal((status, body), (200, b""), "the answer")
        equal(headers["Content-Length"], str(len(expected[2])), "Content-Length")


def methods(cluster):
    """A Counter takes GET, HEAD and POST, and answers 405 with these to all else."""
    for node in cluster.nodes:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"):
            status, headers, _ = request(node, method, "/objects/Counter/methods")
            equal((status, headers["Allow"]), (405, "GET, HEAD, POST"), method)


def keep_alive(cluster):
    """One connection carries many requests, to objects of all nodes."""
    for node in cluster.nodes:
        connection = http.client.HTTPConnection("127.0.0.1", node.client, timeout=10)
        connection.connect()
        first = connection.sock
        for number in range(200):
            connection.request("POST", f"/objects/Echo/alive-{number % 9}", body=str(number))
            response = connection.getresponse()
            equal(response.read(), str(number).encode(), "the body")
        if connection.sock is not first:
            raise AssertionError("the connection was not kept")
        connection.close()


def pipelining(cluster):
    """Requests sent ahead in one piece are answered in order."""
    for node in cluster.nodes:
        path = f"/objects/Counter/pipeline-{node.name}"
        post = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        last = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answer = raw.exchange(node.client, (post * 200 + last).encode())
        counts = [int(n) for n in re.findall(rb'"count":(\d+)', answer)]
        equal(counts, [*range(1, 201), 200], "the counts")


def expectation(cluster):
    """`Expect: 100-continue` is answered before the body is sent."""
    for node in cluster.nodes:
        with raw.connect(node.client) as stream:
            stream.sendall(
                b"POST /objects/Echo/expect HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
            )
            equal(stream.recv(4096), b"HTTP/1.1 100 Continue\r\n\r\n", "the first answer")
            stream.sendall(b"hello")
            answer = raw.read_to_end(stream)
            equal(answer[:15] + answer[-5:], b"HTTP/1.1 200 OKhello", "the second answer")


def half_closed(cluster):
    """A client that ends its side after its request still gets the answer."""
    for node in cluster.nodes:
        with raw.connect(node.client) as stream:
            stream.sendall(b"GET /objects/Counter/half HTTP/1.1\r\nHost: a\r\n\r\n")
            stream.shutdown(1)
            equal(raw.read_to_end(stream)[:15], b"HTTP/1.1 200 OK", "the answer")


REFUSED = [
    (400, b"GET / HTTP/1.1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    (400, b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (400, b"GET / HTTP/1.1\nHost: a\n\n"),
    (400, b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"),
    (505, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na"),
    (501, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"),
    (413, f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {LARGEST + 1}\r\n\r\n".encode()),
    (431, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 17_000 + b"\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100 + b"\r\n"),
    (414, b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    (501, b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
]


def refusals(cluster):
    """What is malformed, ambiguous or too large is refused, and the connection is closed."""
    smuggled = b"GET /objects/Counter/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    for node in cluster.nodes:
        for status, data in REFUSED:
            answer = raw.exchange(node.client, data + smuggled)
            equal(answer[:12], b"HTTP/1.1 %d" % status, f"the answer to {data[:60]}")
            equal(answer.count(b"HTTP/1.1 "), 1, f"the number of answers to {data[:60]}")
    return f"{len(REFUSED)} of them"


def table(cluster):
    """Each request of the table has the answers that RFC 9110, 9112 or 6455 ask for."""
    cases = http_table.cases()
    for node in cluster.nodes:
        for title, statuses, data in cases:
            with raw.connect(node.client) as stream:
                stream.sendall(data)
                # Who has ended its side can never speak another protocol.
                opens = statuses[-1] == 101
                if not opens:
                    stream.shutdown(socket.SHUT_WR)
                answer = stream.recv(65_536) if opens else raw.read_to_end(stream)
            found = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
            equal(found, statuses, f"the answers at {node.name} to '{title}'")
    return f"{len(cases)} requests"


def limits(cluster):
    """What is as large as the limit passes: 100 header fields, 16 KiB of them."""
    for node in cluster.nodes:
        lines = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        fields = lines + b"X: y\r\n" * 98 + b"\r\n"
        large = lines + b"X: " + b"x" * (16_384 - len(lines) - 7) + b"\r\n\r\n"
        equal(len(large), 16_384, "the length of the head")
        for data in (fields, large):
            equal(raw.exchange(node.client, data)[:15], b"HTTP/1.1 200 OK", "the answer")


CHECKS = [
    counter, spread, names, unknown_class, bodies, chunked, url_library, head, methods,
    keep_alive, pipelining, expectation, half_closed, refusals, table, limits,
]
