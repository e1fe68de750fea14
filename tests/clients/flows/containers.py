"""Inference containers: the client's hosted, Foundry and SageMaker estimators."""

import json
import os
import sys
import types
import urllib.request

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import accuracy_score, r2_score

from flows.harness import Skip, accepts, halves, last_line_of_new_process, raises

try:
    from tabpfn_client import foundry, hosted
except ImportError:  # before 0.4
    foundry = hosted = None

BASE = os.environ["TABPFN_CLIENT_API_URL"]
ACCESS = {"endpoint_url": f"{BASE}/predict", "api_key": os.environ["TABPFN_TOKEN"]}


def needs(module, setting=None):
    if module is None or (setting and not accepts(module.TabPFNClassifier, setting)):
        raise Skip


def iris():
    X, y = load_iris(return_X_y=True)
    return halves(X, y)


def mixed_rows():
    """Rows of text, numbers, booleans and missing values, as JSON carries them, with labels as text."""
    rows = [[i * 7 % 13, None if i % 9 == 0 else ["red", "green", "NaN"][i % 3], i % 2 == 0] for i in range(60)]
    return pd.DataFrame(rows, columns=["count", "color", "flag"], dtype=object), np.where(np.arange(60) % 3 == 0, "no", "yes")


def check_classifier(classifier):
    X_train, X_test, y_train, y_test = iris()
    classifier.fit(X_train, y_train)
    probabilities = classifier.predict_proba(X_test)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    labels = classifier.predict(X_test)
    assert labels.dtype.kind == "i" and (labels == probabilities.argmax(axis=1)).all()
    assert accuracy_score(y_test, labels) > 0.8


def check_regressor(regressor):
    X, y = load_diabetes(return_X_y=True)
    X_train, X_test, y_train, y_test = halves(X[:200], y[:200])
    regressor.fit(X_train, y_train)
    assert r2_score(y_test, regressor.predict(X_test)) > 0.2
    for output in ("median", "mode"):
        assert regressor.predict(X_test, output_type=output).shape == (100,)
    low, high = regressor.predict(X_test, output_type="quantiles", quantiles=[0.1, 0.9])
    assert low.shape == (100,) and (low <= high).all()


def flow_hosted_classifier():
    needs(hosted)
    check_classifier(hosted.TabPFNClassifier(**ACCESS, n_estimators=2))


def flow_hosted_regressor():
    needs(hosted)
    check_regressor(hosted.TabPFNRegressor(**ACCESS, n_estimators=2))


def flow_hosted_text_booleans_and_missing_values():
    needs(hosted)
    X, y = mixed_rows()
    classifier = hosted.TabPFNClassifier(**ACCESS, n_estimators=2).fit(X, y)
    assert set(classifier.predict(X)) <= {"no", "yes"}
    assert classifier.predict_proba(X).shape == (60, 2)


def flow_hosted_bare_nan():
    needs(hosted, "payload_format")
    X_train, X_test, y_train, y_test = iris()
    X_train, X_test = X_train.copy(), X_test.copy()
    X_train[::7, 0] = X_test[::5, 1] = np.nan
    labels = hosted.TabPFNClassifier(**ACCESS, n_estimators=2).fit(X_train, y_train).predict(X_test)
    assert accuracy_score(y_test, labels) > 0.8


