"""The real program: a server on a free port of this machine, and a mother's phone in a scratch folder."""

import json
import os
import secrets
import socket
import subprocess
import urllib.request

from .client import wait_until
from .keys import Keys


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, program, folder):
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [program, "serve", "--listen", self.url[7:], "--data", str(folder / "server")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"AYUMI_HOME": str(folder / "none")},
        )
        wait_until(self.is_ready)

    def keys(self):
        """Its keys, as only its operator has them."""
        now = (self.folder / "server-keys" / "server.key").read_text().split()[0]
        return Keys(bytes.fromhex(now))

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError("the server ended")
        try:
            return urllib.request.urlopen(self.url + "/readyz", timeout=5).status == 200
        except OSError:
            return False

    def end(self):
        self.process.terminate()
        self.process.wait()


class Phone:
    def __init__(self, program, home, carer):
        self.program = program
        self.env = os.environ | {"AYUMI_HOME": str(home), "AYUMI_KEY": secrets.token_hex(32)}
        self("init", "--carer", carer)

    def run(self, *args):
        return subprocess.run([self.program, "--json", *map(str, args)], env=self.env, capture_output=True, text=True)

    def __call__(self, *args):
        ran = self.run(*args)
        if ran.returncode:
            raise RuntimeError(f"ayumi {' '.join(map(str, args))}: {ran.stderr.strip()}")
        return json.loads(ran.stdout) if ran.stdout.strip() else None
