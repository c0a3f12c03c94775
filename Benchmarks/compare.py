"""Rookery beside the limit of one thread, and beside peers that are installed, by `rook bench`.

Each server runs alone on one core and the load on another. Servers take turns in every round, so
that what else the machine does falls on all of them; figures are medians over the rounds, and ratios
are medians of the ratios within a round.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
DESCRIPTORS_FOR_ELSE = 200
IDLE_CONNECTIONS_MAX = 10_000

# The name of each row, what it is, and the words for `rook bench`.
ROWS = {
    "echo": ("100 × 1 × 20 B", ["echo", "-c", "100"]),
    "pipelined": ("100 × 16 × 20 B", ["echo", "-c", "100", "-p", "16"]),
    "binary": ("100 × 1 × 16 KiB, binary", ["echo", "-c", "100", "--payload", "16384"]),
    "text": ("100 × 1 × 16 KiB, text", ["echo", "-c", "100", "--payload", "16384", "--text"]),
    "rate": ("100 connections at {rate:,} a second, 20 B", ["echo", "-c", "100", "--rate", "{rate}"]),
    "fanout": ("to 1,000 receivers, 100 B", ["fanout", "--receivers", "1000"]),
    "connect": ("open and close, 100 at a time", ["connect", "-c", "100"]),
    "idle": ("{idle:,} idle connections of one object", ["idle", "-c", "{idle}"]),
    "objects": ("{idle:,} idle connections, an object each", ["idle", "-c", "{idle}"]),
}


class Server:
    """A server on its core, for one measurement."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE] + command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(environment or {})},
        )

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


class Rookery(Server):
    """A node that is a cluster of its own, with one thread."""

    name = "Rookery"
    paths = {"fanout": "/websocket", "idle": "/objects/Echo/one", "else": "/objects/Echo/{n}"}
    # Each message comes back to all, and to all but the sender.
    copies = 2

    def __init__(self, rook, _):
        self.folder = tempfile.TemporaryDirectory()
        listen = [f"{side}.listen=127.0.0.1:0" for side in ("client", "peer", "admin")]
        settings = listen + ["threads=1", f"data.directory={self.folder.name}"]
        super().__init__(
            [rook, "serve"] + [word for setting in settings for word in ("--set", setting)],
            {"ROOK_LIFELINE": "1"},
        )
        self.address = self.line("clients").split("//")[1]

    def __exit__(self, *error):
        super().__exit__(*error)
        self.folder.cleanup()


class Limit(Server):
    """The least that one thread needs."""

    name = "limit"
    paths = {"fanout": "/fanout", "else": "/"}
    copies = 1

    def __init__(self, _, limit):
        super().__init__([limit])
        self.address = f"127.0.0.1:{self.line('')}"


class NodeWS(Server):
    """The package `ws` of node, if it is there."""

    name = "node ws"
    paths = Limit.paths
    copies = 1

    def __init__(self, *_):
        super().__init__(["node", str(HERE / "Peers/ws.js")])
        self.address = f"127.0.0.1:{self.line('')}"

    @staticmethod
    def is_installed():
        found = shutil.which("node") and subprocess.run(
            ["node", "-e", "require('ws')"], cwd=HERE, capture_output=True, check=False
        )
        return bool(found) and found.returncode == 0


