"""Random connections of a client: good, odd and broken WebSocket frames."""

import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

TEXTS = ["", "a", "\u00e9\u20ac\U0001f426", "\ufeff\ufffe\U0010ffff", "x" * 125, "y" * 126]
BAD_TEXTS = [
    b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x90", b"\xff", b"ok\xfe",
    b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf",
    b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
]
CODES = [
    0, 1, 999, *range(1000, 1017), 1100, 1999, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65535,
]


class Frames:
    """Builds the bytes of one connection."""

    def __init__(self, random):
        self.random = random
        self.data = bytearray()

    def add(
        self, opcode, payload=b"", final=True, reserved=0, masked=True, form=None, length=None
    ):
        """`form` is 7, 16 or 64, for a longer form than is needed; `length` is another."""
        count = len(payload) if length is None else length
        first = (0x80 if final else 0) | reserved << 4 | opcode
        mask = 0x80 if masked else 0
        if form is None:
            form = 7 if count < 126 else 16 if count < 65536 else 64
        if form == 7:
            self.data += bytes([first, mask | count])
        elif form == 16:
            self.data += bytes([first, mask | 126]) + struct.pack("!H", count)
        else:
            self.data += bytes([first, mask | 127]) + struct.pack("!Q", count)
        if masked:
            key = self.random.randbytes(4)
            self.data += key
            payload = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
        self.data += payload

    def control(self):
        payload = self.random.randbytes(self.random.choice([0, 1, 4, 124, 125]))
        self.add(self.random.choice([PING, PONG]), payload)

    def message(self):
        """Whole or in fragments, with control frames between them, cut inside of characters too."""
        if self.random.random() < 0.5:
            opcode, payload = TEXT, self.random.choice(TEXTS).encode()
        else:
            length = self.random.choice([0, 1, 7, 125, 126, 127, 500])
            opcode, payload = BINARY, self.random.randbytes(length)
        count = self.random.choice([1, 1, 1, 2, 3, 6])
        places = sorted(self.random.randint(0, len(payload)) for _ in range(count - 1))
        for index, (start, end) in enumerate(zip([0] + places, places + [len(payload)])):
            self.add(opcode if index == 0 else 0, payload[start:end], final=index == count - 1)
            if index < count - 1 and self.random.random() < 0.4:
                self.control()

    def close(self):
        any_code, own_code = self.random.randint(0, 65535), self.random.randint(3000, 4999)
        code = struct.pack("!H", self.random.choice([*CODES, any_code, own_code]))
        reason = self.random.choice(["", "bye", "\u20ac" * 41, "a" * 123]).encode()
        self.add(CLOSE, self.random.choice([b"", code, code + reason]))

    def oddity(self):
        """One thing that a client must not do."""
        random = self.random
        bad = random.choice(BAD_TEXTS)
        other = random.choice([TEXT, BINARY])
        control = random.choice([PING, PONG, CLOSE])
        much = random.choice([70_001, 1 << 32, 1 << 62, 1 << 63])
        size = random.choice([65_535, 65_536, 70_000, 70_001])
        random.choice([
            lambda: self.add(random.choice([other, PING]), b"x", reserved=random.randint(1, 7)),
            lambda: self.add(random.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), b"x"),
            lambda: self.add(random.choice([TEXT, BINARY, PING, CLOSE]), b"", masked=False),
            lambda: self.add(random.choice([BINARY, PING]), b"abc", form=random.choice([16, 64])),
            lambda: self.add(BINARY, bytes(200), form=64),
            lambda: self.add(control, b"\x03\xe8", final=False),
            lambda: self.add(control, bytes(126)),
            lambda: self.add(0, b"x", final=random.random() < 0.5),
            lambda: (self.add(TEXT, b"a", final=False), self.add(other, b"b")),
            lambda: self.add(TEXT, bad),
            lambda: self.add(TEXT, b"good" + bad + b"good"),
            lambda: (self.add(TEXT, bad, final=False), self.control(), self.add(0, b"")),
            lambda: (self.add(TEXT, b"good", final=False), self.add(0, bad)),
            lambda: self.add(CLOSE, random.randbytes(1)),
            lambda: self.add(CLOSE, b"\x03\xe8" + bad),
            lambda: self.add(BINARY, b"x", form=64, length=much),
            lambda: self.add(BINARY, bytes(size)),
            lambda: (self.add(BINARY, bytes(69_999), final=False), self.add(0, b"ab")),
        ])()


def stream(random):
    """The bytes of one connection."""
    frames = Frames(random)
    kind = random.choice(["good", "closing", "odd", "odd", "flipped", "garbage"])
    for _ in range(random.randint(0, 4)):
        random.choice([frames.message, frames.message, frames.control])()
    if kind == "closing":
        frames.close()
    elif kind == "odd":
        frames.oddity()
    elif kind == "flipped" and frames.data:
        for _ in range(random.randint(1, 3)):
            frames.data[random.randrange(len(frames.data))] ^= 1 << random.randrange(8)
    elif kind == "garbage":
        frames.data += random.randbytes(random.randint(1, 40))
    if random.random() < 0.5:
        random.choice([frames.message, frames.control, frames.close])()
    data = bytes(frames.data)
    return data[: random.randint(0, len(data))] if random.random() < 0.2 else data


def reads(random, data):
    """The same bytes cut into reads."""
    count = random.choice([0, 0, 1, 2, 5])
    places = sorted(random.randint(0, len(data)) for _ in range(count))
    return [data[start:end] for start, end in zip([0] + places, places + [len(data)])]
