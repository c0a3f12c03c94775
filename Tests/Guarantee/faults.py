"""What is done to a cluster: each fault begins, lasts, and is healed. All choices come from a seed.

`LEASE_SECONDS` after a node lost the majority it may not answer any more; the slack is for the
clock of this program, which notes the beginning when the command that cuts has returned.
"""

import asyncio

from records import now

LEASE_SECONDS = 2.0
SLACK_SECONDS = 0.2
# What a planned end may take: `drain.time`, and a little.
LEAVE_SECONDS = 8


class Fault:
    """One thing that goes wrong. Subclasses say what; `victims` are chosen when it begins."""

    # Planned: no message may be doubled, and no socket of another edge closed.
    is_planned = False
    needs_cuts = False
    # How long it lasts.
    seconds = (4.5, 6.0)
    # True when there is no majority while it lasts: what lived goes on in place after it.
    stands_still = False
    # True when the rest can take over the names of the victims before it is healed.
    is_taken_over = False

    def __init__(self, cluster, random):
        self.cluster = cluster
        self.random = random
        self.victims = []
        # What the nodes did not do that they were asked for.
        self.complaints = []
        # When the nodes without a majority may answer again; None is the beginning of `heal`.
        self.silent_until = None
        self.duration = random.uniform(*self.seconds)

    @property
    def title(self):
        names = ", ".join(node.name.removeprefix("node-") for node in self.victims)
        return f"{type(self).__doc__} ({names})"

    def choose(self):
        """Which nodes it happens to."""
        self.victims = [self.random.choice(self.cluster.founders)]

    async def begin(self):
        raise NotImplementedError

    async def heal(self):
        raise NotImplementedError

    async def wait_until_left(self, node):
        """Waits until the process has ended; kills one that takes too long, and complains."""
        if not await has_left(node, LEAVE_SECONDS):
            self.complaints.append(f"{node.name} has not left {LEAVE_SECONDS} s after SIGTERM")
            node.process.kill()
            node.process.wait()

    def silent(self):
        """The nodes that have no majority while it lasts, and may not answer."""
        return self.cluster.nodes if self.stands_still else []


class Kill(Fault):
    """SIGKILL, later a restart"""

    count = 1
    is_taken_over = True

    def choose(self):
        self.victims = self.random.sample(self.cluster.founders, self.count)

    async def begin(self):
        for node in self.victims:
            node.kill()

    async def heal(self):
        for node in self.victims:
            node.start()


class KillTwo(Kill):
    """SIGKILL of two, later a restart"""

    count = 2


class KillMajority(Kill):
    """SIGKILL of three of five, later a restart"""

    count = 3
    stands_still = True
    is_taken_over = False


class QuickRestart(Kill):
    """SIGKILL and a restart at once"""

    seconds = (0.05, 0.3)
    is_taken_over = False


class Pause(Fault):
    """SIGSTOP for longer than a lease"""

    is_taken_over = True

    async def begin(self):
        for node in self.victims:
            node.pause()

    async def heal(self):
        for node in self.victims:
            node.resume()


class ShortPause(Pause):
    """SIGSTOP for less than a lease"""

    seconds = (0.5, 1.5)
    is_taken_over = False


class Leave(Fault):
    """SIGTERM, later a restart"""

    is_planned = True
    seconds = (2.0, 4.0)

    async def begin(self):
        for node in self.victims:
            node.terminate()

    async def heal(self):
        for node in self.victims:
            await self.wait_until_left(node)
            node.start()


class Reweigh(Leave):
    """SIGTERM and a restart with another weight"""

    seconds = (0.0, 0.5)

    async def heal(self):
        self.victims[0].weight = self.random.choice([50, 200, 300])
        await super().heal()


class Join(Fault):
    """a sixth node joins, and leaves again"""

    is_planned = True
    seconds = (2.0, 4.0)
    count = 1

    def choose(self):
        self.victims = self.cluster.spares[: self.count]

    async def begin(self):
        for node in self.victims:
            node.start()

    async def heal(self):
        for node in self.victims:
            node.terminate()
        for node in self.victims:
            await self.wait_until_left(node)


class JoinTwo(Join):
    """two nodes join at once, and leave at once"""

    count = 2


