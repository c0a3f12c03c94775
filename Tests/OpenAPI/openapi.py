"""Sends every operation of /openapi.json to real nodes, and checks what they answer."""

import os
import subprocess
import sys
import urllib.request

from cluster import Cluster, LoneNode

TOKEN = "a-token-of-the-openapi-check"
CONFIGURATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schemathesis.toml")
# A node that leaves is not there for the rest, so the last member is asked, which cannot.
OF_LONE_NODES = ["leave", "recover"]
# A node that is drained ends, too, even the last one; events have no end.
NEVER = ["drain", "events"]


def main(rook, schemathesis):
    cluster = Cluster(rook, settings=[f"admin.token={TOKEN}"])
    try:
        for node in cluster.nodes:
            node.token = TOKEN
        cluster.wait_for_agreement()
        make_objects(cluster.nodes)
        others = [f"--exclude-operation-id={name}" for name in OF_LONE_NODES + NEVER]
        status = check(schemathesis, cluster.nodes[0], others)
        for node in cluster.nodes:
            assert node.status() is not None, f"{node.name} does not answer any more"
    finally:
        cluster.end()
    lone = LoneNode(rook, settings=[f"admin.token={TOKEN}"])
    try:
        only = [f"--include-operation-id={name}" for name in OF_LONE_NODES]
        status = check(schemathesis, lone.node, only) or status
        lone.node.token = TOKEN
        assert lone.node.status() is not None, "the lone node does not answer any more"
    finally:
        lone.end()
    return status


def make_objects(nodes):
    """What there is to be listed, located and moved; one has a client."""
    for number, node in enumerate(nodes * 4):
        urllib.request.urlopen(
            f"http://127.0.0.1:{node.client}/objects/Counter/number-{number}", data=b"", timeout=10
        ).read()
    urllib.request.urlopen(
        f"http://127.0.0.1:{nodes[0].client}/objects/Counter/visits", data=b"", timeout=10
    ).read()


def check(schemathesis, node, operations):
    """The exit status of a run against one node."""
    arguments = [
        schemathesis,
        f"--config-file={CONFIGURATION}",
        "run",
        f"http://127.0.0.1:{node.admin}/openapi.json",
        f"--header=Authorization: Bearer {TOKEN}",
        "--phases=examples,coverage,fuzzing",
        # A class that is not there, a cursor that no answer had: what may be sent may be refused.
        "--exclude-checks=positive_data_acceptance",
        "--max-examples=20",
        "--seed=1",
        "--request-timeout=10",
        # Python's parser, which it calls, is not for several threads at once.
        "--workers=1",
        *operations,
    ]
    return subprocess.run(arguments, timeout=120).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
