"""Calls about projects of the studio and what they hold."""

import base64

from calls import TARGETS, call, choice, in_project, keep_given_names, leave_out, new_name, send
from row_calls import ask_about_flips


def draft_in_project(case):
    """A draft that mostly clashes with no other: with a slug of its own."""
    in_project(case)
    if isinstance(case.body, dict):
        if choice(case, 4) > 0:
            leave_out(case.body, {"id", "version", "extra"})
            case.body["slug"] = new_name()
        keep_given_names(case)


def show_in_project(case):
    """Mostly the latest version, for there are few others."""
    in_project(case)
    if choice(case, 4) > 0 and case.query:
        case.query.pop("version", None)


def plain_patch(case):
    in_project(case)
    if isinstance(case.body, dict):
        if choice(case, 4) > 0:
            case.body = {"description": new_name()}
        keep_given_names(case)


def fork_in_project(case):
    """Under a name of its own: one of the catalogue would take the place of that prior, for all runs to come."""
    in_project(case)
    if not isinstance(case.body, dict):
        case.body = {}
    if choice(case, 4) > 0:
        case.body = {}
    case.body["slug"] = new_name()


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


def name_new_note(folder, name):
    """A text of the call's own, so that it may be replaced and deleted; it is there before."""

    def make(case):
        in_project(case)
        case.path_parameters[name] = f"note-{choice(case, 50)}"
        path = f"/projects/{TARGETS['studio']['projectId']}/{folder}/{case.path_parameters[name]}"
        send("PUT", path, json={"text": "x"})

    return make


TABLE = "a,b\n" + "".join(f"{i},{i % 3}\n" for i in range(8))


def store_table(case):
    """A table, mostly, under a slug of its own; else bytes that are none."""
    in_project(case)
    if choice(case, 4) == 0:
        return
    facts = {"slug": new_name(), "target": "b"}
    is_form = case.media_type == "multipart/form-data"
    case.body = {"dataset": facts, "file": TABLE} if is_form else TABLE.encode()
    case.query = {} if is_form else facts


def name_new_table(case):
    in_project(case)
    path = f"/projects/{TARGETS['studio']['projectId']}/datasets?slug={new_name()}&target=b"
    case.path_parameters["datasetId"] = send("POST", path, data=TABLE.encode())["id"]


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


def check_small(case):
    """A prior of the catalogue, which is checked at once."""
    in_project(case)
    case.path_parameters["priorId"] = "coin-flip"
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        case.body = {"overrides": {"num_flips": 10 + choice(case, 10)}}


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
