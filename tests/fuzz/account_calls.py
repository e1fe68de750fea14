"""Calls about accounts, their tokens and uploads."""

import uuid

from calls import TARGETS, call


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
