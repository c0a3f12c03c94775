"""What strangers do to the port of the operator."""

import os

from client_attacks import RUBBISH
from wire import Attack, Connection, exchange, half_open


def request(method, path, *fields, body=b""):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *fields, "Connection: close", "", ""]).encode() + body


NAMELESS = request("GET", "/cluster/status").replace(b"Host: 127.0.0.1", b"Host: evil.example")
REQUESTS = [
    request("GET", "/cluster/status"),
    request("GET", "/cluster/status", "Authorization: Bearer wrong"),
    request("POST", "/cluster/leave", "Authorization: Bearer wrong"),
    request("POST", "/cluster/leave", "Origin: https://evil.example"),
    request("POST", "/cluster/leave", "Sec-Fetch-Site: cross-site"),
    request("POST", "/cluster/weight", body=b'{"weight":0}'),
    request("POST", "/cluster/recover", body=b'{"members":["node-1"],"force":true}'),
    NAMELESS,
]


async def unauthorised(target):
    return await exchange(target.admin, target.random.choice(REQUESTS))


async def rubbish(target):
    data = target.random.choice(RUBBISH + [os.urandom(target.random.randrange(1, 5_000))] * 8)
    return await exchange(target.admin, data)


async def huge_body(target):
    return await exchange(target.admin, request("POST", "/cluster/weight", body=bytes(100_000)))


async def slow_head(target):
    async with Connection(target.admin) as connection:
        return await connection.drip(b"GET / HTTP/1.1\r\nHost: node\r\n" + b"X-Slow: 1\r\n" * 20)


ATTACKS = [
    Attack("admin: no token, wrong token, pages", 20, unauthorised),
    Attack("admin: rubbish", 10, rubbish),
    Attack("admin: a body of 100 kB", 5, huge_body),
    Attack("admin: silence", 5, lambda target: half_open(target.admin)),
    Attack("admin: a head, byte by byte", 2, slow_head),
]
