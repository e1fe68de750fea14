"""Sessions: models in other processes, uploads in pieces, the account."""

import os
import tempfile
import uuid

from sklearn.datasets import load_iris

from tabpfn_client import TabPFNClassifier
from tabpfn_client.client import ServiceClient

try:
    from tabpfn_client.options import get_opts
except ImportError:
    get_opts = dict

from flows.harness import Skip, fitted_id, last_line_of_new_process


def flow_a_new_process_uses_the_model_by_its_id():
    X, y = load_iris(return_X_y=True)
    classifier = TabPFNClassifier(n_estimators=2).fit(X, y)
    expected = ",".join(map(str, classifier.predict(X[::10])))
    program = """
import sys
from sklearn.datasets import load_iris
import tabpfn_client
from tabpfn_client import TabPFNClassifier
X, y = load_iris(return_X_y=True)
classifier = TabPFNClassifier(n_estimators=2)
for name in ("model_id_", "_last_fitted_train_set_id"):
    setattr(classifier, name, sys.argv[1])
classifier.fitted_ = True
tabpfn_client.init()
print(",".join(map(str, classifier.predict(X[::10]))))
"""
    assert last_line_of_new_process(program, fitted_id(classifier)) == expected


def flow_a_saved_model_is_loaded_by_a_new_process():
    if not hasattr(TabPFNClassifier, "save_model"):
        raise Skip
    X, y = load_iris(return_X_y=True)
    classifier = TabPFNClassifier(n_estimators=2).fit(X, y)
    path = os.path.join(tempfile.gettempdir(), f"{uuid.uuid4()}.json")
    classifier.save_model(path)
    program = """
import sys
from sklearn.datasets import load_iris
import tabpfn_client
from tabpfn_client import TabPFNClassifier
X, y = load_iris(return_X_y=True)
print(",".join(map(str, TabPFNClassifier.load_model(sys.argv[1]).predict(X[::10]))))
"""
    try:
        assert last_line_of_new_process(program, path) == ",".join(map(str, classifier.predict(X[::10])))
    finally:
        os.unlink(path)


def flow_chunks_and_no_deduplication():
    X, y = load_iris(return_X_y=True)
    program = """
from sklearn.datasets import load_iris
import tabpfn_client
from tabpfn_client import TabPFNClassifier
X, y = load_iris(return_X_y=True)
print(TabPFNClassifier(n_estimators=1).fit(X, y).predict(X[:1]).shape)
"""
    for variable, value in (("TABPFN_CLIENT_DEDUP_DATASETS", "false"), ("TABPFN_CLIENT_FORCE_REUPLOAD", "1")):
        os.environ[variable] = value
        try:
            assert last_line_of_new_process(program) == "(1,)"
        finally:
            del os.environ[variable]


def flow_a_wrong_token_is_refused():
    assert ServiceClient.is_auth_token_outdated("wrong") is False
    assert ServiceClient.is_auth_token_outdated(os.environ["TABPFN_TOKEN"]) is True


def flow_every_fit_as_a_job_when_forced():
    if not hasattr(get_opts(), "TABPFN_CLIENT_FORCE_ASYNC"):  # 0.4.0 alone has it
        raise Skip
    os.environ["TABPFN_CLIENT_FORCE_ASYNC"] = "true"
    program = """
from sklearn.datasets import load_iris
from tabpfn_client import TabPFNClassifier
X, y = load_iris(return_X_y=True)
print(TabPFNClassifier(n_estimators=1, random_state=31).fit(X, y).predict(X[:2]).shape)
"""
    try:
        assert last_line_of_new_process(program) == "(2,)"
    finally:
        del os.environ["TABPFN_CLIENT_FORCE_ASYNC"]
