"""Clients that ask many `Counter`s through every node, all the time, and write it down."""

import asyncio
import random

from websockets.exceptions import WebSocketException

from asks import Asker, Refused
from records import Attempt, now

NAMES = 40
POST_SECONDS = 0.6
MESSAGE_SECONDS = 1.2
# Requests of one name that wait at one node: new ones must go out while old ones hang, because
# only a request sent after another instance answered can show that this one still lives.
WAITING = 8
# How soon a name without an owner is asked for again.
AGAIN_SECONDS = 0.1

FAILURES = (OSError, asyncio.TimeoutError, EOFError, Refused, WebSocketException, ValueError)


class Counters:
    """All clients of counters, and the records of a run."""

    def __init__(self, cluster, names=NAMES, seed=0):
        self.cluster = cluster
        self.names = [f"name-{number}" for number in range(names)]
        self.askers = {node.name: Asker(node) for node in cluster.nodes}
        self.answers = []
        self.attempts = []
        # What went wrong, with the time and the edge.
        self.failures = []
        # When the newest request that was answered had been sent: by name and edge, and the
        # newest answer of each name.
        self.newest_sent = {}
        self.newest = {}
        self.random = random.Random(seed)
        self.tasks = []
        self.asking = set()

    def start(self):
        for index, node in enumerate(self.cluster.founders):
            for number, name in enumerate(self.names):
                is_http = (index + number) % 2 == 0
                work = self._keep_asking(node, name, is_http)
                self.tasks.append(asyncio.ensure_future(work))

    async def stop(self):
        """Ends all clients; what is still asked for stays unanswered."""
        for task in [*self.tasks, *self.asking]:
            task.cancel()
        await asyncio.gather(*self.tasks, *self.asking, return_exceptions=True)
        for asker in self.askers.values():
            asker.close()

    async def ask(self, node, name, is_http=True):
        """One increment; returns the answer, or None when there was none."""
        asker = self.askers[node.name]
        self.attempts.append(Attempt(name, now()))
        try:
            answer = await (asker.post(name) if is_http else asker.message(name))
        except FAILURES as error:
            self.failures.append((now(), node.name, described(error)))
            return None
        self.answers.append(answer)
        pair = (name, node.name)
        self.newest_sent[pair] = max(answer.sent, self.newest_sent.get(pair, 0.0))
        if name not in self.newest or self.newest[name].received <= answer.received:
            self.newest[name] = answer
        return answer

    async def first_from_others(self, name, edges, nodes, deadline):
        """The first answer by none of these nodes; None when the deadline comes first.

        Asks again and again without waiting, because an ask that has reached a paused owner hangs.
        """
        waiting, found = set(), None
        while found is None and now() < deadline:
            edge = self.random.choice(edges)
            waiting.add(asyncio.ensure_future(self.ask(edge, name)))
            done, waiting = await asyncio.wait(
                waiting, timeout=AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            answers = [task.result() for task in done if task.result() is not None]
            found = next((answer for answer in answers if answer.node not in nodes), None)
            await asyncio.sleep(0.005)
        for task in waiting:
            task.cancel()
        return found

    def owned_by(self, names_of_nodes):
        """The names that were last seen on one of these nodes."""
        return [name for name in self.names if self._owner(name) in names_of_nodes]

    def are_all_served_since(self, moment):
        """True when every name was asked after `moment` and answered, through every node."""
        edges = [node.name for node in self.cluster.founders if node.is_running]
        pairs = [(name, edge) for name in self.names for edge in edges]
        return all(self.newest_sent.get(pair, 0.0) > moment for pair in pairs)

    def _owner(self, name):
        return self.newest[name].node if name in self.newest else None

    async def _keep_asking(self, node, name, is_http):
        period = POST_SECONDS if is_http else MESSAGE_SECONDS
        own = set()
        await asyncio.sleep(self.random.uniform(0, period))
        while True:
            if node.is_running and len(own) < WAITING:
                task = asyncio.ensure_future(self.ask(node, name, is_http))
                for tasks in (own, self.asking):
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            await asyncio.sleep(self.random.uniform(0.8, 1.2) * period)


def described(error):
    """A failure in a word or two, to be counted."""
    if isinstance(error, Refused):
        return f"status {error}"
    return "no answer in time" if isinstance(error, asyncio.TimeoutError) else type(error).__name__