def measure(rook, server, row, values, seconds):
    """One run of `rook bench`; what it says."""
    words = [word.format(**values) for word in ROWS[row][1]]
    url = f"ws://{server.address}{server.paths.get(row, server.paths['else'])}"
    more = ["--copies", str(server.copies)] if row == "fanout" else []
    run = subprocess.run(
        ["taskset", "-c", CLIENT_CORE, rook, "bench", words[0], url, *words[1:], *more]
        + ["--seconds", str(seconds), "--json", "--pid", str(server.process.pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    # With 1 and a report something went wrong on the way: the reader is told.
    if run.returncode != 0 and not run.stdout:
        raise SystemExit(f"{server.name}, {row}: `rook bench` has failed")
    return json.loads(run.stdout)


# What is compared; a larger one is better for the first two alone.
FIGURES = ["per CPU-second", "per second", "p50 µs", "p99 µs", "p99.9 µs", "bytes per connection"]


def figures(report):
    """What is kept of one run."""
    server = report["server"]
    latency = report.get("latency") or {}
    return {
        "per CPU-second": server.get("completed_per_cpu_second"),
        "per second": report["completed_per_second"] or None,
        "p50 µs": latency.get("p50"),
        "p99 µs": latency.get("p99"),
        "p99.9 µs": latency.get("p999"),
        "bytes per connection": server["bytes_per_connection"] if report["work"] == "idle" else None,
        "saturated": report["client_saturated"],
        "faulty": any(report["faults"].values()),
    }


def middle(values):
    present = [value for value in values if value is not None]
    return statistics.median(present) if present else None


def run_rows(arguments, kinds):
    """All rounds: row, name of the server, its figures in each round."""
    results = {row: {kind.name: [] for kind in kinds} for row in arguments.rows}
    for number in range(arguments.rounds):
        for row in arguments.rows:
            for kind in kinds if number % 2 == 0 else reversed(kinds):
                with kind(arguments.rook, arguments.limit) as server:
                    report = measure(
                        arguments.rook, server, row, arguments.values, arguments.seconds
                    )
                results[row][kind.name].append(figures(report))
        print(f"round {number + 1} of {arguments.rounds}", flush=True)
    return results


def table(results, kinds, values):
    """The lines of a table in Markdown."""
    names = [kind.name for kind in kinds]
    ratios = [f"{name} / limit" for name in names if name != "limit"]
    head = ["load", "figure"] + names + ratios
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row, by_name in results.items():
        for figure in FIGURES:
            cells = [middle(run[figure] for run in by_name[name]) for name in names]
            if all(cell is None for cell in cells):
                continue
            mine = [ROWS[row][0].format(**values), figure]
            mine += ["-" if cell is None else f"{cell:,.0f}" for cell in cells]
            for name in names:
                if name == "limit":
                    continue
                pairs = zip(by_name[name], by_name["limit"])
                ratio = middle(
                    run[figure] / limit[figure] if run[figure] and limit[figure] else None
                    for run, limit in pairs
                )
                mine.append("-" if ratio is None else f"{ratio:.2f}")
            lines.append("| " + " | ".join(mine) + " |")
    return lines


def remarks(results):
    """What the reader of a table must know of its rows."""
    words = {"saturated": "The load had no time left", "faulty": "Something went wrong"}
    for row, by_name in results.items():
        for name, runs in by_name.items():
            for key, text in words.items():
                count = sum(run[key] for run in runs)
                if count:
                    yield f"- {text} in {count} of {len(runs)} rounds: {name}, {row}."


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/benchmark", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--rounds", type=int, default=5, help="5 if not given")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement; 3")
    parser.add_argument("--rook", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--limit", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = [row for row in arguments.rows if row not in ROWS]
    if unknown or arguments.rounds < 1:
        parser.error(f"expected some of {', '.join(ROWS)}")
    arguments.rows = arguments.rows or list(ROWS)
    return arguments


def half_load(arguments):
    """Half of what Rookery echoes with one message on the way, as a round number."""
    with Rookery(arguments.rook, arguments.limit) as server:
        report = measure(arguments.rook, server, "echo", {}, 1)
    return max(int(report["completed_per_second"]) // 2_000 * 1_000, 100)


def main():
    arguments = parse()
    kinds = [Rookery, Limit] + ([NodeWS] if NodeWS.is_installed() else [])
    descriptors = int(subprocess.check_output(["sh", "-c", "ulimit -Hn"], text=True).strip())
    arguments.values = {
        "rate": half_load(arguments) if "rate" in arguments.rows else 0,
        "idle": min(IDLE_CONNECTIONS_MAX, descriptors - DESCRIPTORS_FOR_ELSE),
    }
    load = os.getloadavg()[0]
    results = run_rows(arguments, kinds)
    now = datetime.datetime.now(datetime.timezone.utc)
    print()
    print("\n".join(table(results, kinds, arguments.values)))
    print()
    print(f"- {now:%Y-%m-%d}, rounds: {arguments.rounds} of {arguments.seconds:g} s, {machine()}.")
    print(f"- Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after: it should be below 1 before.")
    print("\n".join(remarks(results)))


def machine():
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "?")
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = str(CORES[0])
CLIENT_CORE = str(CORES[1 % len(CORES)])

if __name__ == "__main__":
    main()
