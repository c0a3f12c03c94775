"""The command line: what is printed, and with which exit status."""

import json
import os
import subprocess
import tempfile

from report import equal, until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(rook, *arguments):
    return subprocess.run(
        [rook, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20
    )


def greeting(cluster, rook):
    """`rook cluster` prints where to connect, and the logs with the nodes' names in front."""
    for node in cluster.nodes:
        for wanted in (node.url("/websocket"), f"127.0.0.1:{node.admin}", f"{node.name} | "):
            until(lambda: wanted in cluster.text(), 5, f"{wanted!r} is printed")


def status(cluster, rook):
    """`rook status` shows the same cluster from every node, as a table and as JSON."""
    names = [node.name for node in cluster.nodes]
    for node in cluster.nodes:
        admin = f"127.0.0.1:{node.admin}"
        table = run(rook, "status", "--admin", admin)
        equal(table.returncode, 0, "the exit status")
        words = [line.split()[:2] for line in table.stdout.splitlines() if line]
        for name in names:
            if [name, "alive"] not in words:
                raise AssertionError(f"{name} is not alive in {table.stdout!r}")
        report = json.loads(run(rook, "status", "--admin", admin, "--json").stdout)
        equal([m["name"] for m in report["members"]], names, "the members")
        equal([n["reachable"] for n in report["nodes"]], [True] * len(names), "who answers")
        equal(report["node"], node.name, "the node that answered")


def exit_statuses(cluster, rook):
    """0 is done, 1 failed, 64 wrong usage, 78 wrong configuration, each with one line."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("node.name = a\nnode.wieght = 3\n")
        file.flush()
        for expected, arguments, said in (
            (0, ["--version"], "rook "),
            (0, ["--help"], "Usage: rook"),
            (0, ["cluster", "--help"], "--nodes"),
            (0, ["secret"], ""),
            (0, ["check-config", os.path.join(ROOT, "cluster.conf")], "ok"),
            (1, ["status", "--admin", "127.0.0.1:1"], "no node answers at 127.0.0.1:1"),
            (64, ["sevre"], "serve"),
            (64, ["cluster", "--nodes", "0"], "--nodes"),
            (78, ["check-config", file.name], f"{file.name}:2: "),
            (78, ["serve", "--set", "peer.listen=0.0.0.0:0"], "peer.listen"),
        ):
            done = run(rook, *arguments)
            equal(done.returncode, expected, f"the exit status of {arguments}")
            if said not in done.stdout + done.stderr:
                raise AssertionError(f"{arguments} says {done.stdout + done.stderr!r}")
            if expected:
                equal(done.stderr.count("\n"), 1, f"the number of lines of {arguments}")


def ports_taken(cluster, rook):
    """A second `rook cluster` on the same ports fails, and does not show the first as its own."""
    base = str(cluster.nodes[0].peer - 1)
    done = run(rook, "cluster", "--base-port", base)
    equal(done.returncode, 1, "the exit status")
    for node in cluster.nodes:
        if f"{node.name} | rook: bind 127.0.0.1:{node.peer}: " not in done.stdout:
            raise AssertionError(f"nothing about {node.name} in {done.stdout!r}")
    if "ws://" in done.stdout or "alive" in done.stdout:
        raise AssertionError(f"another cluster is shown: {done.stdout!r}")
    if "--base-port" not in done.stderr:
        raise AssertionError(f"no advice in {done.stderr!r}")


CHECKS = [greeting, status, exit_statuses, ports_taken]
