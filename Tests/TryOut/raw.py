"""Bytes on a socket: for what no well-behaved client would send."""

import base64
import http.client
import os
import socket
import struct

#: Ports behind TLS, with what their certificate is checked by.
secure = {}

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0
SECONDS = 10


def connect(port):
    stream = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    if port in secure:
        return secure[port].wrap_socket(stream, server_hostname="localhost")
    return stream


def http_connection(port, timeout):
    """A connection of the standard library to a port that may be behind TLS."""
    if port in secure:
        return http.client.HTTPSConnection(
            "localhost", port, timeout=timeout, context=secure[port]
        )
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


def exchange(port, request):
    """Sends a request and returns all that comes until the node closes the connection."""
    with connect(port) as stream:
        stream.sendall(request)
        return read_to_end(stream)


def read_to_end(stream):
    """All that comes until the end, in good order or by a reset."""
    data = b""
    while True:
        try:
            piece = stream.recv(65_536)
        except ConnectionResetError:
            return data
        if not piece:
            return data
        data += piece


def reset(stream):
    """Ends a connection at once, without a FIN: what is queued is lost."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


class RawWebSocket:
    """A client that sends the frames it is told to, right or wrong."""

    def __init__(self, port, path="/objects/Echo/raw", headers=()):
        self.stream = connect(port)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket",
            "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
            *headers,
        ]
        self.stream.sendall("\r\n".join([*lines, "", ""]).encode())
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            self.data += self._receive()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        self.head = head.decode("latin-1")
        self.status = int(self.head.split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def send(self, opcode, payload=b"", fin=True, masked=True, reserved=0):
        self.stream.sendall(frame(opcode, payload, fin, masked, reserved))

    def receive(self):
        """The next frame: its opcode and payload."""
        opcode = self._take(1)[0] & 15
        length = self._take(1)[0]
        if length == 126:
            length = struct.unpack("!H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._take(8))[0]
        return opcode, self._take(length)

    def receive_close(self):
        """Skips to the Close frame and returns its code (1005 for none) and reason."""
        while True:
            opcode, payload = self.receive()
            if opcode == CLOSE:
                break
        if not payload:
            return 1005, ""
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    def wait_for_end(self):
        """Waits until the node ends the connection, whatever it still sends before."""
        read_to_end(self.stream)

    def _receive(self):
        piece = self.stream.recv(65_536)
        if not piece:
            raise ConnectionError("the node has closed the connection")
        return piece

    def _take(self, count):
        while len(self.data) < count:
            self.data += self._receive()
        taken, self.data = self.data[:count], self.data[count:]
        return taken


def frame(opcode, payload=b"", fin=True, masked=True, reserved=0):
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head = struct.pack("!BB", first, bit | len(payload))
    elif len(payload) < 65_536:
        head = struct.pack("!BBH", first, bit | 126, len(payload))
    else:
        head = struct.pack("!BBQ", first, bit | 127, len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def close_payload(code, reason=""):
    return struct.pack("!H", code) + reason.encode()
