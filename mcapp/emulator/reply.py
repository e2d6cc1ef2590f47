"""ManyChat's answers. The wording is ManyChat's; what is not recorded anywhere is marked as a guess."""

import json
from typing import Any

from mcapp.net.server import Reply

# An unknown path is answered with a web page of 38 kB.
_PAGE_SIZE = 38_000


def _json(status: int, content: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def success(data: object = None, *, bare: bool = False) -> Reply:
    """200; `bare` is the answer of the calls that only do something."""
    return _json(200, {"status": "success"} if bare else {"status": "success", "data": data})


def error(status: int, message: str) -> Reply:
    """An error without details."""
    return _json(status, {"status": "error", "message": message})


def coded(message: str, code: int) -> Reply:
    """A business error that has a number."""
    return _json(400, {"status": "error", "message": message, "code": code})


def invalid(*messages: str) -> Reply:
    """Missing or bad fields, or something that the look-up did not find: the headline is the same for both."""
    details = {"messages": [{"message": message} for message in messages]}
    return _json(400, {"status": "error", "message": "Validation error", "details": details})


NO_KEY = error(401, "Token is required")
UNKNOWN_KEY = error(401, "Wrong token")
MALFORMED_KEY = error(401, "Wrong format token")  # its status is a guess
OUT_OF_SCOPE = error(401, "Wrong access token")
UNINSTALLED = _json(500, {"status": "exception", "message": "Something went wrong"})


def page(status: int, title: str, size: int = 0) -> Reply:
    """A web page instead of an answer, padded to `size` bytes."""
    head = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1>\n"
    body = head.ljust(size - 15) + "</body></html>\n"
    return Reply(status, body.encode(), (("Content-Type", "text/html; charset=UTF-8"),))


NOT_FOUND = page(404, "Page not found", _PAGE_SIZE)
