"""Runs of `rook bench`, and what is kept of them."""

import json
import statistics
import subprocess

from servers import CLIENT_CORE


class Load:
    """`rook bench` for one row in one round; remembers what the reader must know."""

    def __init__(self, setup):
        self.setup = setup
        self.is_saturated = False
        self.is_faulty = False

    def __call__(self, server, urls, words, seconds=None, cores=CLIENT_CORE):
        """One run; what it says. The first of the words is the kind of work."""
        pids = [word for pid in server.pids for word in ("--pid", str(pid))]
        seconds = seconds or self.setup.seconds
        run = subprocess.run(
            ["taskset", "-c", cores, self.setup.rook, "bench", words[0], *urls, *words[1:], *pids]
            + ["--seconds", str(seconds), "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        # With 1 and a report something went wrong on the way: the reader is told.
        if run.returncode != 0 and not run.stdout:
            raise SystemExit(f"{server.name}: `rook bench {' '.join(words)}` has failed")
        report = json.loads(run.stdout)
        self.is_saturated |= report["client_saturated"]
        self.is_faulty |= any(report["faults"].values())
        return report

    def remarks(self):
        return {"saturated": self.is_saturated, "faulty": self.is_faulty}


def per_cpu_second(report):
    return report["server"].get("completed_per_cpu_second")


def middle(values):
    """The median of those that are there."""
    present = [value for value in values if value is not None]
    return statistics.median(present) if present else None


def ratio(one, other):
    return one / other if one and other else None
