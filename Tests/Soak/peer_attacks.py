"""What strangers do to the port of the peers."""

import os
import socket
import struct

from peer_bytes import AUTH, HELLO, Stranger, frame
from wire import Attack, Connection, exchange, half_open

WRONG_SECRET = b"a secret that is long enough, and wrong"
HEADER_BYTES = 16


async def rubbish(target):
    start = target.random.choice([b"", frame(HELLO, b"RKL\x01")])
    return await exchange(target.peer, start + os.urandom(target.random.randrange(1, 1_500)))


async def unknown_key(target):
    """A handshake with a key that the node has never heard of."""
    return await exchange(target.peer, frame(HELLO, Stranger(WRONG_SECRET).hello()))


async def silent_handshake(target):
    """A HELLO that was read between nodes, and nothing behind it."""
    async with Connection(target.peer) as connection:
        await challenged(connection, Stranger(target.secret).hello())
        return await connection.answer()


async def wrong_key(target):
    """A handshake that names the right key, and proves another one."""
    number = Stranger(target.secret).key_number
    return await handshake(target, Stranger(WRONG_SECRET), number)


async def replayed_handshake(target):
    """The HELLO and the proof that were right on another connection."""
    member = Stranger(target.secret)
    if "handshake" not in target.kept:
        async with Connection(target.peer) as connection:
            hello = member.hello()
            challenge = await challenged(connection, hello)
            target.kept["handshake"] = hello, member.auth(hello, challenge)
    hello, proof = target.kept["handshake"]
    async with Connection(target.peer) as connection:
        await challenged(connection, hello)
        await connection.send(frame(AUTH, proof))
        return await connection.answer()


async def handshake(target, stranger, number):
    async with Connection(target.peer) as connection:
        hello = stranger.hello(number)
        challenge = await challenged(connection, hello)
        await connection.send(frame(AUTH, stranger.auth(hello, challenge)))
        return await connection.answer()


async def challenged(connection, hello):
    await connection.send(frame(HELLO, hello))
    header = await connection.reader.readexactly(HEADER_BYTES)
    return await connection.reader.readexactly(struct.unpack_from("!I", header, 4)[0])


def datagrams(make):
    """An attack of ten datagrams."""

    async def attack(target):
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            for _ in range(10):
                sender.sendto(make(target), ("127.0.0.1", target.peer))
        return "sent"

    return attack


def garbage(target):
    start = target.random.choice([b"", b"RKG\x01", b"RKG\x01" + Stranger(b"").gossip_tag])
    return start + os.urandom(target.random.randrange(0, 1_400))


def forged(target):
    return target.kept.setdefault("forger", Stranger(WRONG_SECRET)).datagram()


def other_cluster(target):
    return Stranger(WRONG_SECRET, cluster=b"another").datagram()


def replayed(target):
    return target.kept.setdefault("datagram", Stranger(target.secret).datagram())


ATTACKS = [
    Attack("peers: rubbish", 20, rubbish),
    Attack("peers: silence", 60, lambda target: half_open(target.peer)),
    Attack("peers: a handshake and silence", 10, silent_handshake),
    Attack("peers: a handshake with no key", 10, unknown_key),
    Attack("peers: a handshake with a wrong key", 10, wrong_key),
    Attack("peers: a handshake again", 10, replayed_handshake),
    Attack("peers: 10 datagrams of rubbish", 50, datagrams(garbage)),
    Attack("peers: 10 datagrams, wrong key", 30, datagrams(forged)),
    Attack("peers: 10 of another cluster", 10, datagrams(other_cluster)),
    Attack("peers: 10 datagrams again", 30, datagrams(replayed)),
]
