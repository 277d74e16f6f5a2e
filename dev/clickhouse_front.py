#!/usr/bin/env python3
"""A ClickHouse HTTP interface for tests: the real engine (chDB's libchdb.so) behind a small front. Usage: clickhouse_front.py CONFIG.json

What it speaks: GET /ping; GET and POST / with the statement in `query`, in the body, or begun in `query` with its data in the body; `database`,
`default_format`, `param_NAME` and settings as URL parameters; X-ClickHouse-{User,Key,Database,Format}, basic authorisation, gzip bodies both ways, LZ4 frames as the data
of an INSERT. Errors
carry the engine's own text, its code in X-ClickHouse-Exception-Code, and the status that a server answers with. One statement runs at a time.
What it does not: sessions, progress headers, LZ4 blocks (`compress`, `decompress`), quotas, users other than the one configured.
"""
import base64
import ctypes
import gzip
import hmac
import json
import os
import re
import signal
import sys
import tempfile
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

MAX_BODY = 256 * 1024 * 1024
VERSION_OF_WIRE = "Prometheus test front"
# Statuses as ClickHouse's HTTPHandler gives them: what is unknown is 404, what is malformed 400, who is not let in 403, the rest 500.
_STATUS = {516: 403, 192: 403, 194: 403, 497: 403, 60: 404, 81: 404, 46: 404, 47: 404, 16: 404, 62: 400, 6: 400, 26: 400, 27: 400, 36: 400, 41: 400, 53: 400,
           70: 400, 117: 400, 159: 408, 241: 500, 48: 501}
_RESERVED = {"query", "database", "default_format", "user", "password", "query_id", "session_id", "compress", "decompress", "enable_http_compression",
             "wait_end_of_query", "buffer_size", "http_compression_level"}


