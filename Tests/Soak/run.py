"""A soak: calm, attack, calm, and what is seen of node and clients meanwhile."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

from report import until

CLIENTS = 100
PER_SECOND = 8
MEMORY_PERCENT = 10
#: A second in which a timer of the honest clients was later is no measurement of the node: they
#: were not given a processor.
BUSY_SECONDS = 0.02
#: What a node may take to forget an attack, whose connections are all reset at its end.
SETTLE_SECONDS = 20
HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")


class Phase:
    """A part of a run: its times, what it cost, and the honest clients' answers in it."""

    def __init__(self, name):
        self.name = name
        self.begin = time.monotonic()
        self.seconds = {}
        self.answers = []
        self.late = []
        self.quiet_answers = []
        self.quiet_control = []
        self.quiet_part = 0

    def finish(self):
        self.end = time.monotonic()

    def take(self, seen):
        """Of what the clients have seen, what was sent in this phase."""
        self.answers = sorted(took for _, took in self._within(seen["answers"]))
        self.late = sorted(took for _, took in self._within(seen["late"]))
        begun = {int(at) for at, _ in self._within(seen["late"])}
        busy = {
            second
            for at, took in self._within(seen["late"])
            if took > BUSY_SECONDS
            for second in range(int(at), int(at + took) + 1)
        }
        self.quiet_part = len(begun - busy) / max(1, len(begun))
        self.quiet_answers, self.quiet_control = (
            sorted(took for at, took in self._within(seen[who]) if int(at) not in busy)
            for who in ("answers", "control")
        )

    def _within(self, moments):
        return [each for each in moments if self.begin <= each[0] < self.end]

    def share(self, name):
        """Of one processor, in percent."""
        return 100 * self.seconds[name] / (self.end - self.begin)


class Run:
    """Does it all; the judgements and the tables read what it has found."""

    def __init__(self, cluster, secret, options):
        self.cluster = cluster
        self.node = cluster.nodes[0]
        self.pid = cluster.pids[self.node.name]
        self.secret = secret
        self.options = options
        self.phases = []
        self.ready = Counter()
        self.most_memory = 0

    def make(self):
        calm = max(2, self.options.seconds / 4)
        control = self._start("control.py")
        port = control.stdout.readline().strip()
        honest = self._start("honest.py", self.node.client, CLIENTS, PER_SECOND, port)
        try:
            if honest.stdout.readline().strip() != "ready":
                raise ConnectionError("the honest clients could not begin")
            self._quiet("to get warm", 2, honest)
            before = self._quiet("before", calm, honest)
            self.before = self._state()
            self.log_before = len(self.cluster.text())
            self._attack(honest)
            self.log_lines = self.cluster.text()[self.log_before :].count("\n")
            self._settle(honest)
            self._quiet("after", calm, honest)
            self.after = self._state()
            honest.stdin.close()
            self.seen = json.loads(honest.stdout.read())
        finally:
            for process in (honest, control):
                process.kill()
                process.wait()
        for phase in self.phases:
            phase.take(self.seen)

    def phase(self, name):
        return next(each for each in self.phases if each.name == name)

    def memory_growth(self):
        """By how many percent of what it was before the attack."""
        return 100 * (resident(self.pid) / self.before["memory"] - 1)

    def new_counts(self):
        """How much each counter of the attacked node has grown, the largest first."""
        before, after = self.before["counters"], self.after["counters"]
        grown = {name: count - before.get(name, 0) for name, count in after.items()}
        return sorted(((n, c) for n, c in grown.items() if c), key=lambda each: -each[1])

    def _quiet(self, name, seconds, honest):
        with self._measured(name, honest):
            time.sleep(seconds)

    def _attack(self, honest):
        node = self.node
        attackers = self._start(
            "attack.py", node.client, node.peer, node.admin, self.options.seconds,
            self.options.seed, self.options.only,
        )
        try:
            with self._measured("attack", honest) as phase:
                attackers.stdin.write(self.secret + "\n")
                attackers.stdin.flush()
                end = phase.begin + self.options.seconds
                while time.monotonic() < end:
                    self.most_memory = max(self.most_memory, resident(self.pid))
                    self.ready.update([is_ready(node)])
                    time.sleep(0.25)
            report = json.loads(attackers.communicate()[0])
        finally:
            attackers.kill()
            attackers.wait()
        self.outcomes = report["outcomes"]
        phase.seconds["attackers"] = report["processor"]

    def _settle(self, honest):
        """Until the memory is within the limit, but no longer than a node may take."""
        with self._measured("to settle", honest) as phase:
            end = phase.begin + SETTLE_SECONDS
            time.sleep(2)
            while self.memory_growth() > MEMORY_PERCENT and time.monotonic() < end:
                time.sleep(0.25)
        until(self._answers, 5, "the node answers at its admin port")

    def _answers(self):
        return self.node.status() is not None

    def _state(self):
        return {
            "counters": self.node.figures()["counters"],
            "epoch": self.node.status()["view"]["epoch"],
            "memory": resident(self.pid),
            "file": resident(self.pid, "RssFile"),
        }

    @contextmanager
    def _measured(self, name, honest):
        phase = Phase(name)
        pids = {"node": [self.pid], "clients": [honest.pid]}
        pids["others"] = [pid for pid in self.cluster.pids.values() if pid != self.pid]
        start = {who: sum(map(processor_seconds, them)) for who, them in pids.items()}
        yield phase
        phase.finish()
        for who, them in pids.items():
            phase.seconds[who] = sum(map(processor_seconds, them)) - start[who]
        self.phases.append(phase)

    def _start(self, program, *words):
        return subprocess.Popen(
            [sys.executable, os.path.join(HERE, program), *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def is_ready(node):
    """What `GET /ready` gets: a status, or the name of an error."""
    connection = http.client.HTTPConnection("127.0.0.1", node.admin, timeout=2)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def resident(pid, what="VmRSS"):
    """The memory of a process, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what))


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
