"""Drives the pages of the examples in a real browser: `Scripts/browser`."""

import argparse
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TryOut"))

import chat_checks
import presence_checks
import small_checks
from browser import Browser
from cluster import Cluster
from report import Report, describe

# Long enough for the death of a node, and short enough to wait for.
SETTINGS = ("link.resume_time=1s", "limit.parked_time=12s")
EXAMPLES = ("echo", "counter", "chat", "presence")


def main():
    options = parsed()
    report = Report()
    browser = Browser()
    try:
        for example in options.examples:
            report.section(f"Examples/{example.capitalize()}")
            run(example, os.path.join(options.programs, example), browser, report, options)
    finally:
        browser.end()
    return report.conclude()


def parsed():
    parser = argparse.ArgumentParser(prog="Scripts/browser")
    parser.add_argument("programs", help="the folder of the built programs")
    parser.add_argument("--screenshots", metavar="DIR", help="where to save pictures of the pages")
    parser.add_argument("--only", dest="examples", action="append", choices=EXAMPLES)
    options = parser.parse_args()
    options.examples = options.examples or EXAMPLES
    return options


def run(example, program, browser, report, options):
    """One example in a cluster of its own, whose log is shown when a check has failed."""
    failed = report.failed
    cluster = Cluster(program, settings=SETTINGS)
    try:
        cluster.wait_for_agreement(seconds=30)
        tell(example, cluster, browser, report, options.screenshots, located(program))
    except Exception as error:
        report.failed += 1
        print(f"FAILED {example} could not be tried: {describe(error)}")
    finally:
        if report.failed > failed:
            print(f"\nThe last lines of the cluster:\n{cluster.text()[-6_000:]}")
        cluster.end()
        for page in list(browser.pages.values()):
            page.close()


def tell(example, cluster, browser, report, folder, locate):
    if example == "chat":
        report.run(chat_checks.STORY, chat_checks.Chat(cluster, browser, locate, folder))
    elif example == "presence":
        report.run(
            presence_checks.STORY, presence_checks.Presence(cluster, browser, locate, folder)
        )
    else:
        checks = {"counter": small_checks.COUNTER, "echo": small_checks.ECHO}[example]
        report.run(checks, small_checks.Small(cluster, browser, folder))


def located(program):
    """Asks a node which one owns an object, and what that one says of it."""

    def locate(class_name, name, node):
        command = [program, "locate", class_name, name, "--json"]
        command += ["--admin", f"127.0.0.1:{node.admin}"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return json.loads(answer.stdout)

    return locate


if __name__ == "__main__":
    sys.exit(main())
