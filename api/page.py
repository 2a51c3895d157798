"""The built page: files of web/dist, and its index for every address that is the page's own."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_WORKER = "/worker.js"
# A worker's own policy governs what it may fetch: the page's files, to keep them.
_WORKER_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_OURS = ("/api/", "/healthz", "/readyz", "/metrics")


class Page:
    """Answers what no route answers. Without a build, and below `/api/`, that is 404."""

    def __init__(self, folder: Path | None) -> None:
        built = folder is not None and (folder / "index.html").is_file()
        self._folder = folder if built else None
        self._files = StaticFiles(directory=folder) if built else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        response = await self._find(Request(scope))
        await response(scope, receive, send)

    async def _find(self, request: Request) -> Response:
        path = request.url.path
        if self._files is None or self._folder is None or path == "/api" or path.startswith(_OURS):
            raise HTTPException(404)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        try:
            response = await self._files.get_response(path.lstrip("/") or "index.html", request.scope)
        except HTTPException as error:
            if error.status_code != 404 or "text/html" not in request.headers.get("accept", ""):
                raise
            response = FileResponse(self._folder / "index.html")
        if path == _WORKER:
            response.headers["Content-Security-Policy"] = _WORKER_POLICY
        hashed = path.startswith("/assets/") and response.status_code == 200
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response
