"""What the benchmarks share: a cluster on loopback, who owns what, and the tables."""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
from contextlib import contextmanager

from counters import Counters
from network import Loopback
from nodes import Cluster
from records import now
from summary import percentile

SETTLE_SECONDS = 30


def parser(program, description):
    """The words that all benchmarks understand."""
    result = argparse.ArgumentParser(prog=program, description=description)
    result.add_argument("rook", metavar="BINARY")
    result.add_argument("--json", metavar="FILE", help="writes all figures there, too")
    result.add_argument("--seed", type=int, default=1)
    result.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    return result


@contextmanager
def cluster_of(rook, nodes, settings):
    """A started cluster on loopback; shows the last log lines when the work fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster = Cluster(rook, Loopback(nodes), founders=nodes, spares=0, settings=settings)
    try:
        for node in cluster.nodes:
            node.start()
        yield cluster
    except Exception:
        for node in cluster.nodes:
            print(f"{node.name}:", *node.last_words(), sep="\n    ", file=sys.stderr)
        raise
    finally:
        cluster.end(keep_logs=False)


class Owners:
    """Finds out which node owns each name, by asking through all nodes."""

    def __init__(self, cluster, names, seed):
        self.cluster = cluster
        self.counters = Counters(cluster, names, seed)
        self.random = random.Random(seed)

    async def settle(self, must_own=None):
        """Waits until all nodes vote and name the same owners, `must_own` among them.

        Until all vote, the one that is to die may be the only voter. Returns the owners.
        """
        deadline = now() + SETTLE_SECONDS
        while True:
            owners = await self._sweep() if self.cluster.is_steady() else None
            if owners and (must_own is None or must_own.name in owners.values()):
                return owners
            if now() > deadline:
                raise TimeoutError(f"the cluster is not settled after {SETTLE_SECONDS} s")
            await asyncio.sleep(0.3)

    async def _sweep(self):
        """The owner of each name; None while a node does not answer or says another one."""
        owners = {}
        for node in self.cluster.running:
            asked = [self.counters.ask(node, name) for name in self.counters.names]
            for name, answer in zip(self.counters.names, await asyncio.gather(*asked)):
                if answer is None or owners.setdefault(name, answer.node) != answer.node:
                    return None
        return owners


def row(title, seconds):
    """One line of a table: a count, and percentiles in milliseconds."""
    if not seconds:
        return f"{title:28}  {0:6}"
    figures = [percentile(seconds, 0.5), percentile(seconds, 0.99), max(seconds)]
    return f"{title:28}  {len(seconds):6}" + "".join(f"  {1e3 * f:9.1f}" for f in figures)


def header(title):
    return f"{title:28}  {'count':>6}  {'p50 ms':>9}  {'p99 ms':>9}  {'max ms':>9}"


def write_json(file, figures):
    if file:
        with open(file, "w", encoding="utf-8") as stream:
            machine = {"processors": os.cpu_count(), "load": os.getloadavg()[0]}
            json.dump({**machine, **figures}, stream, indent=2)
            stream.write("\n")
