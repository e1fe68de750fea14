"""Registration: an account made, used and deleted with the calls that the client's own dialogue makes."""

import os
import uuid

from tabpfn_client.client import ServiceClient

from flows.harness import Skip, last_line_of_new_process

PASSWORD = "Correct-horse-7"
ABOUT = {
    "first_name": "Ada",
    "last_name": "Byron",
    "company": "Analytical",
    "role": "Engineer",
    "use_case": "",
    "contact_via_email": False,
    "agreed_terms_and_cond": True,
    "agreed_personally_identifiable_information": True,
}


def registered():
    """Address and token of a new account."""
    email = f"{uuid.uuid4().hex}@example.org"
    is_created, message, token = ServiceClient.register(email, PASSWORD, PASSWORD, "tabpfn-2023", ABOUT)[:3]
    assert is_created and token, message
    return email, token


def flow_the_password_policy_is_told():
    policy = ServiceClient.get_password_policy()
    assert any(rule.startswith("Length(") for rule in policy), policy


def flow_an_address_is_checked():
    assert ServiceClient.validate_email("ada@example.org")[0] is True
    is_valid, message = ServiceClient.validate_email("not an address")
    assert is_valid is False and message


def flow_a_weak_password_is_refused():
    is_created, message = ServiceClient.register(f"{uuid.uuid4().hex}@example.org", "weak", "weak", "tabpfn-2023", ABOUT)[:2]
    assert is_created is False and message


def flow_a_registered_user_logs_in():
    if not hasattr(ServiceClient, "login"):
        raise Skip
    email, _ = registered()
    token = ServiceClient.login(email, PASSWORD)[0]
    assert token and ServiceClient.is_auth_token_outdated(token) is True
    refused, message, status = ServiceClient.login(email, "Wrong-horse-7")[:3]
    assert refused is None and message and status == 401


def flow_a_registered_user_fits_predicts_and_leaves():
    _, token = registered()
    os.environ["TABPFN_TOKEN"], own = token, os.environ["TABPFN_TOKEN"]
    program = """
import numpy as np
from tabpfn_client import TabPFNClassifier, UserDataClient
from tabpfn_client.client import ServiceClient
X = np.arange(40.0).reshape(20, 2)
labels = TabPFNClassifier(n_estimators=1).fit(X, np.array([0, 1] * 10)).predict(X)
trained = UserDataClient.get_data_summary()["train_sets"]
ServiceClient.delete_user_account()
print(labels.shape, trained)
"""
    try:
        assert last_line_of_new_process(program) == "(20,) 1"
    finally:
        os.environ["TABPFN_TOKEN"] = own
    assert ServiceClient.is_auth_token_outdated(token) is False
