"""What strangers do to the port of the clients."""

import asyncio
import os

from wire import READ_BYTES, Attack, Connection, exchange, half_open, upgraded

POST = b"POST /objects/Echo/attacked HTTP/1.1\r\nHost: node\r\n"
MIB = 1 << 20
BLOCK = bytes(READ_BYTES)
TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
RUBBISH = [
    b"\0" * 20_000,
    TLS_HELLO,
    b"GET / HTTP/1.1\nHost: node\n\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
#: Whole frames, each a violation of another rule of RFC 6455.
BAD_FRAMES = [
    b"\xf1\x80\0\0\0\0",  # reserved bits
    b"\x83\x80\0\0\0\0",  # reserved opcode
    b"\x81\x03abc",  # not masked
    b"\x09\x80\0\0\0\0",  # a control frame in fragments
    b"\x89\xfe\x01\0\0\0\0\0" + bytes(256),  # a control frame too long
    b"\x80\x80\0\0\0\0",  # a continuation of nothing
    b"\x81\xfe\0\x05\0\0\0\0abcde",  # a length that is not the shortest
    b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",  # a length out of range
    b"\x81\x82\0\0\0\0\xc3\x28",  # invalid text
    b"\x88\x82\0\0\0\0\x03\xec",  # a close code that may not be sent
    b"\x82\xff\0\0\0\0\x02\0\0\x01\0\0\0\0",  # 32 MiB and a byte announced
]
PING = b"\x89\x80\0\0\0\0"


async def rubbish(target):
    data = target.random.choice(RUBBISH + [os.urandom(target.random.randrange(1, 5_000))] * 8)
    return await exchange(target.client, data)


async def slow_head(target):
    async with Connection(target.client) as connection:
        return await connection.drip(b"GET / HTTP/1.1\r\nHost: node\r\n" + b"X-Slow: 1\r\n" * 20)


async def slow_body(target):
    async with Connection(target.client) as connection:
        await connection.send(POST + b"Content-Length: 1000000\r\n\r\n")
        return await connection.drip(bytes(1_000))


async def slow_message(target):
    """A message of 32 MiB: the first 4 at once, and then a byte each second.

    25 of them are more than the node leaves to malloc when it is free again.
    """
    async with Connection(target.client) as connection:
        if not await upgraded(connection, "/objects/Echo/slow"):
            return "refused"
        await connection.send(b"\x82\xff\0\0\0\0\x02\0\0\0\0\0\0\0")
        for _ in range(4 * MIB // READ_BYTES):
            await connection.send(BLOCK)
        return await connection.drip(bytes(1_000))


async def silent_websocket(target):
    """Answers no ping."""
    async with Connection(target.client) as connection:
        if not await upgraded(connection, "/objects/Echo/silent"):
            return "refused"
        return await connection.answer()


async def huge_head(target):
    return await exchange(target.client, b"GET / HTTP/1.1\r\nHost: node\r\nX: " + bytes(100_000))


async def many_fields(target):
    return await exchange(target.client, b"GET / HTTP/1.1\r\nHost: node\r\n" + b"X:1\r\n" * 500)


async def huge_body(target):
    return await exchange(target.client, POST + b"Content-Length: 33554433\r\n\r\n" + BLOCK)


async def whole_body(target):
    """16 MiB, which a node has to take, and whose answer nobody reads."""
    async with Connection(target.client) as connection:
        await connection.send(POST + f"Content-Length: {16 * MIB}\r\n\r\n".encode())
        for _ in range(16 * MIB // READ_BYTES):
            await connection.send(BLOCK)
        await asyncio.sleep(2)
        return "sent"


async def unread_echoes(target):
    """Has 8 MiB sent back in messages of 1 MiB, and reads none of it."""
    async with Connection(target.client) as connection:
        if not await upgraded(connection, "/objects/Echo/unread"):
            return "refused"
        connection.writer.transport.pause_reading()
        for _ in range(8):
            await connection.send(b"\x82\xff\0\0\0\0\0\x10\0\0\0\0\0\0")
            for _ in range(MIB // READ_BYTES):
                await connection.send(BLOCK)
        await asyncio.sleep(5)
        connection.writer.transport.resume_reading()
        return await connection.answer()


async def bad_frame(target):
    async with Connection(target.client) as connection:
        if not await upgraded(connection, "/objects/Echo/attacked"):
            return "refused"
        bad = target.random.choice(BAD_FRAMES + [os.urandom(300)])
        await connection.send(bad)
        return await connection.answer()


async def ping_flood(target):
    async with Connection(target.client) as connection:
        if not await upgraded(connection, "/objects/Echo/flooded"):
            return "refused"
        await connection.send(PING * 5_000)
        return await connection.answer()


async def hang_up(target):
    """Opens a WebSocket and resets the connection at once."""
    async with Connection(target.client) as connection:
        return "opened" if await upgraded(connection, "/objects/Echo/attacked") else "refused"


ATTACKS = [
    Attack("clients: rubbish", 40, rubbish),
    Attack("clients: silence", 10, lambda target: half_open(target.client)),
    Attack("clients: a head, byte by byte", 5, slow_head),
    Attack("clients: a body, byte by byte", 2, slow_body),
    Attack("clients: a message, byte by byte", 5, slow_message, at_once=25),
    Attack("clients: no answer to pings", 1, silent_websocket),
    Attack("clients: a head of 100 kB", 5, huge_head),
    Attack("clients: 500 fields", 5, many_fields),
    Attack("clients: a body above the limit", 5, huge_body),
    Attack("clients: a body of 16 MiB", 0.5, whole_body),
    Attack("clients: 8 MiB back, not read", 0.5, unread_echoes),
    Attack("clients: broken frames", 30, bad_frame),
    Attack("clients: 5,000 pings at once", 2, ping_flood),
    Attack("clients: open and hang up", 20, hang_up),
]
