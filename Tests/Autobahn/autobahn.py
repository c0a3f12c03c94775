"""Runs the Autobahn testsuite against objects of a real cluster: `Scripts/autobahn`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TryOut"))

from cluster import Cluster
from drivers import Kosoku, Wstest
from verdicts import COMPRESSED, COMPRESSED_QUICKLY, EXPLAINED, PLAIN, Verdicts, table

OBJECT = "autobahn"


def main():
    options = parsed()
    if options.compression and not has_compression(options.rook):
        print(f"{options.rook} was built without compression: see Scripts/compression")
        return 1
    report = os.path.abspath(options.report or tempfile.mkdtemp(prefix="rook-autobahn-"))
    os.makedirs(report, exist_ok=True)
    # Every message is to be compressed, and not only those that are worth it.
    compressing = ["client.compression=on", "client.compression_threshold=1"]
    settings = compressing if options.compression else []
    cluster = Cluster(options.rook, settings=settings)
    try:
        cluster.wait_for_agreement()
        bad = drive(cluster, options, report)
    finally:
        cluster.end()
    if not bad and not options.report:
        shutil.rmtree(report, ignore_errors=True)
    else:
        print(f"The whole report: {report}/index.html")
    return 1 if bad else 0


def has_compression(rook):
    version = subprocess.run([rook, "--version"], capture_output=True, check=True, text=True)
    return "with compression" in version.stdout


def parsed():
    parser = argparse.ArgumentParser(prog="Scripts/autobahn")
    parser.add_argument("rook")
    parser.add_argument("programs", help="the folder of the driver")
    parser.add_argument("--quick", action="store_true", help="drive the cases by kosoku")
    parser.add_argument(
        "--compression", action="store_true", help="the cases 12 and 13 in place of 1 to 10"
    )
    parser.add_argument("--report", metavar="DIR", help="keep the suite's own report in DIR")
    parser.add_argument("--only", action="append", metavar="CASES", help="such as 6.* (repeatable)")
    return parser.parse_args()


def drive(cluster, options, report):
    """Runs the cases and prints what came of them; true when something is not as it must be."""
    start = time.monotonic()
    driver = (Kosoku if options.quick else Wstest)(options.programs)
    places = objects(cluster, options.rook)
    cases, count = PLAIN
    if options.compression:
        cases, count = COMPRESSED_QUICKLY if options.quick else COMPRESSED
    found = driver.run(places, options.only or cases, report)
    verdicts = [Verdicts(place, found.get(place, {})) for place in places]
    print(f"\nAutobahn testsuite, driven by {driver.name}, against Echo/{OBJECT}\n")
    print(table(verdicts))
    for case in sorted({case for place in verdicts for case in place.informational}):
        print(f"{case} is not judged: {EXPLAINED.get(case, 'unexplained')}")
    problems = [
        line
        for place in verdicts
        for line in place.problems(len(place.cases) if options.only else count)
    ]
    print(*problems, sep="\n", end="\n" if problems else "")
    total = sum(len(place.cases) for place in verdicts)
    outcome = f"{len(problems)} of {total} runs FAILED" if problems else f"all {total} runs are good"
    print(f"\n{outcome}, in {time.monotonic() - start:.0f} s")
    return bool(problems) or total == 0


def objects(cluster, rook):
    """One object, by the node where it lives and by one where it does not."""
    command = [rook, "locate", "--json", "--admin", f"127.0.0.1:{cluster.nodes[0].admin}"]
    answer = subprocess.run(command + ["Echo", OBJECT], capture_output=True, check=True)
    owner = json.loads(answer.stdout)["owner"]
    path = f"/objects/Echo/{OBJECT}"
    here = next(node for node in cluster.nodes if node.name == owner)
    there = next(node for node in cluster.nodes if node.name != owner)
    return {"on its own node": here.url(path), "by another node": there.url(path)}


if __name__ == "__main__":
    sys.exit(main())
