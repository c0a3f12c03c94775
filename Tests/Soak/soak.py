"""All three listeners of a node are attacked while honest clients use it: `Scripts/soak`.

Rates of the attack are bounded: it is the node that is measured, not how attackers and honest
clients share two processors. Honest clients and attackers are processes of their own, so that what
the honest ones measure is true.
"""

import argparse
import os
import secrets
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TryOut"))


def main():
    # `--help` needs no packages.
    parser = argparse.ArgumentParser(prog="Scripts/soak", description=__doc__.splitlines()[0])
    parser.add_argument("rook", metavar="ROOK", nargs="?", help="built if it is not given")
    parser.add_argument("--seconds", type=int, default=60, help="of attack; 60 if not given")
    parser.add_argument("--nodes", type=int, default=3, help="of the cluster; 3 if not given")
    parser.add_argument("--seed", type=int, default=1, help="of the attackers")
    parser.add_argument("--only", default="", metavar="PATTERN", help="the attacks it matches")
    options = parser.parse_args()

    from cluster import Cluster
    from run import Run
    import judgements
    import tables
    import test_judgements
    from report import Report

    tests = unittest.defaultTestLoader.loadTestsFromModule(test_judgements)
    if not unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(tests).wasSuccessful():
        return 1

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Of base64 a node would take what it means; with the dash it is none.
    secret, token = "soak-" + secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    secret_file = tempfile.NamedTemporaryFile(mode="w", prefix="rook-soak-")
    secret_file.write(secret + "\n")
    secret_file.flush()
    settings = [f"cluster.secret_file={secret_file.name}", f"admin.token={token}"]
    cluster = Cluster(options.rook, options.nodes, settings)
    try:
        for node in cluster.nodes:
            node.token = token
        cluster.wait_for_agreement()
        run = Run(cluster, secret, options)
        run.make()
        tables.show(run)
        report = Report()
        report.section("Judged")
        report.run(judgements.CHECKS, run)
        if report.failed:
            print(f"\nThe last lines of the cluster:\n{cluster.text()[-4_000:]}")
        return report.conclude()
    finally:
        cluster.end()


if __name__ == "__main__":
    sys.exit(main())
