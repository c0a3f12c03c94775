"""One live instance of each name, whatever happens: `Scripts/guarantee`."""

import argparse
import asyncio
import random
import signal
import sys
import unittest
from collections import Counter

import test_checks
from counters import Counters
from echoes import Echoes
from instance_checks import check_instances, check_silences, check_standstills
from network import Loopback, Namespaces
from nodes import Cluster
from records import Violation, now
from schedule import SETTLE_SECONDS, Schedule
from session_checks import check_session
from summary import print_table, print_violations, times

FOUNDERS, SPARES = 5, 2
# A run that has seen less than this proves nothing.
LEAST_ANSWERS = 1_000


def arguments():
    parser = argparse.ArgumentParser(prog="Scripts/guarantee", description=__doc__)
    parser.add_argument("rook", metavar="BINARY")
    parser.add_argument("--seconds", type=int, help="new faults begin this long; default 120")
    parser.add_argument("--seed", type=int, help="draws the faults; default: another each time")
    parser.add_argument("--short", action="store_true", help="45 s, the most telling faults")
    parser.add_argument("--network", choices=["namespaces", "loopback"], required=True)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--keep-logs", action="store_true")
    parsed = parser.parse_args()
    parsed.seconds = parsed.seconds or (30 if parsed.short else 120)
    parsed.seed = random.randrange(1 << 32) if parsed.seed is None else parsed.seed
    return parsed


def main():
    options = arguments()
    if not are_checks_sound():
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    count = FOUNDERS + SPARES
    network = Namespaces(count) if options.network == "namespaces" else Loopback(count)
    cluster = Cluster(options.rook, network, FOUNDERS, SPARES, options.set)
    has_failed = True
    try:
        violations = asyncio.run(Run(cluster, options).all())
        has_failed = bool(violations)
    finally:
        cluster.end(keep_logs=has_failed or options.keep_logs)
        network.end()
        if has_failed:
            print(f"\nThe logs of the nodes: {cluster.folder}\nAgain: {command(options)}")
    return 1 if has_failed else 0


def are_checks_sound():
    """The checks find what is made wrong by hand; without that a clean run says nothing."""
    tests = unittest.defaultTestLoader.loadTestsFromModule(test_checks)
    result = unittest.TextTestRunner(verbosity=0).run(tests)
    return result.wasSuccessful()


def command(options):
    words = ["Scripts/guarantee", options.rook, f"--seed {options.seed}"]
    words.append("--short" if options.short else f"--seconds {options.seconds}")
    words += [f"--set {setting}" for setting in options.set]
    words += ["--loopback"] if options.network == "loopback" else []
    return " ".join(words)


class Run:
    """One cluster, its clients and its faults, from the start to the verdict."""

    def __init__(self, cluster, options):
        self.cluster = cluster
        self.options = options
        self.counters = Counters(cluster, seed=options.seed)
        self.echoes = Echoes(cluster)

    async def all(self):
        print(f"seed {self.options.seed}, {self.options.network}, {FOUNDERS} nodes")
        for node in self.cluster.founders:
            node.start()
        self.counters.start()
        await self.wait_until_served()
        self.echoes.start()
        await asyncio.sleep(1)
        schedule = Schedule(self.cluster, self.counters, random.Random(self.options.seed))
        await schedule.run(self.options.seconds, self.options.short)
        await self.echoes.stop()
        await self.counters.stop()
        return self.judge(schedule.findings)

    async def wait_until_served(self):
        start = now()
        while not self.counters.are_all_served_since(start):
            if now() > start + SETTLE_SECONDS:
                raise TimeoutError("the cluster does not serve all names after its start")
            await asyncio.sleep(0.05)
        print(f"{now():7.1f} s  all names are served, {now() - start:.1f} s after the start")

    def judge(self, findings):
        answers = self.counters.answers
        violations = check_instances(answers, self.counters.attempts)
        violations += check_silences(answers, findings.silences)
        violations += check_standstills(answers, findings.standstills)
        lives = {node.name: node.lives for node in self.cluster.nodes}
        crashes = [(began, ended) for began, ended, _ in findings.crashes]
        for log in self.echoes.logs:
            violations += check_session(log, crashes, lives[log.edge])
        violations += findings.violations
        if len(answers) < LEAST_ANSWERS:
            violations.append(Violation("evidence", f"only {len(answers)} answers"))
        self.print(findings, violations)
        return violations

    def print(self, findings, violations):
        answers = self.counters.answers
        unsteady = sum(1 for _, is_steady in findings.done if not is_steady)
        rows = [
            ("answers", f"{len(answers)} of {len(self.counters.attempts)} increments"),
            ("not answered", self.failures()),
            ("while moves were planned", self.failures(findings.planned)),
            ("instances seen", len({answer.instance for answer in answers})),
            ("highest epoch", max((answer.epoch for answer in answers), default=0)),
            ("faults", f"{len(findings.done)}, {unsteady} before the voters were steady"),
            ("sessions", f"{len(self.echoes.logs)}, {self.echoes.open_count()} to the end"),
            ("messages back", self.messages("got")),
            ("of them twice", self.doubles()),
        ]
        for kind, seconds in findings.take_overs.items():
            rows.append((f"take-overs after {kind.__name__}", times(seconds)))
        print()
        print_table(rows)
        print_violations(violations)

    def failures(self, windows=((0.0, float("inf"), []),)):
        """How many asks failed in which way, in these windows and not through these nodes."""
        found = Counter(
            what
            for began, ended, nodes in windows
            for time, edge, what in self.counters.failures
            if began <= time <= ended and edge not in nodes
        )
        return ", ".join(f"{count} {what}" for what, count in found.most_common()) or "none"

    def messages(self, what):
        return sum(1 for log in self.echoes.logs for event in log.events if event.what == what)

    def doubles(self):
        """How many messages came again after a crash, and how long after the first time."""
        waits = []
        for log in self.echoes.logs:
            first = {}
            for event in log.events:
                if event.what == "got" and first.setdefault(event.number, event) is not event:
                    waits.append(event.time - first[event.number].time)
        return f"{len(waits)}, at most {max(waits, default=0.0):.1f} s after the first time"


if __name__ == "__main__":
    sys.exit(main())
