"""The order of faults, and what each of them demands of the cluster while it lasts and after."""

import asyncio
from dataclasses import dataclass, field
from typing import List

import faults
from faults import LEASE_SECONDS, SLACK_SECONDS
from records import Silence, Standstill, Violation, now

# After a fault the voters are all founders again within this time; a fault that begins before
# demands less, because nobody here knows then which nodes are the majority.
STEADY_SECONDS = 10
# After a fault all names are served again through all nodes within this time.
SETTLE_SECONDS = 20


@dataclass
class Findings:
    """What the schedule has noted for the checks."""

    silences: List[Silence] = field(default_factory=list)
    standstills: List[Standstill] = field(default_factory=list)
    # When a fault began, when all was served again, and the nodes that it happened to.
    planned: list = field(default_factory=list)
    crashes: list = field(default_factory=list)
    violations: List[Violation] = field(default_factory=list)
    # Seconds from a fault to the first answer elsewhere, by the kind of fault.
    take_overs: dict = field(default_factory=dict)
    done: list = field(default_factory=list)


class Schedule:
    """Runs faults one after the other until the time is over."""

    def __init__(self, cluster, counters, random):
        self.cluster = cluster
        self.counters = counters
        self.random = random
        self.findings = Findings()

    async def run(self, seconds, is_short):
        """The planned faults first, as long as nothing excuses a doubled message."""
        deadline = now() + seconds
        for kind in self._kinds(is_short):
            if now() > deadline:
                break
            await self._one(kind(self.cluster, self.random))

    def _kinds(self, is_short):
        """All kinds once, in an order of the seed, and then any of them."""
        planned = [kind for kind in faults.PLANNED if not is_short or kind in faults.SHORT]
        crashes = [kind for kind in faults.CRASHES if not is_short or kind in faults.SHORT]
        crashes = [kind for kind in crashes if self._is_possible(kind)]
        self.random.shuffle(planned)
        self.random.shuffle(crashes)
        yield from planned + crashes
        while True:
            yield self.random.choice(crashes)

    def _is_possible(self, kind):
        return self.cluster.network.can_cut or not kind.needs_cuts

    async def _one(self, fault):
        is_steady = await self._wait_until_steady()
        fault.choose()
        began = now()
        owned = self.counters.owned_by([node.name for node in fault.victims])
        await fault.begin()
        effective = now()
        probes = asyncio.ensure_future(self._watch(fault, owned, began, is_steady))
        await asyncio.sleep(fault.duration)
        healing = now()
        await fault.heal()
        healed = now()
        await probes
        if is_steady:
            self._note(fault, effective, healing, healed)
        self.findings.done.append((type(fault), is_steady))
        complaints = [Violation("exit", complaint) for complaint in fault.complaints]
        self.findings.violations += complaints
        settled = await self._settle(fault, healed)
        window = (began, healed + settled, [node.name for node in fault.victims])
        (self.findings.planned if fault.is_planned else self.findings.crashes).append(window)
        self._print(fault, began, healed, settled)

    def _note(self, fault, effective, healing, healed):
        """What the fault demands of answers, for the checks at the end."""
        silent = tuple(node.name for node in fault.silent())
        if silent:
            begins = effective + LEASE_SECONDS + SLACK_SECONDS
            ends = fault.silent_until or healing
            self.findings.silences.append(Silence(silent, begins, ends, fault.title))
        if fault.stands_still:
            lived = tuple(
                node.name for node in self.cluster.founders if node.lives[-1].began < effective
            )
            self.findings.standstills.append(Standstill(lived, effective, healed, fault.title))

    async def _watch(self, fault, names, began, is_steady):
        """Measures when the names of the victims are first served by the rest."""
        if not fault.is_taken_over or not is_steady:
            return
        victims = [node.name for node in fault.victims]
        edges = [node for node in self.cluster.founders if node not in fault.victims]
        deadline = began + fault.duration
        waits = [
            self.counters.first_from_others(name, edges, victims, deadline) for name in names
        ]
        answers = [answer for answer in await asyncio.gather(*waits) if answer is not None]
        seconds = [answer.received - began for answer in answers]
        self.findings.take_overs.setdefault(type(fault), []).extend(seconds)
        if len(seconds) < len(names):
            text = (
                f"{len(names) - len(seconds)} of {len(names)} names are not served by the rest "
                f"within {fault.duration:.1f} s: {fault.title}"
            )
            self.findings.violations.append(Violation("take-over", text))

    async def _settle(self, fault, healed):
        """Waits until all is served; returns the seconds that took."""
        deadline = healed + SETTLE_SECONDS
        while not self.counters.are_all_served_since(healed):
            self._look_for_the_dead()
            if now() > deadline:
                text = f"not all names are served {SETTLE_SECONDS} s after: {fault.title}"
                self.findings.violations.append(Violation("liveness", text))
                break
            await asyncio.sleep(0.05)
        return now() - healed

    async def _wait_until_steady(self):
        deadline = now() + STEADY_SECONDS
        while not self.cluster.is_steady():
            if now() > deadline:
                print(f"{now():7.1f} s  the voters are not all founders yet")
                return False
            await asyncio.sleep(0.1)
        return True

    def _look_for_the_dead(self):
        """A node that ended by itself is started again, and a violation."""
        for node in self.cluster.nodes:
            if not node.has_failed():
                continue
            text = f"{node.name} ended by itself with {node.lives[-1].how}"
            self.findings.violations.append(Violation("exit", text, tuple(node.last_words())))
            node.start()

    def _print(self, fault, began, healed, settled):
        print(
            f"{began:7.1f} s  {fault.title}; healed after {healed - began:.1f} s, "
            f"all served {settled:.1f} s later"
        )
