"""What sleeping objects with open sockets cost a node: `Scripts/hibernation`."""

import json
import resource
import socket
import sys
import time
import urllib.request

import bench
from nodes import ADMIN, CLIENTS

PATIENCE_SECONDS = 300
BATCH = 100


def main():
    parser = bench.parser("Scripts/hibernation", __doc__)
    parser.add_argument("--sockets", type=int, default=19_000, help="each with an object of its own")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    settings = options.set + [
        f"limit.connections={options.sockets}", "limit.idle_time=5s", "ping.interval=60m",
    ]
    with bench.cluster_of(options.rook, 1, settings) as cluster:
        figures = measure(cluster.nodes[0], options.sockets)
    for name, value in figures.items():
        print(f"{name:46}{value:>14,}")
    bench.write_json(options.json, figures)
    return 0


def measure(node, count):
    wait(node, lambda status: status["leased"], "a lease")
    empty = resident(node)
    sockets = []
    for begin in range(0, count, BATCH):
        sockets += open_all(node, range(begin, min(begin + BATCH, count)))
    slept = wait(node, lambda status: status["hibernations"] >= count, "all objects sleep")
    asleep = resident(node)
    echoed = sum(echo(each) for each in sockets[:: max(1, count // 1_000)])
    woken = activity(node)["activations"] - slept["activations"]
    lost = sum(is_closed(each) for each in sockets)
    for each in sockets:
        each.close()
    return {
        "sockets, each with an object of its own": count,
        "instances made": slept["activations"],
        "instances that left memory": slept["hibernations"],
        "memory of the node before, KiB": empty,
        "memory while all sleep, KiB": asleep,
        "bytes per socket with its object": (asleep - empty) * 1024 // count,
        "sockets that sent a message and got it back": echoed,
        "instances made for that": woken,
        "sockets lost": lost,
    }


def open_all(node, numbers):
    """Sends all requests before it reads the answers."""
    sockets = []
    for number in numbers:
        client = socket.create_connection((node.address, CLIENTS), timeout=PATIENCE_SECONDS)
        client.sendall(
            f"GET /objects/Echo/object-{number} HTTP/1.1\r\nHost: node\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        sockets.append(client)
    for client in sockets:
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            piece = client.recv(4096)
            if not piece:
                raise ConnectionError(f"refused: {answer!r}")
            answer += piece
        if b" 101 " not in answer:
            raise ConnectionError(f"refused: {answer!r}")
    return sockets


def echo(client):
    """A masked text frame there, and the same text back."""
    client.sendall(b"\x81\x84\0\0\0\0wake")
    answer = b""
    while len(answer) < 6:
        answer += client.recv(6 - len(answer)) or b"no answer"
    return answer == b"\x81\x04wake"


def is_closed(client):
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False


def resident(node):
    """The memory of the process, in KiB."""
    with open(f"/proc/{node.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def activity(node):
    request = urllib.request.Request(
        f"http://{node.address}:{ADMIN}/cluster/status",
        headers={"Authorization": f"Bearer {node.cluster.token}"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        report = json.load(answer)["nodes"][0]
    counts = {"hibernations": 0, "activations": 0}
    return {**counts, **report["activity"], "leased": bool(report.get("leaseMilliseconds"))}


def wait(node, condition, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            status = activity(node)
            if condition(status):
                return status
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError(f"not in {PATIENCE_SECONDS} s: {what}")


if __name__ == "__main__":
    sys.exit(main())
