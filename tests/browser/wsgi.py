"""The same under WSGI: ``python -m tests.browser.wsgi --fd N`` serves on a listening socket."""

from __future__ import annotations

import socket
import sys
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application


class Server(ThreadingMixIn, WSGIServer):
    """A thread per request, as many WSGI servers do it."""

    daemon_threads = True

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(listening.getsockname(), WSGIRequestHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        host, self.server_port = listening.getsockname()[:2]
        self.server_name = host
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves is no error."""


if __name__ == "__main__":
    with Server(socket.socket(fileno=int(sys.argv[2]))) as server:
        server.set_app(get_wsgi_application())
        server.serve_forever()
