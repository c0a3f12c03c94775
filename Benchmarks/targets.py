"""What Rookery is to reach, and whether it does."""

import dataclasses
from typing import Callable, Optional

import compared
from load import middle


@dataclasses.dataclass
class Target:
    """A figure with its bounds; `measured` takes the results of all rows, and gives None without its row."""

    what: str
    measured: Callable
    least: Optional[float] = None
    most: Optional[float] = None
    unit: str = ""

    def line(self, results):
        value = self.measured(results)
        bound = f"at least {self.least:,g}" if self.most is None else f"at most {self.most:,g}"
        cells = [self.what, bound + self.unit, "-", "not measured"]
        if value is not None:
            is_met = value >= self.least if self.most is None else value <= self.most
            text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
            cells[2:] = [text + self.unit, "met" if is_met else "**not met**"]
        return "| " + " | ".join(cells) + " |"


def beside_limit(row, figure):
    return lambda results: results.get(row) and compared.middle_ratio(results[row], "Rookery", figure)


def of_rookery(row, figure):
    return lambda results: results.get(row) and compared.middle_of(results[row], "Rookery", figure)


def alone(row, figure):
    return lambda results: results.get(row) and middle(each[figure] for each in results[row])


def by_cpu(what, row, least):
    return Target(f"{what}: for each CPU-second, / limit", beside_limit(row, "per CPU-second"), least)


def memory(what, row):
    return Target(what, of_rookery(row, compared.BYTES), most=1_024, unit=" B")


TARGETS = [
    by_cpu("Echo, 1 on its way, 20 B", "echo", 0.93),
    by_cpu("Echo, 16 on their way, 20 B", "pipelined", 0.75),
    by_cpu("Echo, 16 KiB, binary", "binary", 0.9),
    by_cpu("Echo, 16 KiB, text", "text", 0.9),
    Target("Echo at half load: p99, / limit", beside_limit("rate", "p99 µs"), most=1.2),
    Target(
        "Forwarded echo: CPU of all nodes, / own object",
        alone("forwarded", "CPU of a forwarded echo / own"),
        most=2.5,
    ),
    Target("Forwarded echo: added p50", alone("forwarded", "added p50 µs"), most=60, unit=" µs"),
    Target(
        "Forwarded echo at half load: p99, / own object",
        alone("forwarded", "p99 at half load, forwarded / own"),
        most=3,
    ),
    by_cpu("Broadcast of one node: deliveries", "fanout", 0.9),
    Target(
        "Broadcast over three nodes: deliveries for each CPU-second, / one node",
        alone("spread", "three nodes / one"),
        0.8,
    ),
    Target(
        "Broadcast: copies of a message on a link",
        alone("spread", "copies of a message on a link, at most"),
        most=1.05,
    ),
    memory("Idle connection of one object", "idle"),
    memory("Idle connection of one object, after traffic", "used"),
    memory("Idle connection with an object of its own", "objects"),
    Target("Idle connections, pinged: of a core", alone("pings", "% of a core"), most=1, unit=" %"),
    Target(
        "Object that sleeps, of 100,000, besides its socket",
        alone("hibernated", "bytes per object, besides its socket"),
        most=300,
        unit=" B",
    ),
    by_cpu("Connections opened and closed", "connect", 0.8),
    Target("2 threads with a core each, / 1", alone("threads", "2 threads, with a core each / 1"), 1.8),
    Target("Owner of a name, 1,000 nodes", alone("placement", "ns, owner of a name"), most=25, unit=" ns"),
    Target("Table when one joins 1,000 nodes", alone("placement", "ms, one joins"), most=2, unit=" ms"),
    Target(
        "Link, 64 KiB fragments, the kernel's TCP included",
        alone("links", "GB per CPU-second, both"),
        1.5,
        unit=" GB per CPU-second",
    ),
    Target(
        "Link, frames of 40 B",
        alone("links", "M frames of 40 B per CPU-second"),
        3,
        unit=" M per CPU-second",
    ),
    Target(
        "Node of five at rest: of a core",
        alone("cluster", "% of a core, most of a node"),
        most=0.5,
        unit=" %",
    ),
    Target(
        "Node of five at rest: resident",
        alone("cluster", "MiB resident, most of a node"),
        most=30,
        unit=" MiB",
    ),
    Target("One node, from exec to ready", alone("start", "ms, one node"), most=50, unit=" ms"),
    Target("Three nodes, from exec to all ready", alone("start", "ms, three nodes"), most=2_000, unit=" ms"),
]


def table(results):
    """The lines of a table in Markdown."""
    head = ["| target | | measured | |", "|---|---|---|---|"]
    return head + [target.line(results) for target in TARGETS]
