"""`rook serve` processes that die, stop, and come back as the nodes they were."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile

from records import Life, now

PEERS, CLIENTS, ADMIN = 7001, 8001, 9001
STOP_SECONDS = 15
# The line with which a node logs a view that it has learned.
VIEW = re.compile(r" cluster view epoch=(\d+) .*\bvoters=(\S+)")


class Cluster:
    """The nodes of a run, and the folder with all that they write."""

    def __init__(self, rook, network, founders=5, spares=1, settings=()):
        self.rook = rook
        self.network = network
        self.settings = list(settings)
        self.folder = tempfile.mkdtemp(prefix="rook-guarantee-")
        self.token = secrets.token_hex(16)
        self.nodes = [Node(self, number) for number in range(1, founders + spares + 1)]
        self.founders = self.nodes[:founders]
        self.spares = self.nodes[founders:]
        secret = os.path.join(self.folder, "secret")
        with open(os.open(secret, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")

    @property
    def seeds(self):
        return ",".join(f"{node.address}:{PEERS}" for node in self.founders)

    @property
    def running(self):
        return [node for node in self.nodes if node.is_running]

    def is_steady(self):
        """True when all running nodes have one view, with as many voters as it is to have.

        Nodes that log no views (of before there were any) count as steady.
        """
        views = {node.newest_view() for node in self.running}
        if views == {None}:
            return True
        voters = views.pop()[1].split(",") if len(views) == 1 else []
        count = len(self.running)
        return len(voters) >= (5 if count >= 5 else 3 if count >= 3 else 1)

    def end(self, keep_logs):
        """Ends all processes; keeps the folder when its logs are to be read."""
        for node in self.nodes:
            node.end()
        if not keep_logs:
            shutil.rmtree(self.folder, ignore_errors=True)


class Node:
    """One node of the cluster, through all its lives."""

    def __init__(self, cluster, number):
        self.cluster = cluster
        self.number = number
        self.name = f"node-{number}"
        self.address = cluster.network.address(number)
        self.folder = os.path.join(cluster.folder, self.name)
        self.log = self.folder + ".log"
        self.weight = 100
        # What is run at the next start.
        self.program = cluster.rook
        self.process = None
        # Where the log of the running process begins.
        self.log_began = 0
        self.lives = []

    @property
    def is_running(self):
        """True from its start until a signal ends it; a paused process runs."""
        return bool(self.lives) and self.lives[-1].ended is None

    def settings(self):
        return {
            "node.name": self.name,
            "node.weight": self.weight,
            "cluster.name": "guarantee",
            "cluster.secret_file": os.path.join(self.cluster.folder, "secret"),
            "data.directory": self.folder,
            "seeds": self.cluster.seeds,
            "peer.listen": f"{self.address}:{PEERS}",
            "client.listen": f"{self.address}:{CLIENTS}",
            "admin.listen": f"{self.address}:{ADMIN}",
            "admin.token": self.cluster.token,
            "threads": 2,
        }

    def start(self):
        command = [*self.cluster.network.command(self.number), self.program, "serve"]
        for key, value in self.settings().items():
            command += ["--set", f"{key}={value}"]
        for setting in self.cluster.settings:
            command += ["--set", setting]
        with open(self.log, "ab") as log:
            self.log_began = log.tell()
            # With this variable a node ends when its standard input does: with this program.
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={**os.environ, "ROOK_LIFELINE": "1"},
            )
        self.lives.append(Life(self.name, now()))

    def copy_at(self, number):
        """The same node with a copy of its disk, at another address."""
        copy = Node(self.cluster, number)
        copy.name = self.name
        copy.folder = tempfile.mkdtemp(prefix="copy-", dir=self.cluster.folder)
        copy.log = copy.folder + ".log"
        if os.path.isdir(self.folder):
            shutil.copytree(self.folder, copy.folder, dirs_exist_ok=True)
        return copy

    def kill(self):
        """Ends the process as a crash does."""
        self._ended("SIGKILL")
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """Asks the node to leave; `has_left` tells when it has."""
        self._ended("SIGTERM")
        self.process.terminate()

    def has_left(self):
        return self.process.poll() is not None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def has_failed(self):
        """True once, when the process has ended and nobody asked it to."""
        if not self.is_running or self.process.poll() is None:
            return False
        self._ended(f"status {self.process.returncode}")
        return True

    def last_words(self, count=5):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return [line.rstrip() for line in file.readlines()[-count:]]

    def newest_view(self):
        """The epoch and the voters of the last view in the log of this process."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            file.seek(self.log_began)
            found = VIEW.findall(file.read())
        return found[-1] if found else None

    def end(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.kill()
        self.process.stdin.close()
        self.process.wait(timeout=STOP_SECONDS)

    def _ended(self, how):
        self.lives[-1] = self.lives[-1]._replace(ended=now(), how=how)
