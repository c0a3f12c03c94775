"""What a run writes down, and what the checks read: plain values, times of one clock."""

import time
from dataclasses import dataclass, field
from typing import List, NamedTuple, Optional, Tuple

ORIGIN = time.monotonic()


def now():
    """Seconds since the start of the program, the one clock of all records."""
    return time.monotonic() - ORIGIN


class Answer(NamedTuple):
    """One answer of a `Counter`: the instance acted at some moment from `sent` to `received`."""

    name: str
    instance: str
    epoch: int
    node: str
    count: int
    sent: float
    received: float
    edge: str
    way: str = "http"

    def __str__(self):
        return (
            f"{self.sent:9.3f} to {self.received:9.3f}  {self.name} count {self.count} "
            f"epoch {self.epoch} instance {self.instance[:8]} on {self.node}, "
            f"{self.way} by {self.edge}"
        )


class Attempt(NamedTuple):
    """One increment that was asked for, answered or not."""

    name: str
    sent: float


class SessionEvent(NamedTuple):
    """`sent` and `got` have the number of a message; `closed` a code and a reason."""

    time: float
    what: str
    number: Optional[int] = None
    reason: str = ""

    def __str__(self):
        return f"{self.time:9.3f}  {self.what} {self.number} {self.reason}".rstrip()


@dataclass
class SessionLog:
    """One WebSocket to an `Echo`, by what its client sent and got."""

    label: str
    edge: str
    events: List[SessionEvent] = field(default_factory=list)

    @property
    def is_closed(self):
        return any(event.what == "closed" for event in self.events)


class Life(NamedTuple):
    """One process of a node; `ended` is None while it runs, `how` the signal that ended it."""

    node: str
    began: float
    ended: Optional[float] = None
    how: str = ""


class Silence(NamedTuple):
    """Nodes without a majority: what they own may not answer from `began` to `ended`."""

    nodes: Tuple[str, ...]
    began: float
    ended: float
    why: str


class Standstill(NamedTuple):
    """A time without any majority: what these nodes owned goes on in place after it."""

    nodes: Tuple[str, ...]
    began: float
    ended: float
    why: str


class Violation(NamedTuple):
    """One broken promise, with the records that prove it."""

    kind: str
    text: str
    proof: tuple = ()

    def lines(self):
        return [f"{self.kind}: {self.text}"] + [f"    {record}" for record in self.proof]
