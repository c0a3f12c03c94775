"""What the attackers share: connections, and how a node answers an attack."""

import asyncio
import struct
from dataclasses import dataclass, field
from typing import Any, Callable

#: More than `ping.interval` and `ping.timeout`.
PATIENCE_SECONDS = 50
READ_BYTES = 65_536
UPGRADE = (
    "Host: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@dataclass
class Attack:
    """`make(target)` attacks once and returns how it ended; no more than `at_once` at a time."""

    name: str
    per_second: float
    make: Callable
    at_once: int = 150


@dataclass
class Target:
    """The node that is attacked."""

    client: int
    peer: int
    admin: int
    secret: bytes
    random: Any
    kept: dict = field(default_factory=dict)


class Connection:
    """A connection to one of the node's ports; it is reset at the end, as attackers do."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.writer.transport.abort()

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self):
        """How the node ends it: with a status or a close code, in silence, or not at all."""
        said = b""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while piece := await self.reader.read(READ_BYTES):
                    said = (said + piece)[-4 * READ_BYTES :]
        except ConnectionError:
            pass
        except TimeoutError:
            return "not closed"
        return described(said)

    async def drip(self, data, seconds=1.0):
        """Sends a byte at a time, until the node has enough of it or all is sent."""
        answer = asyncio.ensure_future(self.answer())
        try:
            for byte in data:
                await self.send(bytes([byte]))
                done, _ = await asyncio.wait([answer], timeout=seconds)
                if done:
                    break
            return await answer
        except ConnectionError:
            return await answer
        finally:
            answer.cancel()


async def exchange(port, data):
    """Sends this to a port; how the node ends the connection."""
    async with Connection(port) as connection:
        try:
            await connection.send(data)
        except ConnectionError:
            pass  # It may have said why before it closed.
        return await connection.answer()


async def half_open(port):
    """Says nothing until the node closes the connection."""
    async with Connection(port) as connection:
        return await connection.answer()


async def upgraded(connection, path):
    """Opens a WebSocket; False when the node refuses it."""
    await connection.send(f"GET {path} HTTP/1.1\r\n{UPGRADE}".encode())
    return b" 101 " in await connection.reader.readuntil(b"\r\n\r\n")


def described(said):
    if not said:
        return "closed in silence"
    if said.startswith(b"HTTP/1.1 "):
        return f"answered {said[9:12].decode('latin-1')}"
    # The last frame that a WebSocket gets is a Close, which is short.
    for at in range(max(0, len(said) - 127), len(said) - 3):
        if said[at] == 0x88 and said[at + 1] == len(said) - at - 2:
            return f"closed with {struct.unpack_from('!H', said, at + 2)[0]}"
    return "closed"
