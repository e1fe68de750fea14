"""Hooks for schemathesis: give the calls ids that exist, so that they get beyond 404.

Generated ids are valid UUIDs that nobody owns. Before a call most of them are replaced by those of uploads and fits that
the runner made (FUZZ_TARGETS). An id of another form is left as it is: there the answer to a wrong id is what is tested.
"""

import json
import os
import re
import uuid
import zlib

import requests
import schemathesis

TARGETS = json.loads(os.environ["FUZZ_TARGETS"])
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# Where generated bodies mostly contradict themselves, some of the fields that nobody has to send are left out.
PLAIN = {"fit", "submitFitJob", "predict", "v1Fit", "v1Predict", "containerPredict", "containerInvocations"}
OPTIONAL = {
    "balance_probabilities",
    "categorical_features_indices",
    "inference_config",
    "model_path",
    "tabpfn_systems",
    "thinking_config",
    "thinking_effort",
    "thinking_effort_metric",
    "thinking_metric",
    "thinking_timeout_s",
}


class TokenAuth:
    """Calls that take away what others need are made with the token of an account that is there for that."""

    def get(self, case, context):
        return TARGETS["spareTokens"].get(operation_of(case), TARGETS["token"])

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


if os.environ["FUZZ_WITH_TOKEN"] == "yes":
    schemathesis.auth(refresh_interval=None)(TokenAuth)


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


def make_plain(body, task):
    """A body that is likely to be accepted: of this task, in one form only, without the rarer settings."""
    if not isinstance(body, dict):
        return
    leave_out(body, OPTIONAL)
    for part in (body, body.get("task_config"), body.get("data"), body.get("request", {}).get("task_config")):
        if isinstance(part, dict) and "task" in part:
            part["task"] = task
    if body.get("task_config") and "train_set_upload_id" in body:
        body.pop("task", None)
        body.pop("tabpfn_config", None)


def prepared_upload():
    """A new upload of nothing yet: its id and the URL of its first part."""
    body = {"x_train_info": {"format": "csv"}, "y_train_info": {"format": "csv"}}
    headers = {"Authorization": f"Bearer {TARGETS['token']}"}
    url = f"{TARGETS['url']}/tabpfn/prepare_train_set_upload"
    answer = requests.post(url, json=body, headers=headers, timeout=30).json()
    return answer["train_set_upload_id"], answer["x_train_info"]["signed_urls"][0]


def signed_part():
    """Path and query of a new upload URL, so that the bytes of the case are really stored."""
    path, _, query = prepared_upload()[1].partition("?")
    upload, file, part = path.rsplit("/", 3)[1:]
    names = dict(pair.split("=", 1) for pair in query.split("&"))
    return {"uploadId": upload, "file": file, "part": part}, names


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = operation_of(case)
    number = choice(case, 10 * len(TARGETS["sets"]))
    if number % 10 == 0:
        return  # Unknown ids are part of the game.
    path_parameters = case.path_parameters or {}
    query = case.query or {}
    if operation == "putUploadPart" and is_id(path_parameters.get("uploadId")):
        case.path_parameters, case.query = signed_part()
        return
    if operation == "deleteDataset" and is_id(query.get("dataset_uid")):
        query["dataset_uid"] = prepared_upload()[0]
        return
    target = TARGETS["sets"][number // 10]
    replace_ids([case.body, query, path_parameters], target["ids"])
    if operation in PLAIN and number % 3 > 0 and case.meta and case.meta.generation.mode.is_positive:
        make_plain(case.body, target["task"])
