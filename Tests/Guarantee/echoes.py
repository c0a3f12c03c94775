"""Clients that keep a WebSocket to an `Echo` and number what they say."""

import asyncio

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from nodes import CLIENTS
from records import SessionEvent, SessionLog, now

SESSIONS = 60
PERIOD_SECONDS = 0.3
OPEN_SECONDS = 5
DRAIN_SECONDS = 12


class Echoes:
    """All sessions of a run; one that is closed is followed by another one at the same node."""

    def __init__(self, cluster, sessions=SESSIONS):
        self.cluster = cluster
        self.sessions = sessions
        self.logs = []
        self.tasks = []
        self.is_over = False

    def start(self):
        for number in range(self.sessions):
            node = self.cluster.founders[number % len(self.cluster.founders)]
            self.tasks.append(asyncio.ensure_future(self._keep_talking(node, number)))

    async def stop(self):
        """Says nothing more, and waits for the answers to all that was said."""
        self.is_over = True
        done, late = await asyncio.wait(self.tasks, timeout=DRAIN_SECONDS + OPEN_SECONDS + 5)
        for task in late:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for task in done:
            task.result()

    def open_count(self):
        return sum(1 for log in self.logs if not log.is_closed)

    async def _keep_talking(self, node, number):
        turn = 0
        await asyncio.sleep(number % 20 * PERIOD_SECONDS / 20)
        while not self.is_over:
            if node.is_running:
                turn += 1
                await self._talk(node, f"echo-{number}", turn)
            await asyncio.sleep(0.5)

    async def _talk(self, node, name, turn):
        url = f"ws://{node.address}:{CLIENTS}/objects/Echo/{name}"
        try:
            socket = await connect(
                url, compression=None, ping_interval=None, open_timeout=OPEN_SECONDS,
                close_timeout=1,
            )
        except (OSError, asyncio.TimeoutError, EOFError, WebSocketException):
            return
        session = Session(socket, SessionLog(f"{name} turn {turn}", node.name))
        self.logs.append(session.log)
        await session.run(lambda: self.is_over)


class Session:
    """One WebSocket, and the log of it."""

    def __init__(self, socket, log, period=PERIOD_SECONDS):
        self.socket = socket
        self.log = log
        self.period = period
        self.sent = 0
        self.newest = 0

    async def run(self, is_over):
        """Talks until it is over and all is answered, or the socket is closed."""
        reader = asyncio.ensure_future(self._read())
        try:
            await self._write(reader, is_over)
            await self._drain(reader)
        except ConnectionClosed:
            await reader
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await self.socket.close()

    async def _write(self, reader, is_over):
        while not is_over() and not reader.done():
            self.sent += 1
            self._note("sent", self.sent)
            await self.socket.send(str(self.sent))
            await asyncio.sleep(self.period)

    async def _drain(self, reader):
        deadline = now() + DRAIN_SECONDS
        while self.newest < self.sent and not reader.done() and now() < deadline:
            await asyncio.sleep(0.02)

    async def _read(self):
        try:
            async for text in self.socket:
                self.newest = int(text)
                self._note("got", self.newest)
            self._note_close()
        except ConnectionClosed:
            self._note_close()

    def _note_close(self):
        close = self.socket.protocol.close_rcvd
        code, reason = (close.code, close.reason) if close else (None, "")
        self._note("closed", code, reason)

    def _note(self, what, number, reason=""):
        self.log.events.append(SessionEvent(now(), what, number, reason))
