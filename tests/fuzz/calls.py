"""What the makers of calls share: the targets that the runner made, and calls of our own beside the generated ones."""

import json
import os
import re
import uuid
import zlib

import requests

TARGETS = json.loads(os.environ["FUZZ_TARGETS"])
UNKNOWN = "00000000-0000-4000-8000-000000000000"
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


# What calls order by these names comes with the server; an artefact of the project would take its place.
GIVEN = ("coin-flip", "quick")


def operation_of(case):
    return case.operation.definition.raw.get("operationId")


def is_id(value):
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def choice(case, count):
    """A number below count that depends on the generated call alone, so that a seed gives the same run."""
    seen = json.dumps([case.path_parameters, case.query, case.body], default=str, sort_keys=True)
    return zlib.crc32(seen.encode()) % count


def replace_ids(container, ids):
    """Replace ids by name, at any depth."""
    if isinstance(container, list):
        for item in container:
            replace_ids(item, ids)
    if isinstance(container, dict):
        for key, value in container.items():
            if key in ids and is_id(value):
                container[key] = ids[key]
            else:
                replace_ids(value, ids)


def leave_out(container, names):
    """Take fields out, at any depth."""
    if isinstance(container, list):
        for item in container:
            leave_out(item, names)
    if isinstance(container, dict):
        for key in [key for key in container if key in names]:
            del container[key]
        for value in container.values():
            leave_out(value, names)


def call(method, path, body=None, token=None):
    """A call of our own, beside the generated ones, to make what they then use up."""
    return send(method, path, token, json=body)


def send(method, path, token=None, **content):
    """The same with any content."""
    headers = {"Authorization": f"Bearer {token or TARGETS['token']}"}
    answer = requests.request(method, TARGETS["url"] + path, headers=headers, timeout=60, **content)
    answer.raise_for_status()
    return answer.json()


def new_name():
    return f"n-{uuid.uuid4()}"


def in_project(case):
    """Everything of the project that is there for all calls."""
    for name in case.path_parameters:
        case.path_parameters[name] = TARGETS["studio"][name]


def keep_given_names(case):
    """Ids are found in earlier answers, those of what comes with the server as well."""
    for name in ("id", "slug"):
        if case.body.get(name) in GIVEN:
            case.body[name] = new_name()
