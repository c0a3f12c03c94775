"""Tries a real cluster behind programs that end TLS: `Scripts/tls`."""

import sys

import fronts
import http_checks
import raw
import seed_checks
import websocket_checks
from cluster import Cluster
from report import Report, equal

#: What a program in front leaves as it is: frames, messages and requests in good order.
CHECKS = [
    *seed_checks.CHECKS,
    websocket_checks.echo, websocket_checks.many_messages, websocket_checks.pings,
    websocket_checks.client_closes, websocket_checks.object_closes,
    http_checks.counter, http_checks.names, http_checks.bodies,
]


def unannounced(front):
    """A client that goes around the program in front is not served where it must announce."""
    for node in front.nodes:
        answer = raw.exchange(node.behind, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        equal(answer, b"", f"what {node.name} says")


def foreign_page(front):
    """A page of another host is refused, and one of the same host is not, behind TLS too."""
    for node in front.nodes:
        own = f"Origin: https://127.0.0.1:{node.client}"
        for origin, status in ((own, 101), ("Origin: https://evil.example", 403)):
            with raw.RawWebSocket(node.client, headers=[origin]) as client:
                equal(client.status, status, origin)


def main(rook):
    report = Report()
    missing = []
    for kind in fronts.ALL:
        if not kind.program():
            missing.append(kind.name)
            continue
        report.section(f"Behind {kind.name}")
        behind(kind, rook, report)
    for name in missing:
        print(f"\n*** NOT TESTED: {name} is not installed ***")
    if len(missing) == len(fronts.ALL):
        print("*** nothing was tested ***")
        return 1
    return report.conclude()


def behind(kind, rook, report):
    failed = report.failed
    cluster = Cluster(rook, settings=kind.settings)
    try:
        cluster.wait_for_agreement()
        with fronts.folder() as folder:
            front = kind(cluster, folder)
            try:
                checks = [check for check in CHECKS if check.__name__ not in kind.without]
                report.run(checks, fronts.SecureCluster(front, cluster))
                report.run([foreign_page], front)
                if "client.proxy_protocol=true" in kind.settings:
                    report.run([unannounced], front)
            finally:
                if report.failed > failed:
                    print(f"\nThe last lines of {kind.name}:\n{front.text()[-4_000:]}")
                front.end()
    finally:
        if report.failed > failed:
            print(f"\nThe last lines of the cluster:\n{cluster.text()[-4_000:]}")
        cluster.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tls_try_out.py PATH_OF_ROOK")
    sys.exit(main(sys.argv[1]))
