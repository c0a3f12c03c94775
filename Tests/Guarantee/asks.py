"""One increment of a `Counter`, by HTTP or WebSocket, and what was answered."""

import asyncio
import json

from websockets.asyncio.client import connect

from nodes import CLIENTS
from records import Answer, now

# Longer than a lease: a request may be held while its object moves.
ASK_SECONDS = 5
IDLE_CONNECTIONS = 64


class Refused(Exception):
    """The node answered, with another status than 200."""


class Asker:
    """Asks through one node, and keeps connections to it."""

    def __init__(self, node):
        self.node = node
        self.idle = []

    async def post(self, name):
        """One POST; raises what went wrong, and then nobody knows whether it was counted."""
        sent = now()
        text = await asyncio.wait_for(self._exchange(f"/objects/Counter/{name}"), ASK_SECONDS)
        return reading(text, sent, self.node.name, "http")

    async def message(self, name):
        """One message of a new WebSocket.

        One only: after a crash a second answer may be that of the first message again, and then
        nobody could say when the message of an answer was sent.
        """
        url = f"ws://{self.node.address}:{CLIENTS}/objects/Counter/{name}"
        async with connect(
            url, compression=None, open_timeout=ASK_SECONDS, close_timeout=1, ping_interval=None
        ) as socket:
            sent = now()
            await socket.send("count")
            text = await asyncio.wait_for(socket.recv(), ASK_SECONDS)
            return reading(text, sent, self.node.name, "ws")

    def close(self):
        for _, writer in self.idle:
            writer.close()
        self.idle.clear()

    async def _exchange(self, path):
        stream = self.idle.pop() if self.idle else None
        reader, writer = stream or await asyncio.open_connection(self.node.address, CLIENTS)
        try:
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: rook\r\nContent-Length: 0\r\n\r\n".encode()
            )
            status, body = await read_response(reader)
        except BaseException:
            writer.close()
            raise
        if len(self.idle) < IDLE_CONNECTIONS:
            self.idle.append((reader, writer))
        else:
            writer.close()
        if status != 200:
            raise Refused(str(status))
        return body


async def read_response(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(fields["content-length"]))
    return int(head[0].split()[1]), body


def reading(text, sent, edge, way):
    received = now()
    value = json.loads(text)
    return Answer(
        value["name"], value["instance"], value["epoch"], value["node"], value["count"],
        sent, received, edge, way,
    )
