"""An echo that nobody attacks: what the honest clients see of it is what the machine does.

Takes any request for a WebSocket, and sends frames of the honest clients back. Prints its port, and
ends when its standard input does.
"""

import asyncio
import sys

from honest import PAYLOAD_BYTES

FRAME_BYTES = 6 + PAYLOAD_BYTES


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.is_open = False
        self.data = b""

    def data_received(self, data):
        self.data += data
        if not self.is_open:
            _, end, self.data = self.data.rpartition(b"\r\n\r\n")
            self.is_open = bool(end)
            self.transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        while len(self.data) >= FRAME_BYTES:  # The mask is zero.
            payload, self.data = self.data[6:FRAME_BYTES], self.data[FRAME_BYTES:]
            self.transport.write(b"\x81" + bytes([PAYLOAD_BYTES]) + payload)


async def main():
    is_over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), is_over.set)
    server = await loop.create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await is_over.wait()


if __name__ == "__main__":
    asyncio.run(main())
