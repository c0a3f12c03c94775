"""Real `rook` processes, and what a client needs to know of them."""

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import tempfile

from websockets.sync.client import connect

from report import until

START_SECONDS = 15
STOP_SECONDS = 10


class Node:
    """One node of a cluster, by its ports."""

    def __init__(self, name, peer, client, admin):
        self.name = name
        self.peer = peer
        self.client = client
        self.admin = admin
        self.token = None

    def url(self, path):
        return f"ws://127.0.0.1:{self.client}{path}"

    def join(self, path):
        """A WebSocket to this node."""
        return connect(self.url(path), compression=None, max_size=None, open_timeout=10)

    def status(self):
        """The cluster as this node sees it; None when it does not answer."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=5)
            try:
                fields = {"Authorization": f"Bearer {self.token}"} if self.token else {}
                connection.request("GET", "/cluster/status", headers=fields)
                response = connection.getresponse()
                return json.loads(response.read()) if response.status == 200 else None
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError):
            return None

    def figures(self):
        """What this node says of itself."""
        report = self.status()
        return next(node for node in report["nodes"] if node["name"] == self.name)

    def agrees_on(self, names):
        """True when this node and all that answer it have the same view of these members."""
        report = self.status()
        if report is None or not report["view"]["converged"]:
            return False
        alive = [m["name"] for m in report["members"] if m["state"] == "alive"]
        return sorted(alive) == sorted(names)


class Cluster:
    """`rook cluster`, its nodes and their processes."""

    def __init__(self, rook, node_count=3, settings=()):
        base = free_base_port(node_count)
        self.log = tempfile.NamedTemporaryFile(
            mode="w+", prefix="rook-try-out-", suffix=".log"
        )
        self.nodes = [
            Node(f"node-{n}", base + n, base + 1000 + n, base + 2000 + n)
            for n in range(1, node_count + 1)
        ]
        arguments = [rook, "cluster", "--nodes", str(node_count), "--base-port", str(base)]
        for setting in settings:
            arguments += ["--set", setting]
        # A session of its own: a signal to its group is what Ctrl-C in a terminal sends.
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.restarted = []
        self.pids = {}

    def wait_for_agreement(self, nodes=None, seconds=START_SECONDS):
        """Waits until all these nodes (all, if not given) agree that they are the cluster."""
        nodes = nodes or self.nodes
        names = [node.name for node in nodes]
        for node in nodes:
            until(lambda: node.agrees_on(names), seconds, f"{node.name} agrees on {names}")
        for process in children(self.process.pid):
            self.pids.setdefault(name_of(process), process)

    def kill(self, node):
        """Ends a node's process as a crash would; returns the command line that it had."""
        pid = self.pids.pop(node.name)
        command = command_line(pid)
        os.kill(pid, signal.SIGKILL)
        return command

    def restart(self, node, command):
        """Runs a node again, under its name and at its addresses."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "ROOK_LIFELINE": "1"},
        )
        self.restarted.append(process)
        self.pids[node.name] = process.pid

    def interrupt(self):
        """Ctrl-C: returns the exit status once the command has ended."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=STOP_SECONDS)

    def survivors(self):
        """The processes of the nodes that still run."""
        return [pid for pid in self.pids.values() if is_running(pid)]

    def text(self):
        """All that the command and its nodes have printed."""
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def end(self):
        """Leaves nothing behind, whatever state the cluster is in."""
        pids = list(self.pids.values())
        if self.process.poll() is None:
            pids += children(self.process.pid)
            self.process.kill()
            self.process.wait()
        for process in self.restarted:
            process.stdin.close()
        for pid in set(pids):
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        for process in self.restarted:
            process.wait()


class LoneNode:
    """`rook serve` on free ports, which it prints."""

    def __init__(self, rook, settings=(), log=subprocess.DEVNULL):
        arguments = [rook, "serve", "--set", "node.name=lone"]
        for key in ("peer", "client", "admin"):
            arguments += ["--set", f"{key}.listen=127.0.0.1:0"]
        for setting in settings:
            arguments += ["--set", setting]
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "ROOK_LIFELINE": "1"},
        )
        ports = {}
        while len(ports) < 3:
            line = self.process.stdout.readline()
            if not line:
                raise ConnectionError(f"rook serve has ended with {self.process.wait()}")
            found = re.match(r"(clients|admin|peers) .*:(\d+)$", line)
            if found:
                ports[found[1]] = int(found[2])
        self.node = Node("lone", ports["peers"], ports["clients"], ports["admin"])

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_base_port(node_count):
    """A base whose ports are all free, below the range that the kernel gives out; with those of what
    stands in front of the nodes."""
    for _ in range(100):
        base = random.randrange(10_000, 29_000)
        ports = [base + step + n for step in (0, 1000, 2000, 3000) for n in range(1, node_count + 1)]
        if all(is_free(port) for port in ports):
            return base
    raise OSError("no free ports")


def is_free(port):
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            stream.bind(("127.0.0.1", port))
            datagrams.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def children(pid):
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [number for number in numbers if stat(number)[1] == str(pid)]


def command_line(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return [word.decode() for word in file.read().split(b"\0")[:-1]]


def name_of(pid):
    return next(
        word.removeprefix("node.name=")
        for word in command_line(pid)
        if word.startswith("node.name=")
    )


def is_running(pid):
    return stat(pid)[0] not in ("Z", "X")


def stat(pid):
    """The state and the parent of a process; a dead one without parent when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[:2]
    except OSError:
        return ["X", ""]
