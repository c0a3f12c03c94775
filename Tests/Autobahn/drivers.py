"""The two programs that can drive the cases of the Autobahn testsuite."""

import json
import os
import subprocess

# What one driver may take for all its cases before it is ended, in seconds.
PATIENCE = 3_600


class Kosoku:
    """The cases of the suite, run by a driver for Python 3: quick, so for every change."""

    name = "kosoku"

    def __init__(self, folder):
        self.program = os.path.join(folder, "kosoku")

    def run(self, places, cases, report):
        """The verdicts by place; `places` are URLs by name, `cases` patterns such as `12.*`."""
        found = {}
        for place, url in places.items():
            output = os.path.join(report, place.replace(" ", "-"))
            command = [self.program, "--outdir", output]
            for pattern in cases:
                command += ["--include", pattern]
            # Its status says that a case is not OK, which its report says better.
            run(command + [url], report)
            found[place] = next(iter(read_index(output).values()))
        return found


class Wstest:
    """The suite's own driver: the reference."""

    name = "wstest"

    def __init__(self, folder):
        self.program = os.path.join(folder, "wstest")

    def run(self, places, cases, report):
        specification = os.path.join(report, "wstest.json")
        with open(specification, "w") as file:
            servers = [{"agent": place, "url": url} for place, url in places.items()]
            json.dump(
                {
                    "outdir": report, "servers": servers, "cases": cases,
                    "exclude-cases": [], "exclude-agent-cases": {},
                },
                file,
            )
        run([self.program, "-m", "fuzzingclient", "-s", specification], report)
        return read_index(report)


def run(command, report):
    with open(os.path.join(report, "driver.log"), "ab") as log:
        subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=PATIENCE, cwd=report
        )


def read_index(folder):
    try:
        with open(os.path.join(folder, "index.json")) as file:
            return json.load(file)
    except FileNotFoundError:
        raise ConnectionError(f"the driver has left no report; see {folder}") from None
