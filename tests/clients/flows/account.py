"""Account: usage, a summary, the data as a zip, and deleting it."""

import json
import tempfile
import uuid
import zipfile
from pathlib import Path

from sklearn.datasets import load_iris

import tabpfn_client
from tabpfn_client import TabPFNClassifier, UserDataClient
from tabpfn_client.client import ServiceClient

from flows.harness import Skip, fitted_id, raises


def fitted(**settings):
    X, y = load_iris(return_X_y=True)
    return TabPFNClassifier(n_estimators=1, **settings).fit(X, y), X


def flow_the_server_is_reachable():
    assert ServiceClient.try_connection()


def flow_usage_is_told():
    usage = tabpfn_client.get_api_usage()
    assert "Unlimited" in usage, usage


def flow_the_cost_of_an_operation_is_told():
    if not hasattr(tabpfn_client, "estimate_cost"):
        raise Skip
    X, _ = load_iris(return_X_y=True)
    quote = tabpfn_client.estimate_cost(X, X[:10], n_estimators=4)
    assert quote.estimated_cost >= 0


def flow_the_summary_counts_what_is_there():
    fitted()
    summary = UserDataClient.get_data_summary()
    assert summary["train_sets"] > 0 and summary["fitted_models"] > 0, summary


def flow_all_data_is_downloaded_as_a_zip():
    fitted()
    with tempfile.TemporaryDirectory() as folder:
        path = UserDataClient.download_all_data(Path(folder))
        assert path is not None and Path(path).name == "all_data.zip", path
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert len(archive.namelist()) > 0


def flow_a_deleted_data_set_takes_its_models_along():
    classifier, X = fitted(random_state=77)
    classifier.predict(X[:2])
    raises("not found", lambda: UserDataClient.delete_dataset(str(uuid.uuid4())))
    deleted = UserDataClient.delete_dataset(train_set_of(classifier))
    assert len(deleted) >= 2, deleted
    assert not is_there(classifier)


def flow_all_data_sets_are_deleted_and_the_next_fit_works():
    classifier, X = fitted()
    assert len(UserDataClient.delete_all_datasets()) > 0
    assert UserDataClient.delete_all_datasets() == []
    assert UserDataClient.get_data_summary()["train_sets"] == 0
    assert not is_there(classifier)
    again, X = fitted()
    assert again.predict(X[:2]).shape == (2,)


def is_there(classifier):
    """Whether the server knows the model; old clients fit again, by themselves, when it does not."""
    return ServiceClient.httpx_client.get(f"/tabpfn/fit/{fitted_id(classifier)}").status_code == 200


def train_set_of(classifier):
    """The id of the training set behind a fit, as the manifest of the downloaded data tells it."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(UserDataClient.download_all_data(Path(folder))) as archive:
            manifest = json.loads(archive.read("manifest.json"))
    fits = {fit["fitted_train_set_id"]: fit["train_set_uid"] for fit in manifest["fitted_models"]}
    return fits[str(fitted_id(classifier))]
