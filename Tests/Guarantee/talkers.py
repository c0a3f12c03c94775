"""Clients that keep a conversation with one object, wherever they are connected."""

import asyncio
import json

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from nodes import CLIENTS
from records import now

# Messages of one client that are on their way at once.
WINDOW = 4
PERIOD_SECONDS = 0.01
ANSWER_SECONDS = 10
OPEN_SECONDS = 5
AGAIN_SECONDS = 0.1
REFUSALS = (OSError, asyncio.TimeoutError, EOFError, WebSocketException)


class Talker:
    """A client that says one number after the other, and goes on at another node when it is sent
    away: with the first number that was not answered.
    """

    def __init__(self, nodes, number):
        self.nodes = nodes
        self.number = number
        self.edge = nodes[number % len(nodes)]
        self.said = 0
        self.answered = 0
        # Numbers that were said again, because a node went before it had answered.
        self.repeated = 0
        # Of each end of a connection: when, at which edge, the code and the reason.
        self.closes = []
        self.complaints = []
        self.is_over = False

    @property
    def path(self):
        return f"/objects/{self.object_class}/upgrade-{self.number}"

    async def run(self):
        while not self.is_over:
            try:
                async with connect(
                    f"ws://{self.edge.address}:{CLIENTS}{self.path}", compression=None,
                    ping_interval=None, open_timeout=OPEN_SECONDS,
                ) as socket:
                    await self._talk(socket)
            except REFUSALS:
                await asyncio.sleep(AGAIN_SECONDS)
            if not self.is_over:
                self.edge = self.nodes[(self.nodes.index(self.edge) + 1) % len(self.nodes)]

    async def _talk(self, socket):
        self.repeated += self.said - self.answered
        self.began_again(self.said - self.answered)
        self.said = self.answered
        reader = asyncio.ensure_future(self._listen(socket))
        try:
            while not reader.done() and not (self.is_over and self.said == self.answered):
                if self.said - self.answered < WINDOW and not self.is_over:
                    self.said += 1
                    await socket.send(str(self.said))
                await asyncio.sleep(PERIOD_SECONDS)
        except ConnectionClosed:
            pass
        if self.is_over:
            await socket.close()
        await reader

    async def _listen(self, socket):
        try:
            while True:
                text = await asyncio.wait_for(socket.recv(), ANSWER_SECONDS)
                self.answered += 1
                wrong = self.wrong(text)
                if wrong:
                    self.complaints.append(f"{now():.3f}  {self.path} at {self.edge.name}: {wrong}")
        except asyncio.TimeoutError:
            self.complaints.append(f"{now():.3f}  {self.path}: {self.answered + 1} is lost")
        except ConnectionClosed as closed:
            if not self.is_over:
                close = closed.rcvd
                code, reason = (close.code, close.reason) if close else (1006, "")
                self.closes.append((now(), self.edge.name, code, reason))


class EchoTalker(Talker):
    """Its object says each number back."""

    object_class = "Echo"

    def began_again(self, unanswered):
        """There is nothing to note: it is answered by what it says."""

    def wrong(self, text):
        return f"{text} in place of {self.answered}" if text != str(self.answered) else None


class CounterTalker(Talker):
    """Its object counts what it is told, so that it is seen whether that is what was said."""

    object_class = "Counter"

    def __init__(self, nodes, number):
        super().__init__(nodes, number)
        self.instance = None
        self.former = set()
        self.count = 0
        # What was said again, and may have been counted before.
        self.doubtful = 0

    def began_again(self, unanswered):
        self.doubtful = unanswered

    def wrong(self, text):
        reading = json.loads(text)
        before, doubtful = self.count, self.doubtful
        self.count, self.doubtful = reading["count"], 0
        if reading["instance"] == self.instance:
            lowest = before + 1
        else:
            lowest = 1
            self.former.add(self.instance)
            self.instance = reading["instance"]
        if self.instance in self.former:
            return f"instance {self.instance} is there again"
        if not lowest <= self.count <= lowest + doubtful:
            return f"counts {self.count} after {before}, {doubtful} said again"
        return None
