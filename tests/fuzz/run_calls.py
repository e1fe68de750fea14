"""Calls about runs of the studio, here and on runners."""

import re
from pathlib import Path

import requests

from calls import TARGETS, call, choice, in_project, new_name


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


def move_draft(case):
    """Drafts alone stay where they are put; on the server, for the runner has runs that its own project orders."""
    name_draft_run(case)
    if isinstance(case.body, dict) and choice(case, 4) > 0:
        case.body = {"compute": {"target": "server"}}


def name_last_checkpoint(case):
    """The run of the project has one step."""
    step = case.path_parameters.pop("step")
    in_project(case)
    case.path_parameters["step"] = 1 if choice(case, 4) > 0 else step


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
        # The recipe of the run that is there already, whose brain and state fit this one.
        order = {"prior": "coin-flip", "hyperparams": TARGETS["hyperparams"], "compute": {"target": "runner"}}
        call("POST", f"/projects/{TARGETS['runnerProjectId']}/runs", order)
    return HELD[0]


def name_held_job(case):
    case.path_parameters["runId"] = held_job()
    if case.query:
        case.query.pop("claim", None)


UPLOADED = set()


def uploaded_job(route, name):
    """
    A run whose training was uploaded, as runners do: schemathesis sends no gzip, and takes bytes in a form for data that the
    schema forbids, so that its own uploads are refused.
    """

    def make(case):
        name_held_job(case)
        run = case.path_parameters["runId"]
        if (run, route) in UPLOADED:
            return
        answer = requests.post(
            f"{TARGETS['url']}/runner/jobs/{run}/{route}",
            data=Path(TARGETS[name]).read_bytes(),
            headers={"Authorization": f"Token {TARGETS['spareTokens']['nextJob']}", "Content-Type": "application/gzip"},
            timeout=120,
        )
        answer.raise_for_status()
        UPLOADED.add((run, route))

    return make


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
