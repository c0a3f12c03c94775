"""The processes that are measured: nodes, clusters of them, and what they are compared with."""

import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
CORES = [str(core) for core in sorted(os.sched_getaffinity(0))]
SERVER_CORE = CORES[0]
CLIENT_CORE = CORES[1 % len(CORES)]
ALL_CORES = ",".join(CORES)
# Not in the way of what is measured; the default is lower than some rows need.
NODE_SETTINGS = ["limit.connections=32768"]
PATIENCE_SECONDS = 60


class Server:
    """A server on its core, for one measurement."""

    def __init__(self, command, environment=None, cores=SERVER_CORE):
        self.process = subprocess.Popen(
            ["taskset", "-c", cores] + command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.pids = [self.process.pid]

    def line(self, word):
        """The first line that it prints with this word."""
        for line in self.process.stdout:
            if word in line:
                return line.strip()
        raise SystemExit(f"{self.process.args} has ended")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Rookery(Server):
    """A node, which is a cluster of its own if it is given no seeds; with one thread."""

    name = "Rookery"
    one = "/objects/Echo/one"
    paths = {"fanout": "/websocket", "idle": one, "used": one, "else": "/objects/Echo/{n}"}
    # Each message comes back to all, and to all but the sender.
    copies = 2

    def __init__(self, setup, settings=(), threads=1, cores=SERVER_CORE):
        self.folder = tempfile.TemporaryDirectory()
        listen = [f"{side}.listen=127.0.0.1:0" for side in ("client", "peer", "admin")]
        own = {
            setting.split("=")[0]: setting
            for setting in listen + NODE_SETTINGS + list(settings)
            + [f"threads={threads}", f"data.directory={self.folder.name}"]
        }
        command = [setup.rook, "serve"]
        for setting in own.values():
            command += ["--set", setting]
        super().__init__(command, {"ROOK_LIFELINE": "1"}, cores)

    # It is not waited for before somebody asks: the nodes of a cluster start together.
    @functools.cached_property
    def addresses(self):
        return [self.line(side).split("//")[1] for side in ("clients", "admin")]

    @property
    def address(self):
        return self.addresses[0]

    @property
    def admin(self):
        return self.addresses[1]

    def __exit__(self, *error):
        super().__exit__(*error)
        self.folder.cleanup()

    def ask(self, path):
        """What the admin side says to this."""
        with urllib.request.urlopen(f"http://{self.admin}{path}", timeout=10) as answer:
            return json.load(answer)

    def is_ready(self):
        connection = http.client.HTTPConnection(self.admin, timeout=10)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def processor_seconds(self):
        """Of all its threads, to the nanosecond."""
        tasks = Path(f"/proc/{self.pids[0]}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9

    def resident_bytes(self):
        lines = Path(f"/proc/{self.pids[0]}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:"))


class Cluster:
    """Nodes on loopback which found a cluster together, all on one core if none is given."""

    name = "Rookery"

    def __init__(self, setup, count, cores=SERVER_CORE):
        ports = free_ports(count)
        seeds = "seeds=" + ",".join(f"127.0.0.1:{port}" for port in ports)
        self.nodes = []
        for number, port in enumerate(ports, 1):
            mine = [f"node.name=node-{number}", f"peer.listen=127.0.0.1:{port}", seeds]
            self.nodes.append(Rookery(setup, mine, cores=cores))
        self.pids = [pid for node in self.nodes for pid in node.pids]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for node in self.nodes:
            node.process.send_signal(signal.SIGTERM)
        for node in self.nodes:
            node.__exit__(*error)

    def settle(self):
        """Waits until all nodes are one cluster, and nothing is under way."""
        count = len(self.nodes)
        until(lambda: all(node.is_ready() for node in self.nodes), 0.05)
        until(lambda: [self.view()[key] for key in ("converged", "members")] == [True, count], 0.1)

    def view(self):
        return self.nodes[0].ask("/cluster/status")["view"]

    def owner(self, class_name, name):
        owner = self.nodes[0].ask(f"/cluster/locate/{class_name}/{name}")["owner"]
        return self.nodes[int(owner.split("-")[1]) - 1]

    def sent_bytes(self, node, other):
        """What the link has carried from one node to another."""
        name = f"node-{self.nodes.index(node) + 1}"
        peer = f"node-{self.nodes.index(other) + 1}"
        reports = node.ask("/cluster/status")["nodes"]
        links = next(report["links"] for report in reports if report["name"] == name)
        return next(link["sentBytes"] for link in links if link["node"] == peer)


class Limit(Server):
    """The least that one thread needs."""

    name = "limit"
    paths = {"fanout": "/fanout", "else": "/"}
    copies = 1

    def __init__(self, setup, *words):
        super().__init__([setup.limit, *words])
        self.address = f"127.0.0.1:{self.line('')}"


def free_ports(count):
    """Ports that nobody has, for TCP and UDP; somebody may still take one before it is used."""
    streams = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [stream.getsockname()[1] for stream in streams]
    for stream in streams:
        stream.close()
    return ports


def until(condition, interval):
    """Waits for it, and returns when it came."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"a cluster has not settled in {PATIENCE_SECONDS} s")
        time.sleep(interval)
    return time.monotonic()