def flow_hosted_parquet():
    needs(hosted, "payload_format")
    check_classifier(hosted.TabPFNClassifier(**ACCESS, n_estimators=2, payload_format="parquet"))
    check_regressor(hosted.TabPFNRegressor(**ACCESS, n_estimators=2, payload_format="parquet"))
    X, y = mixed_rows()
    X["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(60), unit="D")
    X["color"] = X["color"].astype("category")
    classifier = hosted.TabPFNClassifier(**ACCESS, n_estimators=2, payload_format="parquet").fit(X, y)
    assert set(classifier.predict(X)) <= {"no", "yes"}


def flow_hosted_cache_within_an_estimator():
    needs(hosted, "use_kv_cache")
    X_train, X_test, y_train, _ = iris()
    for payload_format in ("json", "parquet"):
        classifier = hosted.TabPFNClassifier(
            **ACCESS, n_estimators=2, use_kv_cache=True, payload_format=payload_format
        ).fit(X_train, y_train)
        first = classifier.predict_proba(X_test)
        assert classifier.model_id_ is not None
        assert (classifier.predict_proba(X_test) == first).all()


def flow_hosted_model_id_in_a_new_process():
    needs(hosted)
    X_train, X_test, y_train, _ = iris()
    classifier = hosted.TabPFNClassifier(**ACCESS, n_estimators=2, fit_mode="fit_with_cache").fit(X_train, y_train)
    expected = ",".join(map(str, classifier.predict(X_test)))
    program = """
import os, sys
from sklearn.datasets import load_iris
from tabpfn_client.hosted import TabPFNClassifier
X, _ = load_iris(return_X_y=True)
url, token = os.environ["TABPFN_CLIENT_API_URL"] + "/predict", os.environ["TABPFN_TOKEN"]
classifier = TabPFNClassifier(url, api_key=token, n_estimators=2, model_id=sys.argv[1], fit_mode="fit_with_cache")
print(",".join(map(str, classifier.predict(X[1::2]))))
"""
    assert last_line_of_new_process(program, classifier.model_id_) == expected


def flow_hosted_errors():
    needs(hosted)
    X_train, X_test, y_train, _ = iris()
    unknown = "00000000-0000-4000-8000-000000000000"
    raises("404", lambda: hosted.TabPFNClassifier(**ACCESS, model_id=unknown).predict(X_test))
    wrong = hosted.TabPFNClassifier(**{**ACCESS, "api_key": "wrong"}).fit(X_train, y_train)
    raises("401", lambda: wrong.predict(X_test))
    without = hosted.TabPFNClassifier(ACCESS["endpoint_url"]).fit(X_train, y_train)
    raises("401", lambda: without.predict(X_test))
    other_width = hosted.TabPFNClassifier(**ACCESS, n_estimators=1).fit(X_train, y_train)
    raises("422", lambda: other_width.predict(X_test[:, :2]))


def flow_foundry_classifier():
    needs(foundry)
    check_classifier(foundry.TabPFNClassifier(**ACCESS, n_estimators=2))


def flow_foundry_regressor():
    needs(foundry)
    check_regressor(foundry.TabPFNRegressor(**ACCESS, n_estimators=2))


def flow_foundry_cache():
    needs(foundry)
    X_train, X_test, y_train, _ = iris()
    classifier = foundry.TabPFNClassifier(**ACCESS, n_estimators=2, use_kv_cache=True).fit(X_train, y_train)
    first = classifier.predict_proba(X_test)
    assert classifier._cached_model_id is not None
    assert (classifier.predict_proba(X_test) == first).all()


class Runtime:
    """What stands in for the AWS client: it posts to the container, as the platform does."""

    def invoke_endpoint(self, *, Body, ContentType="application/json", **_):
        headers = {"Content-Type": ContentType, "Authorization": f"Bearer {ACCESS['api_key']}"}
        request = urllib.request.Request(f"{BASE}/invocations", Body, headers)
        return {"Body": urllib.request.urlopen(request)}


def flow_sagemaker_over_its_runtime():
    try:
        sys.modules.setdefault("boto3", types.SimpleNamespace(client=lambda *_, **__: Runtime()))
        from tabpfn_client import sagemaker
    except ImportError:
        raise Skip from None
    X_train, X_test, y_train, y_test = iris()
    X_train, X_test = X_train.copy(), X_test.copy()
    X_train[::7, 0] = X_test[::5, 1] = np.nan
    classifier = sagemaker.TabPFNClassifier("endpoint", n_estimators=2, use_kv_cache=True).fit(X_train, y_train)
    assert accuracy_score(y_test, classifier.predict(X_test)) > 0.8
    assert classifier.predict_proba(X_test).shape == (75, 3)
    with urllib.request.urlopen(f"{BASE}/ping") as answer:
        assert json.load(answer)["status"] == "ready"
