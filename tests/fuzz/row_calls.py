"""Calls that carry tables, or ask about rows."""

from calls import TARGETS, choice, in_project, leave_out

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
