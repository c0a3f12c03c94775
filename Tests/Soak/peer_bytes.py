"""What a peer says, right and wrong, by docs/PROTOCOLS.md."""

import hashlib
import hmac
import os
import struct

CLUSTER = b"rookery"
HELLO, AUTH = 1, 3


def code(key, text):
    return hmac.digest(key, text, "sha256")


def digest(text):
    return hashlib.sha256(text).digest()


def address(port):
    return b"\x04" + bytes([127, 0, 0, 1]) + struct.pack("!H", port)


def frame(kind, payload):
    return struct.pack("!BBHIII", kind, 0, 0, len(payload), 0, 0) + payload


class Stranger:
    """A process that is no node, with a secret that may be the right one."""

    def __init__(self, secret, name=b"stranger", cluster=CLUSTER):
        cluster = digest(cluster)[:16]
        self.name = bytes([len(name)]) + name
        self.incarnation = struct.pack("!Q", 1)
        self.link_tag = digest(cluster)[:16]
        self.gossip_tag = digest(cluster)[:8]
        self.link_key = code(secret, b"link-auth-v1" + self.link_tag)
        self.gossip_key = code(secret, b"gossip-v1" + cluster)
        self.key_number = code(secret, b"keyid")[:4]
        self.sequence = 0

    def hello(self, key_number=None):
        """The payload of a HELLO for lane 0, which names this key."""
        return (
            b"RKL\x01" + bytes([1, 255]) + struct.pack("!I", 1) + self.link_tag + b"\0"
            + self.incarnation + self.name + address(1) + os.urandom(32)
            + b"\x01" + (key_number or self.key_number)
        )

    def auth(self, hello, challenge):
        """The payload of an AUTH: the proof for these two frames and no others."""
        return code(self.link_key, b"\x01" + digest(hello) + digest(challenge))

    def datagram(self):
        """A datagram of gossip without news, each with the next sequence number."""
        self.sequence += 1
        envelope = (
            b"RKG\x01" + self.gossip_tag + self.name + self.incarnation
            + struct.pack("!QB", self.sequence, 1) + b"\x05"
        )
        return envelope + code(self.gossip_key, envelope)[:16]
