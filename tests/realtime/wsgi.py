"""A host on WSGI, each request in a thread: ``python -m tests.realtime.wsgi <descriptor>``."""

from __future__ import annotations

import socket
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application


class Server(ThreadingMixIn, WSGIServer):
    """Listens on a socket that is open already."""

    daemon_threads = True

    def server_bind(self) -> None:
        self.socket.close()
        self.socket = socket.socket(fileno=int(sys.argv[1]))
        self.server_name, self.server_port = self.socket.getsockname()
        self.setup_environ()


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    server.serve_forever()
