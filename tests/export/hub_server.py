"""A stand-in for the Hugging Face hub: the few requests by which huggingface_hub uploads and downloads a model."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hf_of_the_tests"


class Hub(ThreadingHTTPServer):
    """The server. ``models`` has the files of each model, and ``private`` the names of models made private."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models: dict[str, dict[str, bytes]] = {}
        self.private: set[str] = set()
        self.requests: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running() -> Iterator[Hub]:
    """Serve until the end of the block."""
    with Hub() as hub:
        thread = threading.Thread(target=hub.serve_forever)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, content: object = None, status: int = 200, **headers: str) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def refuse(self, status: int, code: str = "") -> None:
        self.answer({"error": code}, status, **({"X_Error_Code": code} if code else {}))

    def do_POST(self) -> None:
        body, path = self.read(), self.path.partition("?")[0]
        self.server.requests.append(f"POST {path}")
        if path == "/api/validate-yaml":
            return self.answer({"errors": [], "warnings": []})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.refuse(401)
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/preupload/main", path):
            files = [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in json.loads(body)["files"]
            ]
            return self.answer({"files": files})
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/commit/main", path):
            return self.commit(match[1], body)
        return self.refuse(404)

    def create(self, request: dict) -> None:
        owner = request.get("organization", "owner")
        name = f"{owner}/{request['name']}"
        if owner != "owner":
            return self.refuse(403)
        if name not in self.server.models:
            self.server.models[name] = {".gitattributes": b""}
            if request.get("private") or request.get("visibility") == "private":
                self.server.private.add(name)
        return self.answer({"url": f"{self.server.address}/{name}", "name": name})

    def commit(self, name: str, body: bytes) -> None:
        files = self.server.models[name]
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "deletedFile":
                del files[line["value"]["path"]]
        sha = self.sha(name)
        self.answer({"commitUrl": f"{self.server.address}/{name}/commit/{sha}", "commitOid": sha})

    def sha(self, name: str) -> str:
        """The name of the last commit, a hash of all files."""
        names = [f"{path} {hashlib.sha1(content).hexdigest()}" for path, content in self.server.models[name].items()]
        return hashlib.sha1("\n".join(sorted(names)).encode()).hexdigest()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.requests.append(f"{self.command} {path}")
        name = re.match(r"(?:/api/models)?/([^/]+/[^/]+)", path)
        if not name or name[1] not in self.server.models:
            return self.refuse(404, "RepoNotFound")
        files, sha = self.server.models[name[1]], self.sha(name[1])
        if match := re.fullmatch(r"/[^/]+/[^/]+/resolve/\w+/(.+)", path):
            etag = hashlib.sha1(files[match[1]]).hexdigest()
            return self.answer(files[match[1]], X_Repo_Commit=sha, ETag=f'"{etag}"')
        if "/tree/" in path:
            entries = [
                {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                for path, content in files.items()
            ]
            return self.answer(entries)
        return self.answer({"id": name[1], "sha": sha, "siblings": [{"rfilename": path} for path in files]})

    do_HEAD = do_GET