class Clone(Fault):
    """a second process with the name and a copy of the disk"""

    # The first process must not notice: no message is doubled, no socket closed.
    is_planned = True

    async def begin(self):
        self.clone = self.victims[0].copy_at(self.cluster.spares[0].number)
        self.clone.start()

    async def heal(self):
        """By now the second one has ended by itself, and has said who has its name."""
        if not self.clone.has_left():
            self.complaints.append(f"a second {self.clone.name} runs {self.duration:.1f} s")
        elif self.clone.process.returncode != 1:
            status = self.clone.process.returncode
            self.complaints.append(f"a second {self.clone.name} has ended with {status}, not 1")
        elif f"holder={self.victims[0].address}:" not in "\n".join(self.clone.last_words(10)):
            self.complaints.append(f"a second {self.clone.name} has not said who has its name")
        self.clone.end()


class Cut(Fault):
    """Packets between nodes are dropped; subclasses say which."""

    needs_cuts = True
    is_taken_over = True
    seconds = (5.0, 6.5)

    def silent(self):
        return self.cluster.nodes if self.stands_still else self.victims

    def pairs(self):
        raise NotImplementedError

    async def begin(self):
        network = self.cluster.network
        network.set_cuts(network.cuts | self.pairs())

    async def heal(self):
        network = self.cluster.network
        self.silent_until = now()
        network.set_cuts(network.cuts - self.pairs())

    def others(self):
        return [node for node in self.cluster.nodes if node not in self.victims]


class Minority(Cut):
    """two of five are cut off, both ways"""

    count = 2

    def choose(self):
        self.victims = self.random.sample(self.cluster.founders, self.count)

    def pairs(self):
        return both_ways(self.victims, self.others())


class Isolated(Minority):
    """one is cut off, both ways"""

    count = 1


class Deaf(Isolated):
    """one sends and does not receive"""

    # The others hear it renew: they evict it two leases after it last said what it heard.
    seconds = (9.5, 10.5)

    def pairs(self):
        return one_way(self.others(), self.victims)


class Mute(Isolated):
    """one receives and does not send"""

    def pairs(self):
        return one_way(self.victims, self.others())


class ThreeParts(Cut):
    """a cut into 2, 2 and 1: no majority"""

    stands_still = True
    is_taken_over = False

    def choose(self):
        self.victims = self.random.sample(self.cluster.founders, 5)

    def pairs(self):
        parts = [self.victims[:2], self.victims[2:4], self.victims[4:] + self.cluster.spares]
        return {
            pair for one in parts for other in parts if one is not other
            for pair in one_way(one, other)
        }


class PairCut(Cut):
    """two do not reach each other, but all others"""

    is_taken_over = False

    def choose(self):
        self.victims = self.random.sample(self.cluster.founders, 2)

    def pairs(self):
        return both_ways(self.victims[:1], self.victims[1:])

    def silent(self):
        return []


class Flapping(Isolated):
    """one is cut off again and again, for 0.3 s of each second"""

    is_taken_over = False

    def silent(self):
        return []

    async def begin(self):
        self.is_over = False
        self.task = asyncio.ensure_future(self._flap())

    async def heal(self):
        self.is_over = True
        await self.task

    async def _flap(self):
        while not self.is_over:
            await super().begin()
            await asyncio.sleep(0.3)
            await super().heal()
            await asyncio.sleep(0.7)


class PauseInMinority(Minority):
    """one is cut off and paused, and wakes while it is cut off"""

    count = 1

    async def begin(self):
        self.victims[0].pause()
        await super().begin()

    async def heal(self):
        self.victims[0].resume()
        await asyncio.sleep(1.5)
        await super().heal()


class KillInMajority(Minority):
    """one is cut off, and one of the others is killed"""

    count = 2

    def silent(self):
        return self.victims[:1]

    def pairs(self):
        return both_ways(self.victims[:1], self.others())

    async def begin(self):
        await super().begin()
        self.victims[1].kill()

    async def heal(self):
        await super().heal()
        self.victims[1].start()


async def has_left(node, seconds):
    """True when the process ends within this time."""
    deadline = now() + seconds
    while not node.has_left():
        if now() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def one_way(senders, receivers):
    return {(one.number, other.number) for one in senders for other in receivers}


def both_ways(ones, others):
    return one_way(ones, others) | one_way(others, ones)


PLANNED = [Join, JoinTwo, Leave, Reweigh]
CRASHES = [
    Minority, Kill, Pause, ThreeParts, Deaf, Mute, KillMajority, Isolated, KillTwo, PauseInMinority,
    QuickRestart, KillInMajority, PairCut, Flapping, ShortPause,
    Clone,
]
SHORT = [Leave, Minority, Kill, Pause]
