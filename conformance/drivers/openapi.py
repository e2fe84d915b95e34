"""The control API as an OpenAPI 3.1 document, made from the operations themselves."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from conformance import __version__
from conformance.drivers.operations import OPERATIONS, Operation


def document() -> dict[str, Any]:
    """The whole contract."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "DUI control API",
            "version": __version__,
            "description": (
                "What a conformance run asks of a product. Implement what the product can do; an operation that "
                "is not offered answers 404 or 501. Listen on a test instance only."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8080/conformance/v1"}],
        "security": [{"token": []}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": paths,
    }


def _operation(operation: type[Operation]) -> dict[str, Any]:
    hints = typing.get_type_hints(operation)
    in_path = set(re.findall(r"{(\w+)}", operation.path))
    members = [f for f in fields(operation) if f.name not in in_path]
    doc = inspect.getdoc(operation) or ""
    made: dict[str, Any] = {
        "operationId": operation.name,
        "summary": doc.splitlines()[0],
        "description": doc,
        "parameters": [
            {"name": f.name, "in": "path", "required": True, "schema": _schema(hints[f.name])}
            for f in fields(operation)
            if f.name in in_path
        ],
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}},
            "202": {"description": "Accepted; the product is not idle until it is done."},
            "400": {"description": "Refused; the body holds an `error` sentence."},
            "401": {"description": "Wrong or missing token."},
            "501": {"description": "Not offered by this product."},
        },
    }
    if operation.method != "GET" and members:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(members, hints)}}}
    return made


def _body(members: list[Field[Any]], hints: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {f.name: _schema(hints[f.name]) for f in members},
        "required": [f.name for f in members if f.default is MISSING and f.default_factory is MISSING],
    }


def _schema(hint: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_schema(a) for a in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0])}
    simple = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return {"type": simple[hint]} if hint in simple else {"type": "object"}
