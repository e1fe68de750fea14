"""Hooks for schemathesis: give the calls ids that exist, so that they get beyond 404.

Generated ids are valid UUIDs that nobody owns. Before a call most of them are replaced by those of uploads and fits that
the runner made (FUZZ_TARGETS). An id of another form is left as it is: there the answer to a wrong id is what is tested.
"""

import base64
import json
import os
import re
import uuid
import zlib

import requests
import schemathesis

TARGETS = json.loads(os.environ["FUZZ_TARGETS"])
UNKNOWN = "00000000-0000-4000-8000-000000000000"
# What all calls need; the slug of the project is found in answers too.
SHARED = {*TARGETS["studio"].values(), TARGETS["userId"], "fuzz"}
# Tokens of the accounts that made projects, by id and slug of the project.
MAKERS = {}
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


def call(method, path, body=None, token=None):
    """A call of our own, beside the generated ones, to make what they then use up."""
    headers = {"Authorization": f"Bearer {token or TARGETS['token']}"}
    answer = requests.request(method, TARGETS["url"] + path, json=body, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()


def prepared_upload():
    """A new upload of nothing yet: its id and the URL of its first part."""
    info = {"format": "csv"}
    answer = call("POST", "/tabpfn/prepare_train_set_upload", {"x_train_info": info, "y_train_info": info})
    return answer["train_set_upload_id"], answer["x_train_info"]["signed_urls"][0]


def sign_part(case):
    """Path and query of a new upload URL, so that the bytes of the case are really stored."""
    path, _, query = prepared_upload()[1].partition("?")
    upload, file, part = path.rsplit("/", 3)[1:]
    case.path_parameters = {"uploadId": upload, "file": file, "part": part}
    case.query = dict(pair.split("=", 1) for pair in query.split("&"))


def name_new_dataset(case):
    case.query["dataset_uid"] = prepared_upload()[0]


def name_new_user(case):
    case.path_parameters["userId"] = call("POST", "/admin/users", {"name": "to be removed"})["id"]


def name_new_token(case):
    case.path_parameters["tokenId"] = call("POST", "/auth/tokens", {"label": "to be revoked"})["id"]


def name_issued_token(case):
    """A token that was issued before, else a new one: an account may have a limited number of them."""
    own = TARGETS["spareTokens"]["createApiToken"]
    issued = [each["id"] for each in call("GET", "/api-tokens", token=own)["tokens"] if each["name"] != "first"]
    new = issued or [call("POST", "/api-tokens", {"name": "to be revoked"}, token=own)["id"]]
    case.path_parameters["tokenId"] = new[0]


def name_new_user_token(case):
    path = f"/admin/users/{TARGETS['userId']}/tokens"
    token = call("POST", path, {"label": "to be revoked"})["id"]
    case.path_parameters = {"userId": TARGETS["userId"], "tokenId": token}


def name_user(case):
    case.path_parameters["userId"] = TARGETS["userId"]


def reset_code():
    link = call("POST", f"/admin/users/{TARGETS['userId']}/reset_password")
    return link["reset_url"].partition("token=")[2]


def open_reset_link(case):
    case.query["token"] = reset_code()


def use_reset_link(case):
    case.body.update(token=reset_code(), password=TARGETS["password"], password_confirm=TARGETS["password"])


def know_password(case):
    case.body.update(grant_type="password", username=TARGETS["email"], password=TARGETS["password"])


def new_address():
    return f"{uuid.uuid4()}@example.org"


def be_new(case):
    case.body.update(email=new_address(), password=TARGETS["password"], password_confirm=TARGETS["password"])


def ask_for_new_address(case):
    case.query["email"] = new_address()


def in_project(case):
    """Everything of the project that is there for all calls."""
    for name in case.path_parameters:
        case.path_parameters[name] = TARGETS["studio"][name]


def new_name():
    return f"n-{uuid.uuid4()}"


def draft_in_project(case):
    """A draft that mostly clashes with no other: with a slug of its own."""
    in_project(case)
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        leave_out(case.body, {"id", "version", "extra"})
        case.body["slug"] = new_name()


def show_in_project(case):
    """Mostly the latest version, for there are few others."""
    in_project(case)
    if choice(case, 4) > 0 and case.query:
        case.query.pop("version", None)


def plain_patch(case):
    in_project(case)
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        case.body = {"description": new_name()}


def fork_in_project(case):
    in_project(case)
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        case.body = {"slug": new_name()}


def change_project(case):
    in_project(case)
    if isinstance(case.body, dict):
        case.body.pop("slug", None)


def new_project_slug(case):
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        case.body["slug"] = new_name()


def name_new_project(case):
    case.path_parameters["projectId"] = call("POST", "/projects", {"name": new_name()})["id"]


def name_new_draft(plural):
    def make(case):
        in_project(case)
        path = f"/projects/{TARGETS['studio']['projectId']}/{plural}"
        case.path_parameters[f"{plural[:-1]}Id"] = call("POST", path, {"name": new_name()})["id"]

    return make


def send_archive(case):
    """A whole archive, mostly; else bytes that are none."""
    if choice(case, 4) > 0:
        case.body = base64.b64decode(TARGETS["archive"])
        case.query = {"slug": new_name()}


def train_little(case):
    """A run of one small step: nobody waits for it, and a fuzzed one could take a week."""
    in_project(case)
    if isinstance(case.body, dict):
        case.body = {"prior": "coin-flip", "hyperparams": {"steps": 1, "batch_size": 1, "seed": choice(case, 9)}}


def name_spare_run(case):
    """A run that nobody needs: one that a call ordered before, else a new one. Waiting ones are limited in number."""
    in_project(case)
    path = f"/projects/{TARGETS['studio']['projectId']}/runs"
    runs = [run["id"] for run in call("GET", path)["runs"] if run["id"] != TARGETS["studio"]["runId"]]
    order = {"prior": "coin-flip", "hyperparams": {"steps": 1, "batch_size": 1}}
    case.path_parameters["runId"] = runs[choice(case, len(runs))] if len(runs) > 5 else call("POST", path, order)["id"]


def name_last_checkpoint(case):
    """The run of the project has one step."""
    step = case.path_parameters.pop("step")
    in_project(case)
    case.path_parameters["step"] = 1 if choice(case, 4) > 0 else step


def order_again(case):
    in_project(case)
    case.path_parameters["runId"] = TARGETS["studio"]["runId"]
    if isinstance(case.body, dict):
        case.body = {"hyperparams": {"steps": 1, "seed": choice(case, 9)}, "status": ("draft", "queued")[choice(case, 2)]}


def name_draft_run(case):
    in_project(case)
    path = f"/projects/{TARGETS['studio']['projectId']}/runs"
    order = {"prior": "coin-flip", "hyperparams": {"steps": 1, "batch_size": 1}, "status": "draft"}
    drafts = [run["id"] for run in call("GET", path + "?status=draft")["runs"]]
    case.path_parameters["runId"] = drafts[0] if drafts else call("POST", path, order)["id"]


HELD = []


def held_job():
    """A run that the runner has: the one of before while it has it, else a new one."""
    runner = TARGETS["spareTokens"]["nextJob"]
    for run in HELD:
        beat = requests.post(
            f"{TARGETS['url']}/runner/jobs/{run}/heartbeat",
            headers={"Authorization": f"Token {runner}"},
            timeout=60,
        )
        if beat.status_code == 200 and not beat.json()["cancel"]:
            return run
    HELD.clear()
    for _ in range(2):
        job = call("GET", "/runner/jobs/next?wait=0", token=runner)
        if job["status"] == "job":
            HELD.append(job["job"]["runId"])
            break
        order = {"prior": "coin-flip", "hyperparams": {"steps": 1}, "compute": {"target": "runner"}}
        call("POST", f"/projects/{TARGETS['runnerProjectId']}/runs", order)
    return HELD[0]


def name_held_job(case):
    case.path_parameters["runId"] = held_job()
    if case.query:
        case.query.pop("claim", None)


def end_held_job(case):
    name_held_job(case)
    if isinstance(case.body, dict) and choice(case, 2) == 0:
        case.body["status"] = "failed"


def ask_at_once(case):
    """An answer that is held for half a minute is no better than one that comes at once."""
    wait = (case.query or {}).get("wait", 25)
    if re.fullmatch(r"\d+(\.\d+)?", str(wait)) and float(wait) <= 25:
        case.query = {**(case.query or {}), "wait": 0}


def name_issued_runner(case):
    own = TARGETS["spareTokens"]["createRunner"]
    issued = [each["id"] for each in call("GET", "/runners", token=own)["runners"]]
    case.path_parameters["runnerId"] = (
        issued[0] if issued else call("POST", "/runners", {"name": new_name()}, token=own)["id"]
    )


def new_user():
    return call("POST", "/admin/users", {"name": "to be a member"})["id"]


def add_new_user(case):
    in_project(case)
    case.body["account"] = new_user()


def name_new_member(case):
    in_project(case)
    path = f"/projects/{TARGETS['studio']['projectId']}/members"
    case.path_parameters["accountId"] = new_user()
    call("POST", path, {"account": case.path_parameters["accountId"], "role": "viewer"})


def ask_for_uploaded_rows(case, target):
    """Generated files are no tables with the columns of the fit."""
    ids = {name: target["ids"][name] for name in ("model_id", "dataset_id")}
    case.body = {"data": {**ids, "task": target["task"]}}


def fit_given_rows(case):
    """Few tables, so that most fits are there already."""
    rows = [[i, i * i % 7] for i in range(12)]
    if choice(case, 4) > 0:
        case.body = {"task": "classification", "rows": rows, "y": ["a", "b"] * 6}


def ask_for_given_rows(case):
    """Rows of the columns of the fit, mostly."""
    target = TARGETS["sets"][choice(case, len(TARGETS["sets"]))]
    case.path_parameters["fittedTrainSetId"] = target["ids"]["fittedTrainSetId"]
    if choice(case, 4) > 0:
        case.body = {"rows": [[1.5, "a", 3], [None, "b", 4]]}


def ask_installed_model(case):
    """An installed model, mostly with tables that belong together."""
    case.path_parameters["model"] = TARGETS["model"]
    number = choice(case, 4)
    if number > 0:
        rows = [[i, i * i % 7] for i in range(12)]
        target = {"labels": [i % 2 for i in range(12)]} if number == 1 else {"y": [i * 0.5 for i in range(12)]}
        case.body = {"context": {"x": rows, **target}, "query": {"x": rows[:3]}}


def ask_brain(case):
    in_project(case)
    ask_about_flips(case)


def ask_about_flips(case):
    """The brain is one of coin flips."""
    if choice(case, 4) > 0:
        flips = [i % 3 % 2 for i in range(12)]
        case.body = {"context": {"x": [[i] for i in range(12)], "labels": flips}, "query": {"x": [[12], [13]]}}


def sample_small(case):
    """A prior that is there, mostly with an order that it understands."""
    case.path_parameters["priorId"] = "coin-flip"
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        case.body = {"count": 2, "seed": choice(case, 100)}


def open_share(case):
    case.path_parameters["token"] = TARGETS["studio"]["shareToken"]


def ask_shared_brain(case):
    open_share(case)
    ask_about_flips(case)


def make_share(case):
    """Mostly a link with an end that is still to come."""
    in_project(case)
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        case.body.pop("expires_at", None)


def name_new_share(case):
    ids = TARGETS["studio"]
    case.path_parameters.update(projectId=ids["projectId"], runId=ids["runId"])
    path = f"/projects/{ids['projectId']}/runs/{ids['runId']}/shares"
    live = [each for each in call("GET", path)["shares"] if each["revoked_at"] is None and each["label"] != "Fuzz"]
    if len(live) > 50:
        for each in live[:20]:
            call("DELETE", f"{path}/{each['id']}")
    case.path_parameters["shareId"] = call("POST", path, {"expires_in_days": 1})["id"]


# What calls are about that would otherwise find nothing, or take away what other calls need.
MAKE = {
    "addMember": add_new_user,
    "addWheel": in_project,
    "beatJob": name_held_job,
    "cancelRun": name_spare_run,
    "changeEval": plain_patch,
    "changeMember": in_project,
    "changeModel": plain_patch,
    "changePrior": plain_patch,
    "changeProject": change_project,
    "createEval": draft_in_project,
    "createModel": draft_in_project,
    "createPrior": draft_in_project,
    "createProject": new_project_slug,
    "createResetLink": name_user,
    "createRun": train_little,
    "createShare": make_share,
    "createUserToken": name_user,
    "deleteDataset": name_new_dataset,
    "deleteEval": name_new_draft("evals"),
    "deleteModel": name_new_draft("models"),
    "deletePrior": name_new_draft("priors"),
    "deleteProject": name_new_project,
    "deleteRun": name_spare_run,
    "duplicateRun": order_again,
    "endJob": end_held_job,
    "exportProject": in_project,
    "forkPrior": fork_in_project,
    "fitRows": fit_given_rows,
    "getCheckpoint": name_last_checkpoint,
    "getEval": show_in_project,
    "getJobBundle": name_held_job,
    "getModel": show_in_project,
    "getPrior": show_in_project,
    "getProject": in_project,
    "getRun": in_project,
    "handBackJob": name_held_job,
    "getSharedBrain": open_share,
    "importProject": send_archive,
    "listCheckpoints": in_project,
    "listEvals": in_project,
    "listMembers": in_project,
    "listModels": in_project,
    "listPriors": in_project,
    "listRunEvents": in_project,
    "listRuns": in_project,
    "listShares": in_project,
    "listUserTokens": name_user,
    "login": know_password,
    "predictRows": ask_for_given_rows,
    "predictWithModel": ask_installed_model,
    "predictWithRun": ask_brain,
    "predictWithShare": ask_shared_brain,
    "putUploadPart": sign_part,
    "register": be_new,
    "removeMember": name_new_member,
    "removeUser": name_new_user,
    "resetPassword": use_reset_link,
    "resetPasswordPage": open_reset_link,
    "putJobArtifact": name_held_job,
    "samplePrior": sample_small,
    "revokeApiToken": name_issued_token,
    "revokeRunner": name_issued_runner,
    "revokeShare": name_new_share,
    "revokeToken": name_new_token,
    "revokeUserToken": name_new_user_token,
    "submitRun": name_draft_run,
    "tellJobEvents": name_held_job,
    "validateEmail": ask_for_new_address,
}


@schemathesis.check
def refusals_name_fields(context, response, case):
    """Whoever sent something invalid learns which field it was."""
    if response.status_code == 422 and response.request.method != "HEAD":
        errors = response.json()["errors"]
        assert errors and all(error["field"] and error["message"] for error in errors), "no field is named"


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def spare_shared(case):
    """Ids may be found in earlier answers. One that all calls need is not given to a call that could take it away."""
    if case.operation.method.upper() == "GET":
        return
    for name, value in case.path_parameters.items():
        if value in SHARED:
            case.path_parameters[name] = UNKNOWN


def ask_as_maker(case):
    """What a spare account made is found by that account alone."""
    maker = MAKERS.get(case.path_parameters.get("projectId"))
    if maker and case.headers.get("Authorization") == f"Bearer {TARGETS['token']}":
        case.headers["Authorization"] = f"Bearer {maker}"


@schemathesis.hook
def after_call(context, case, response):
    operation = operation_of(case)
    if operation in ("createProject", "importProject") and response.status_code == 201:
        project = response.json()
        for name in ("id", "slug"):
            MAKERS[project[name]] = TARGETS["spareTokens"][operation]


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = operation_of(case)
    number = choice(case, 10 * len(TARGETS["sets"]))
    if operation == "nextJob":
        return ask_at_once(case)
    if operation in MAKE:
        # Of tokens issued at /api-tokens the calls know that they must be there.
        if is_positive(case) and (number % 10 > 0 or operation == "revokeApiToken"):
            MAKE[operation](case)
        else:
            spare_shared(case)
            ask_as_maker(case)
        return
    if number % 10 == 0:
        return  # Unknown ids are part of the game.
    target = TARGETS["sets"][number // 10]
    replace_ids([case.body, case.query, case.path_parameters], target["ids"])
    if operation == "v1Predict" and number % 5 == 1:
        ask_for_uploaded_rows(case, target)
    elif operation in PLAIN and number % 3 > 0 and is_positive(case):
        make_plain(case.body, target["task"])
