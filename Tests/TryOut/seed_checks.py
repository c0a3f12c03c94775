"""The "Build a WebSocket server" example, byte for byte, over all nodes."""

import re

import raw
from report import equal, until

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
WORKER_PATHS = ("/websocket", "/a/b/websocket")
ENDPOINTS = "Supported endpoints:\n/websocket: Expects a WebSocket upgrade request"
UPGRADE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def request(node, method, path, headers=None, body=None):
    """The status, headers and body of one request."""
    connection = raw.http_connection(node.client, 20)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def join(node, path="/websocket"):
    return node.join(path)


def receive(client):
    return client.recv(timeout=10)


def line(message, session, audience, count):
    return (
        f"[Durable Object] message: {message}, from: {session}, "
        f"to: {audience}. Total connections: {count}"
    )


def say(sender, others, message, count):
    """Sends one message and compares all that every client gets; returns the session's id."""
    sender.send(message)
    first = receive(sender)
    found = re.search(f", from: ({UUID}), to: ", first)
    if not found:
        raise AssertionError(f"no session id in {first!r}")
    session = found[1]
    equal(first, line(message, session, "the initiating client", count), "the answer")
    equal(receive(sender), line(message, session, "all clients", count), "the second answer")
    for other in others:
        expected = line(message, session, "all clients except the initiating client", count)
        equal(receive(other), expected, "what another client gets")
        equal(receive(other), line(message, session, "all clients", count), "the second of it")
    return session


def transcript(cluster):
    """Clients of all nodes meet in one object and count together."""
    clients = []
    for node in cluster.nodes:
        clients.append(join(node))
        say(clients[-1], clients[:-1], f"hello from {node.name}", len(clients))
    sessions = []
    for index, client in enumerate(clients):
        others = clients[:index] + clients[index + 1 :]
        first = say(client, others, "again", len(clients))
        equal(say(client, others, "and again", len(clients)), first, "the session's id")
        sessions.append(first)
    equal(len(set(sessions)), len(clients), "the number of different ids")
    for left in range(len(clients) - 1, 0, -1):
        clients.pop().close()
        say(clients[0], clients[1:], "one has left", left)
    clients[0].close()


def unusual_messages(cluster):
    """Empty, long and non-ASCII messages are repeated as they are, across nodes."""
    with join(cluster.nodes[0]) as first, join(cluster.nodes[1]) as second:
        for message in ("", "ä€😀", "a, from: b, to: c", "line\nline\0", "x" * 100_000):
            say(first, [second], message, 2)
            say(second, [first], message, 2)


def path_suffix(cluster):
    """Every path that ends in /websocket leads to the same object."""
    with join(cluster.nodes[0], "/any/where/websocket") as first, join(cluster.nodes[2]) as second:
        say(first, [second], "hello", 2)


def object_closes(cluster):
    """A client that closes is answered 1000 `Durable Object is closing WebSocket`."""
    for node in cluster.nodes:
        client = join(node)
        client.close(code=4321, reason="bye")
        answer = (client.protocol.close_rcvd.code, client.protocol.close_rcvd.reason)
        equal(answer, (1000, "Durable Object is closing WebSocket"), f"the Close of {node.name}")


def lost_clients(cluster):
    """A client that vanishes is not counted any more."""
    with join(cluster.nodes[0]) as first:
        for node in cluster.nodes:
            vanishing = join(node)
            say(vanishing, [first], "here", 2)
            vanishing.socket.shutdown(2)
            until(lambda: total(cluster) == 1, 5, f"one session after a loss at {node.name}")
            say(first, [], "alone", 1)


def total(cluster):
    return sum(node.figures()["sessions"]["owned"] for node in cluster.nodes)


def upgrade_required(cluster):
    """Without an upgrade, /websocket answers 426, whatever the method."""
    for node in cluster.nodes:
        for path in WORKER_PATHS:
            for method in ("GET", "POST", "DELETE"):
                status, _, body = request(node, method, path)
                expected = (426, b"Worker expected Upgrade: websocket")
                equal((status, body), expected, f"{method} {path}")
        status, _, body = request(node, "GET", "/websocket", {"Upgrade": "h2c"})
        equal((status, body), (426, b"Worker expected Upgrade: websocket"), "Upgrade: h2c")


def get_required(cluster):
    """An upgrade by another method than GET is answered 400."""
    for node in cluster.nodes:
        status, _, body = request(node, "POST", "/websocket", {"Upgrade": "WebSocket"})
        equal((status, body), (400, b"Worker expected GET method"), "POST with Upgrade")


def other_paths(cluster):
    """Every other path is answered with the list of endpoints, as text."""
    for node in cluster.nodes:
        for path in ("/", "/websocket?x=1", "/websocket/", "/WebSocket", "/a?b=/c", "/objects"):
            status, headers, body = request(node, "GET", path)
            equal((status, body), (200, ENDPOINTS.encode()), f"GET {path}")
            equal(headers["Content-Type"].split(";")[0], "text/plain", "Content-Type")
        status, headers, body = request(node, "HEAD", "/")
        equal((status, body), (200, b""), "HEAD /")
        equal(headers["Content-Length"], str(len(ENDPOINTS)), "Content-Length of HEAD /")


CHECKS = [
    transcript, unusual_messages, path_suffix, object_closes, lost_clients, upgrade_required,
    get_required, other_paths,
]