class EngineError(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Engine:
    """One connection to the library. Not safe for two threads at once: callers hold `lock`."""

    def __init__(self, library: str, data: str) -> None:
        lib = ctypes.CDLL(library)
        lib.chdb_connect.restype = ctypes.POINTER(ctypes.c_void_p)
        lib.chdb_connect.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
        lib.chdb_query_n.restype = ctypes.c_void_p
        lib.chdb_query_n.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
        for name, result in (("error", ctypes.c_char_p), ("buffer", ctypes.c_void_p), ("length", ctypes.c_size_t), ("rows_read", ctypes.c_uint64),
                             ("bytes_read", ctypes.c_uint64), ("rows_written", ctypes.c_uint64)):
            function = getattr(lib, f"chdb_result_{name}")
            function.restype, function.argtypes = result, [ctypes.c_void_p]
        lib.chdb_destroy_query_result.argtypes = [ctypes.c_void_p]
        lib.chdb_close_conn.argtypes = [ctypes.POINTER(ctypes.c_void_p)]
        arguments = (ctypes.c_char_p * 2)(b"clickhouse", f"--path={data}".encode())
        self.lib, self.connection, self.lock = lib, lib.chdb_connect(2, arguments), threading.Lock()
        if not self.connection:
            raise SystemExit("clickhouse_front: the engine gave no connection")

    def run(self, statement: bytes, output: bytes) -> tuple[bytes, dict[str, str]]:
        result = self.lib.chdb_query_n(self.connection[0], statement, len(statement), output, len(output))
        if not result:
            raise EngineError(1001, "Code: 1001. DB::Exception: the engine gave no result")
        try:
            error = self.lib.chdb_result_error(result)
            if error:
                text = error.decode(errors="replace")
                code = re.search(r"Code: (\d+)", text)
                raise EngineError(int(code.group(1)) if code else 1001, text)
            length = self.lib.chdb_result_length(result)
            body = ctypes.string_at(self.lib.chdb_result_buffer(result), length) if length else b""
            names = ("rows_read", "bytes_read", "rows_written")
            return body, {name: str(getattr(self.lib, f"chdb_result_{name}")(result)) for name in names}
        finally:
            self.lib.chdb_destroy_query_result(result)

    def close(self) -> None:
        self.lib.chdb_close_conn(self.connection)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as a server does: header and body leave in two writes, and the second would wait for the client's acknowledgement
    engine: Engine
    config: dict
    version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names it so)
        """Nothing: a line for each request would fill the folder; failures are in the answers."""

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        if "gzip" in self.headers.get("Accept-Encoding", "") and self.parameters().get("enable_http_compression") == "1":
            body, headers = gzip.compress(body, 1), headers | {"Content-Encoding": "gzip"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("X-ClickHouse-Server-Display-Name", VERSION_OF_WIRE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, code: int, text: str) -> None:
        self.answer(_STATUS.get(code, 500), text.rstrip().encode() + b"\n", {"X-ClickHouse-Exception-Code": str(code), "Content-Type": "text/plain; charset=UTF-8"})

    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            whole = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
                if len(whole) > MAX_BODY:
                    raise EngineError(307, "Code: 307. DB::Exception: body beyond the front's limit")
            self.rfile.readline()
        else:
            length = int(self.headers.get("Content-Length") or 0)
            if length > MAX_BODY:
                self.close_connection = True
                raise EngineError(307, "Code: 307. DB::Exception: body beyond the front's limit")
            whole = self.rfile.read(length)
            if len(whole) != length:
                self.close_connection = True
                raise EngineError(33, "Code: 33. DB::Exception: the body ended before its length")
        encoding = self.headers.get("Content-Encoding", "")
        if encoding not in ("", "gzip", "lz4"):
            raise EngineError(89, f"Code: 89. DB::Exception: Unknown Content-Encoding of HTTP request: {encoding}")
        return gzip.decompress(whole) if encoding == "gzip" else whole

    def let_in(self, parameters: dict[str, str]) -> bool:
        user, key = self.headers.get("X-ClickHouse-User") or parameters.get("user"), self.headers.get("X-ClickHouse-Key") or parameters.get("password", "")
        basic = self.headers.get("Authorization", "")
        if user is None and basic.startswith("Basic "):
            user, _, key = base64.b64decode(basic[6:]).decode(errors="replace").partition(":")
        return hmac.compare_digest(user or "default", self.config["user"]) and hmac.compare_digest(key.encode(), self.config["password"].encode())

    def serve(self, body: bytes) -> None:
        parameters = self.parameters()
        if not self.let_in(parameters):
            user = self.headers.get("X-ClickHouse-User") or parameters.get("user") or "default"
            raise EngineError(516, f"Code: 516. DB::Exception: {user}: Authentication failed: password is incorrect, or there is no user with such name. "
                                   f"(AUTHENTICATION_FAILED) (version {self.version})")
        query = parameters.get("query", "").encode()
        statement = query + b"\n" + body if query and body else query or body
        if not statement.strip():
            raise EngineError(62, f"Code: 62. DB::Exception: Syntax error: failed at position 1 (end of query): empty query. (SYNTAX_ERROR) (version {self.version})")
        if self.command == "GET" and re.match(rb"\s*(insert|create|drop|alter|truncate|rename|optimize)\b", statement, re.I):
            raise EngineError(164, "Code: 164. DB::Exception: Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. (READONLY)")
        output = self.headers.get("X-ClickHouse-Format") or parameters.get("default_format") or "TabSeparated"
        settings = {name: value for name, value in parameters.items() if name not in _RESERVED and re.fullmatch(r"\w+", name)}
        database = self.headers.get("X-ClickHouse-Database") or parameters.get("database") or self.config["database"]
        with self.engine.lock:
            self.engine.run(f"USE `{database.replace('`', '')}`".encode(), b"Null")
            try:
                for name, value in settings.items():
                    self.engine.run(f"SET {name} = {quoted(value)}".encode(), b"Null")
                result, counts = self.run_with_data(query, body, output.encode()) if query and body else self.engine.run(statement, output.encode())
            finally:
                # A request's settings end with it, as on a server without a session.
                for name in settings:
                    if not name.startswith("param_"):
                        self.forget(name)
        self.answer(200, result, {"Content-Type": "text/plain; charset=UTF-8", "X-ClickHouse-Format": output, "X-ClickHouse-Query-Id":
                                  parameters.get("query_id", str(uuid.uuid4())), "X-ClickHouse-Summary": json.dumps(counts)})

    def run_with_data(self, query: bytes, body: bytes, output: bytes) -> tuple[bytes, dict[str, str]]:
        """The library ends data behind a statement at its first empty line, which binary rows contain; a file is taken whole, as a server takes a body."""
        begun = re.fullmatch(rb"(\s*insert\s.*?)\sformat\s+(\w+)\s*", query, re.I | re.S)
        if not begun:
            return self.engine.run(query + b"\n" + body, output)
        with tempfile.NamedTemporaryFile(dir=Path(self.config["data"]).parent, suffix=".rows") as file:  # beside the data: their disk may be full
            file.write(body)
            file.flush()
            lz4 = b" COMPRESSION 'lz4'" if self.headers.get("Content-Encoding") == "lz4" else b""  # unpacked by the engine, as a server does
            return self.engine.run(begun[1] + b" FROM INFILE " + quoted(file.name).encode() + lz4 + b" FORMAT " + begun[2], output)

    def forget(self, name: str) -> None:
        try:
            self.engine.run(f"SET {name} = DEFAULT".encode(), b"Null")
        except EngineError as error:
            if error.code != 115:  # a setting that does not exist: the statement has already failed for it
                raise

    def handle_one(self) -> None:
        try:
            body = self.body()  # read before anything is refused: what stays unread would be taken for the next request
            place = urlsplit(self.path).path
            if place == "/ping":
                self.answer(200, b"Ok.\n", {"Content-Type": "text/html; charset=UTF-8"})
            elif place != "/":
                self.answer(404, f"There is no handle {place}\n".encode(), {"Content-Type": "text/plain; charset=UTF-8"})
            else:
                self.serve(body)
        except EngineError as error:
            self.fail(error.code, error.text)

    do_GET = do_POST = handle_one  # noqa: N815  (names of the base class)


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    Path(config["data"]).mkdir(exist_ok=True)
    engine = Engine(config["library"], config["data"])
    engine.run(f"CREATE DATABASE IF NOT EXISTS `{config['database']}`".encode(), b"Null")
    Handler.engine, Handler.config = engine, config
    Handler.version = engine.run(b"SELECT version()", b"TabSeparated")[0].decode().strip()
    server = ThreadingHTTPServer(("127.0.0.1", config["port"]), Handler)
    server.daemon_threads = True

    def leave(*_: object) -> None:
        # The statement that runs ends first; then the process goes, parts in memory written by the engine.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    server.serve_forever(poll_interval=0.1)
    if engine.lock.acquire(timeout=4):
        engine.close()
    os._exit(0)


if __name__ == "__main__":
    main()
