"""Hooks for schemathesis: give the calls ids that exist, so that they get beyond 404.

Generated ids are valid UUIDs that nobody owns. Before a call most of them are replaced by those of uploads and fits that
the runner made (FUZZ_TARGETS). An id of another form is left as it is: there the answer to a wrong id is what is tested.
"""

import os

import schemathesis

from account_calls import (
    ask_for_new_address,
    be_new,
    know_password,
    name_issued_token,
    name_new_dataset,
    name_new_token,
    name_new_user,
    name_new_user_token,
    name_user,
    open_reset_link,
    sign_part,
    use_reset_link,
)
from calls import TARGETS, UNKNOWN, choice, in_project, operation_of, replace_ids
from row_calls import (
    PLAIN,
    ask_brain,
    ask_for_given_rows,
    ask_for_uploaded_rows,
    ask_installed_model,
    fit_given_rows,
    make_plain,
)
from run_calls import (
    ask_at_once,
    end_held_job,
    name_draft_run,
    name_held_job,
    name_issued_runner,
    move_draft,
    name_last_checkpoint,
    name_spare_run,
    order_again,
    train_little,
    uploaded_job,
)
from studio_calls import (
    add_new_user,
    ask_shared_brain,
    change_project,
    check_small,
    draft_in_project,
    fork_in_project,
    make_share,
    name_new_draft,
    name_new_member,
    name_new_note,
    name_new_project,
    name_new_share,
    name_new_table,
    new_project_slug,
    open_share,
    plain_patch,
    sample_small,
    send_archive,
    show_in_project,
    store_table,
)

# What all calls need; the slug of the project is found in answers too.
SHARED = {*TARGETS["studio"].values(), *TARGETS["accountIds"], TARGETS["runnerProjectId"], "fuzz"}
# Tokens of the accounts that made projects, by id and slug of the project.
MAKERS = {}


class TokenAuth:
    """Calls that take away what others need are made with the token of an account that is there for that."""

    def get(self, case, context):
        return TARGETS["spareTokens"].get(operation_of(case), TARGETS["token"])

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


if os.environ["FUZZ_WITH_TOKEN"] == "yes":
    schemathesis.auth(refresh_interval=None)(TokenAuth)


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
    "checkPrior": check_small,
    "createEval": draft_in_project,
    "createModel": draft_in_project,
    "createPrior": draft_in_project,
    "createProjectDataset": store_table,
    "createProject": new_project_slug,
    "createResetLink": name_user,
    "createRun": train_little,
    "createShare": make_share,
    "createUserToken": name_user,
    "deleteDataset": name_new_dataset,
    "deleteEval": name_new_draft("evals"),
    "deleteInitiative": name_new_note("initiatives", "initiativeId"),
    "deleteModel": name_new_draft("models"),
    "deletePrior": name_new_draft("priors"),
    "deleteProject": name_new_project,
    "deleteProjectDataset": name_new_table,
    "deleteRun": name_spare_run,
    "deleteWork": name_new_note("literature", "entryId"),
    "downloadProjectDataset": show_in_project,
    "duplicateRun": order_again,
    "endJob": end_held_job,
    "exportProject": in_project,
    "forkPrior": fork_in_project,
    "fitRows": fit_given_rows,
    "getCheckpoint": name_last_checkpoint,
    "getEval": show_in_project,
    "getInitiative": in_project,
    "getJobBundle": name_held_job,
    "getJobState": uploaded_job("checkpoint", "stateFile"),
    "getModel": show_in_project,
    "getPrior": show_in_project,
    "getProject": in_project,
    "getProjectDataset": show_in_project,
    "getRun": in_project,
    "handBackJob": name_held_job,
    "getWork": in_project,
    "getSharedBrain": open_share,
    "importProject": send_archive,
    "listCheckpoints": in_project,
    "listEvals": in_project,
    "listInitiatives": in_project,
    "listLiterature": in_project,
    "listMembers": in_project,
    "listModels": in_project,
    "listPriors": in_project,
    "listProjectDatasets": in_project,
    "listRunEvents": in_project,
    "listRuns": in_project,
    "listShares": in_project,
    "listUserTokens": name_user,
    "login": know_password,
    "moveRun": move_draft,
    "predictRows": ask_for_given_rows,
    "predictWithModel": ask_installed_model,
    "predictWithRun": ask_brain,
    "predictWithShare": ask_shared_brain,
    "putInitiative": name_new_note("initiatives", "initiativeId"),
    "putUploadPart": sign_part,
    "putWork": name_new_note("literature", "entryId"),
    "register": be_new,
    "removeMember": name_new_member,
    "removeUser": name_new_user,
    "resetPassword": use_reset_link,
    "resetPasswordPage": open_reset_link,
    "putJobArtifact": uploaded_job("artifact", "artifactFile"),
    "putJobState": uploaded_job("checkpoint", "stateFile"),
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
