"""A client for `wss://` that looks like that of `websockets.sync`.

That one reads and writes a TLS socket from two threads, which Python's `ssl` does not bear: now and
then a handshake or a Close is lost in the client. This one does both on one event loop.
"""

import asyncio
import concurrent.futures
import threading

from websockets.asyncio.client import connect

SECONDS = 30


class Loop:
    """One event loop on a thread of its own, for all clients."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, work, seconds=SECONDS):
        try:
            return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)
        except concurrent.futures.TimeoutError as error:
            raise TimeoutError("nothing came in time") from error


class SecureClient:
    """What the checks need of a client."""

    on = Loop()

    def __init__(self, url, context):
        self.connection = self.on.run(self._open(url, context))

    @staticmethod
    async def _open(url, context):
        return await connect(url, ssl=context, compression=None, max_size=None, open_timeout=10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def protocol(self):
        return self.connection.protocol

    @property
    def socket(self):
        return self

    def shutdown(self, _):
        """Is gone without a Close, as when a cable is pulled."""
        self.on.loop.call_soon_threadsafe(self.connection.transport.abort)

    def send(self, message):
        self.on.run(self.connection.send(message))

    def recv(self, timeout=SECONDS):
        return self.on.run(self.connection.recv(), timeout)

    def close(self, code=1000, reason=""):
        self.on.run(self.connection.close(code, reason))

    def ping(self, payload):
        return Pong(self.on, self.on.run(self.connection.ping(payload)))


class Pong:
    """The answer to a ping, to be waited for."""

    def __init__(self, on, waiter):
        self.on = on
        self.waiter = waiter

    def wait(self, seconds):
        async def answer():
            return await self.waiter

        self.on.run(answer(), seconds)
        return True
