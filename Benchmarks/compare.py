"""What Rookery costs: beside the limit of one thread, beside peers that are installed, and by itself.

By `rook bench`, for the most. Each server runs on one core and the load on another, where the row
does not say otherwise. Servers take turns in every round, so that what else the machine does falls on
all of them; figures are medians over the rounds, and ratios are medians of the ratios within a round.
"""

import argparse
import datetime
import os
import platform
import resource
from pathlib import Path

import alone
import compared
import targets
from load import Load
from servers import Rookery

ROWS = [*compared.ROWS, *alone.ROWS]
DESCRIPTORS_FOR_ELSE = 200
# More need more descriptors than processes have here; 28,000 ports are the next limit.
IDLE_CONNECTIONS_MAX = 19_000


def run_rows(setup):
    """All rounds: the figures of each row in each round."""
    kinds = compared.kinds()
    results = {row: [] for row in setup.rows}
    for number in range(setup.rounds):
        for row in setup.rows:
            in_turn = kinds if number % 2 == 0 else kinds[::-1]
            is_compared = row in compared.ROWS
            figures = compared.run(setup, row, in_turn) if is_compared else alone.measure(setup, row)
            results[row].append(figures)
            print(f"round {number + 1} of {setup.rounds}: {row}", flush=True)
    return results


def remarks(results):
    """What the reader of a table must know of its rows."""
    words = {"saturated": "The load had no time left", "faulty": "Something went wrong"}
    for row, rounds in results.items():
        names = list(rounds[0]) if row in compared.ROWS else ["Rookery"]
        for name in names:
            runs = [each[name] if row in compared.ROWS else each for each in rounds]
            for key, text in words.items():
                count = sum(run[key] for run in runs)
                if count:
                    yield f"- {text} in {count} of {len(runs)} rounds: {name}, {row}."


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/benchmark", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--rounds", type=int, default=5, help="5 if not given")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement; 3")
    for program in ("rook", "limit", "copy", "micro"):
        option = f"--{program}"
        parser.add_argument(option, type=os.path.abspath, required=True, help=argparse.SUPPRESS)
    setup = parser.parse_args()
    unknown = [row for row in setup.rows if row not in ROWS]
    if unknown or setup.rounds < 1:
        parser.error(f"expected some of {', '.join(ROWS)}")
    usual = [row for row in ROWS if row not in alone.BY_NAME_ALONE]
    setup.rows = list(dict.fromkeys(setup.rows)) or usual
    return setup


def half_load(setup):
    """Half of what Rookery echoes with one message on the way, as a round number."""
    with Rookery(setup) as server:
        report = compared.measure(Load(setup), server, "echo")
    return max(int(report["completed_per_second"]) // 2_000 * 1_000, 100)


def main():
    setup = parse()
    _, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    setup.values = {"rate": 0, "idle": min(IDLE_CONNECTIONS_MAX, descriptors - DESCRIPTORS_FOR_ELSE)}
    load = os.getloadavg()[0]
    if "rate" in setup.rows:
        setup.values["rate"] = half_load(setup)
    results = run_rows(setup)
    beside = {row: rounds for row, rounds in results.items() if row in compared.ROWS}
    itself = {row: rounds for row, rounds in results.items() if row in alone.ROWS}
    parts = [targets.table(results)]
    if beside:
        parts.append(compared.table(beside, setup.values))
    if itself:
        parts.append(alone.table(itself))
    now = datetime.datetime.now(datetime.timezone.utc)
    about = f"- {now:%Y-%m-%d}, rounds: {setup.rounds} of {setup.seconds:g} s, {machine()}."
    busy = f"- Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after: it should be below 1 before."
    parts.append([about, busy, *remarks(results)])
    print("".join("\n" + "\n".join(lines) + "\n" for lines in parts))


def machine():
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "?")
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


if __name__ == "__main__":
    main()
