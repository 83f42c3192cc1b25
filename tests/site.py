"""A web server on loopback whose every byte a test decides."""

import socket
import ssl
import threading
import time


class Site:
    """A web server whose every byte a test decides: ``pages`` maps a path to the bytes of a whole response, to a
    function of the request's headers that returns them, or to pieces with pauses. ``asked`` is what came in."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.pages: dict[str, object] = {"/robots.txt": answer(b"", status="404 Not Found")}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.at: list[float] = []
        self.connections = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(5)
                connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
                head = b""
                while b"\r\n\r\n" not in head and (data := connection.recv(65_536)):
                    head += data
                    if head.startswith(b"\x16"):  # a TLS handshake, which this server does not understand
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                        return
                if not head:
                    return
                first, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                path = first.split()[1]
                self.at.append(time.monotonic())
                self.asked.append((headers.get("host", ""), path, headers))
                page = self.pages.get(path, answer(b"", status="404 Not Found"))
                page = page(headers) if callable(page) else page
                for piece in [page] if isinstance(page, bytes) else page:
                    if isinstance(piece, float):
                        time.sleep(piece)
                    else:
                        connection.sendall(piece)
            except OSError:
                pass
            finally:
                connection.close()

    @property
    def paths(self) -> list[str]:
        """The paths asked for, robots.txt apart."""
        return [path for _, path, _ in self.asked if path != "/robots.txt"]


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole HTTP response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
