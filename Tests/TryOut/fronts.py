"""Programs that end TLS in front of the nodes, each with the set-up of docs/SECURITY.md."""

import os
import shutil
import ssl
import subprocess
import tempfile

import raw
from cluster import Node, is_free
from report import until
from secure_client import SecureClient


class Front:
    """One program in front of all nodes of a cluster, until it is ended."""

    #: How it is called, and what the nodes must know of it.
    name = ""
    settings = ()
    #: Checks of what it does not pass on as it is.
    without = ()

    def __init__(self, cluster, folder):
        self.folder = folder
        self.certificate, self.key = certificate(folder)
        self.context = ssl.create_default_context(cafile=self.certificate)
        self.nodes = [SecureNode(node, self.context) for node in cluster.nodes]
        self.log = open(os.path.join(folder, f"{self.name}.log"), "w+", encoding="utf-8")
        path = os.path.join(folder, f"{self.name}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.configuration())
        self.process = subprocess.Popen(
            self.command(path),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder},
        )
        for node in self.nodes:
            until(lambda: self.listens(node), 30, f"{self.name} listens")

    def listens(self, node):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} has ended:\n{self.text()}")
        return not is_free(node.client)

    @classmethod
    def program(cls):
        return shutil.which(cls.name)

    def configuration(self):
        """What its file says, for all nodes."""
        raise NotImplementedError

    def command(self, path):
        raise NotImplementedError

    def text(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        for node in self.nodes:
            raw.secure.pop(node.client, None)


class Caddy(Front):
    """Speaks HTTP to the nodes, and says in X-Forwarded-For who the client is."""

    name = "caddy"
    settings = ("client.trusted_hops=1",)
    # A field that is for one connection, such as Upgrade without Connection, ends at a proxy. And
    # version 2.6 breaks off about every fiftieth answer that comes as soon as a long body was sent,
    # whoever gives it: its own end of the body is not read yet then.
    without = ("get_required", "bodies")

    def configuration(self):
        sites = [
            f"https://127.0.0.1:{node.client}, https://localhost:{node.client} {{\n"
            f"    tls {self.certificate} {self.key}\n"
            f"    reverse_proxy 127.0.0.1:{node.behind}\n"
            "}\n"
            for node in self.nodes
        ]
        return "{\n    admin off\n    auto_https off\n}\n" + "".join(sites)

    def command(self, path):
        return [self.program(), "run", "--adapter", "caddyfile", "--config", path]


class HAProxy(Front):
    """Passes bytes on, and says by the PROXY protocol, version 2, who the client is."""

    name = "haproxy"
    settings = ("client.proxy_protocol=true",)

    def configuration(self):
        both = os.path.join(self.folder, "both.pem")
        with open(both, "w", encoding="ascii") as file:
            for path in (self.certificate, self.key):
                with open(path, encoding="ascii") as part:
                    file.write(part.read())
        text = (
            "defaults\n    mode tcp\n    timeout connect 5s\n"
            "    timeout client 60s\n    timeout server 60s\n"
        )
        for node in self.nodes:
            text += (
                f"listen {node.name}\n"
                f"    bind 127.0.0.1:{node.client} ssl crt {both} alpn http/1.1\n"
                f"    server node 127.0.0.1:{node.behind} send-proxy-v2\n"
            )
        return text

    def command(self, path):
        return [self.program(), "-db", "-f", path]


class Stunnel(Front):
    """Passes bytes on, and says by the PROXY protocol, version 1, who the client is."""

    name = "stunnel"
    settings = ("client.proxy_protocol=true",)

    @classmethod
    def program(cls):
        return shutil.which("stunnel") or shutil.which("stunnel4")

    def configuration(self):
        text = f"foreground = yes\npid =\ncert = {self.certificate}\nkey = {self.key}\n"
        for node in self.nodes:
            text += (
                f"[{node.name}]\naccept = 127.0.0.1:{node.client}\n"
                f"connect = 127.0.0.1:{node.behind}\nprotocol = proxy\n"
            )
        return text

    def command(self, path):
        return [self.program(), path]


class SecureNode(Node):
    """A node as its clients see it behind such a program."""

    def __init__(self, node, context):
        # The fourth of the ranges that `free_base_port` has found free.
        port = node.admin + 1_000
        super().__init__(node.name, node.peer, port, node.admin)
        self.behind = node.client
        raw.secure[port] = context

    def join(self, path):
        return SecureClient(self.url(path), raw.secure[self.client])

    def url(self, path):
        return f"wss://localhost:{self.client}{path}"


class SecureCluster:
    """The nodes behind a front, for checks that ask a cluster for its nodes."""

    def __init__(self, front, cluster):
        self.nodes = front.nodes
        self.text = cluster.text


def certificate(folder):
    """A certificate for this machine that signs itself, and its key."""
    paths = [os.path.join(folder, name) for name in ("certificate.pem", "key.pem")]
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-out", paths[0], "-keyout", paths[1],
        ],
        check=True,
        capture_output=True,
    )
    return paths


def folder():
    return tempfile.TemporaryDirectory(prefix="rook-tls-")


ALL = [Caddy, HAProxy, Stunnel]
