"""Tries a real cluster with clients that know nothing of its code: `Scripts/try-out`."""

import sys

import command_checks
import failure_checks
import http_checks
import rubbish_checks
import seed_checks
import websocket_checks
from cluster import Cluster
from report import Report


def main(rook):
    report = Report()
    with_cluster(rook, [], lambda cluster: serving(report, cluster, rook), report)
    with_cluster(rook, ["threads=2"], lambda cluster: failing(report, cluster), report)
    report.section("A node alone")
    report.run(failure_checks.ALONE, rook)
    return report.conclude()


def serving(report, cluster, rook):
    report.section("The command line")
    report.run(command_checks.CHECKS, cluster, rook)
    report.section("The built-in worker")
    report.run(seed_checks.CHECKS, cluster)
    report.section("WebSocket")
    report.run(websocket_checks.CHECKS, cluster)
    report.section("HTTP")
    report.run(http_checks.CHECKS, cluster)
    report.section("Rubbish")
    report.run(rubbish_checks.CHECKS, cluster)
    report.section("Ctrl-C")
    report.run(failure_checks.LAST, cluster)


def failing(report, cluster):
    report.section("A node dies and comes back")
    report.run(failure_checks.STORY, failure_checks.Story(cluster))


def with_cluster(rook, settings, work, report):
    """Gives a fresh cluster to `work`; shows its log when a check has failed, and ends it."""
    failed = report.failed
    cluster = Cluster(rook, settings=settings)
    try:
        cluster.wait_for_agreement()
        work(cluster)
    finally:
        if report.failed > failed:
            print(f"\nThe last lines of the cluster:\n{cluster.text()[-4_000:]}")
        cluster.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: try_out.py PATH_OF_ROOK")
    sys.exit(main(sys.argv[1]))
