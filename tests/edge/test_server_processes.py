"""The server in processes of its own: ended by a signal, and where gevent has patched everything."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from contextlib import closing

PROGRAM = """
import sys
from mockserver.edge.server import Server
from mockserver.http.message import Reply
from tests.support.echo import Echo
server = Server(Echo(lambda request: Reply(200, (), b"ok")))
print(server.port, flush=True)
server.serve_forever()
print("ended")
"""


def test_a_program_that_serves_ends_cleanly_on_an_interrupt():
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        port = int(program.stdout.readline())
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
            client.request("GET", "/")
            assert client.getresponse().read() == b"ok"
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=30)
    assert (out, err, program.returncode) == ("ended\n", "", 0)


PATCHED = """
from gevent import monkey
monkey.patch_all()
import asyncio, gevent, urllib.request
from mockserver.edge.server import Server
from mockserver.http.message import Reply
from tests.support.echo import Echo
front = Echo(lambda request: Reply(200, (), b"ok"))
for _ in range(2):
    with Server(front) as server:
        answer = urllib.request.urlopen(server.url).read()
        print(answer, server.call(lambda: "called"), asyncio.run(asyncio.sleep(0, 5)))
    gevent.sleep(0)
"""


def test_in_a_process_that_gevent_patched_a_server_starts_answers_and_stops():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PATCHED], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("b'ok' called 5\n" * 2, "", 0)
