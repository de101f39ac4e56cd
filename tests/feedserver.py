"""A web server that serves feeds, good and bad, on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Handle = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Pages:
    """What the server serves, by path, and what it was asked."""

    url: str = ""
    handles: dict[str, Handle] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def put(self, path: str, content: str | bytes, **headers: str) -> str:
        """Serve a page; give its address."""
        body = content.encode() if isinstance(content, str) else content

        def handle(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        return self.on(path, handle)

    def on(self, path: str, handle: Handle) -> str:
        """Let a path be served by a function; give its address."""
        self.handles[path] = handle
        return self.url + path

    def redirect(self, path: str, target: str) -> str:
        """Send whoever asks for a path elsewhere."""

        def handle(request: BaseHTTPRequestHandler) -> None:
            request.send_response(302)
            request.send_header("Location", target)
            request.send_header("Content-Length", "0")
            request.end_headers()

        return self.on(path, handle)


@contextmanager
def serving() -> Iterator[Pages]:
    """Serve pages until the end of the block."""
    pages = Pages()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages.asked.append((self.path, dict(self.headers.items())))
            handle = pages.handles.get(self.path)
            try:
                if handle is None:
                    self.send_error(404)
                else:
                    handle(self)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the reader had enough

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    pages.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
