"""Estimators: fit and predict with tables of every kind, all outputs, settings and errors."""

import inspect
import uuid

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

import tabpfn_client
from tabpfn_client import TabPFNClassifier, TabPFNRegressor
from tabpfn_client.client import ServiceClient

from flows.harness import Skip, fitted_id, halves, mixed_table, raises

try:  # 0.4.1 and later
    from tabpfn_client.models import ApiMode
except ImportError:
    ApiMode = None


def flow_settings_are_understood():
    settings = getattr(ServiceClient, "get_settings", None)
    if settings is None:
        raise Skip
    tabpfn_client.init()
    answer = settings()
    assert answer is not None, "the client could not read the settings and would check nothing"
    default = answer["default_model_version"] if isinstance(answer, dict) else answer.default_model_version
    limits = answer["model_limits"] if isinstance(answer, dict) else answer.model_limits
    assert default in limits and "v2" in limits


def flow_classifier_on_a_numpy_array():
    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = halves(X, y)
    classifier = TabPFNClassifier(n_estimators=2).fit(X_train, y_train)
    uuid.UUID(str(fitted_id(classifier)))
    probabilities = classifier.predict_proba(X_test)
    assert probabilities.shape == (75, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert list(classifier.classes_) == [0, 1, 2]
    labels = classifier.predict(X_test)
    assert labels.dtype.kind == "i"
    assert (labels == probabilities.argmax(axis=1)).all()
    accuracy = accuracy_score(y_test, labels)
    assert accuracy > 0.8, f"accuracy {accuracy}"
    assert (classifier.predict_proba(X_test) == probabilities).all(), "the same question got another answer"


def flow_binary_classifier_is_better_than_chance():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X_train, X_test, y_train, y_test = halves(X[X.columns[:10]], y)
    probabilities = TabPFNClassifier(n_estimators=2).fit(X_train, y_train).predict_proba(X_test)
    assert probabilities.shape == (len(y_test), 2)
    score = roc_auc_score(y_test, probabilities[:, 1])
    assert score > 0.9, f"AUC {score}"


def flow_classifier_on_every_kind_of_column():
    table, label, _ = mixed_table()
    before = table.copy(deep=True)
    X_train, X_test, y_train, y_test = halves(table, label)
    classifier = TabPFNClassifier(n_estimators=2).fit(X_train, y_train)
    labels = classifier.predict(X_test)
    assert set(labels) <= {"no", "yes"} and labels.shape == (60,)
    assert classifier.predict_proba(X_test).shape == (60, 2)
    assert accuracy_score(y_test, labels) > 0.7
    pd.testing.assert_frame_equal(table, before)


def flow_labels_keep_their_type():
    X = np.arange(40.0).reshape(20, 2)
    for y in (
        np.array(["0", "1"] * 10, dtype=object),
        np.array(["dog", "cat"] * 10),
        np.array([7, 3] * 10),
        np.array([True, False] * 10),
    ):
        classifier = TabPFNClassifier(n_estimators=1).fit(X, y)
        labels = classifier.predict(X)
        assert set(labels) <= set(classifier.classes_), (labels, classifier.classes_)
        assert labels.dtype.kind == np.asarray(classifier.classes_.tolist()).dtype.kind


def flow_regressor_answers_every_output():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X_train, X_test, y_train, y_test = halves(X.iloc[:200], y.iloc[:200])
    regressor = TabPFNRegressor(n_estimators=2).fit(X_train, y_train)
    mean = regressor.predict(X_test)
    score = r2_score(y_test, mean)
    assert score > 0.2, f"R2 {score}"
    for output in ("mean", "median", "mode"):
        assert regressor.predict(X_test, output_type=output).shape == (100,)
    deciles = regressor.predict(X_test, output_type="quantiles")
    assert len(deciles) == 9 and deciles[0].shape == (100,)
    low, high = regressor.predict(X_test, output_type="quantiles", quantiles=[0.05, 0.95])
    assert low.shape == (100,) and (low <= high).all()
    main = regressor.predict(X_test, output_type="main")
    assert {"mean", "median", "mode", "quantiles"} <= set(main)
    np.testing.assert_allclose(main["mean"], mean)
    full = regressor.predict(X_test.iloc[:5], output_type="full")
    logits, borders = np.asarray(full["logits"]), np.asarray(full["borders"])
    assert logits.shape == (5, len(borders) - 1) and (np.diff(borders) >= 0).all()
    np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1, atol=1e-4)


def flow_regressor_on_every_kind_of_column():
    table, _, target = mixed_table()
    X_train, X_test, y_train, _ = halves(table, target)
    mean = TabPFNRegressor(n_estimators=2).fit(X_train, y_train).predict(X_test)
    assert mean.shape == (60,) and np.isfinite(mean).all()


def flow_settings_of_the_estimator_are_accepted():
    X, y = load_iris(return_X_y=True)
    for settings in (
        {"softmax_temperature": 0.5},
        {"average_before_softmax": True},
        {"balance_probabilities": True},
        {"random_state": None},
        {"categorical_features_indices": [0]},
        {"model_path": "auto"},
        {"model_path": "v2.5_default"},
        {"inference_precision": "auto"},
    ):
        probabilities = TabPFNClassifier(n_estimators=1, **settings).fit(X, y).predict_proba(X[:3])
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5, err_msg=str(settings))


def flow_tiny_tables():
    X = np.arange(20.0).reshape(10, 2)
    classifier = TabPFNClassifier(n_estimators=1).fit(X, np.array([0, 1] * 5))
    assert classifier.predict(X[:1]).shape == (1,)


def flow_a_fit_as_a_job():
    if ApiMode is None or "api_mode" not in inspect.signature(TabPFNClassifier).parameters:
        raise Skip
    X, y = load_iris(return_X_y=True)
    for mode in (ApiMode.ASYNC, ApiMode.SYNC, ApiMode.AUTO):
        classifier = TabPFNClassifier(n_estimators=1, random_state=11, api_mode=mode).fit(X, y)
        assert classifier.predict(X[:4]).shape == (4,)
    ServiceClient._api_settings = None


def flow_a_job_that_fails_says_why():
    if ApiMode is None or "api_mode" not in inspect.signature(TabPFNClassifier).parameters:
        raise Skip
    X = np.arange(20.0).reshape(10, 2)
    raises("class", lambda: TabPFNClassifier(api_mode=ApiMode.ASYNC).fit(X, np.zeros(10, dtype=int)))


def flow_errors_reach_the_user():
    X = np.arange(20.0).reshape(10, 2)
    raises("class", lambda: TabPFNClassifier().fit(X, np.zeros(10, dtype=int)))
    classifier = TabPFNClassifier(n_estimators=1).fit(X, np.array([0, 1] * 5))
    raises("column", lambda: classifier.predict(np.zeros((2, 5))))
    raises("inference_config", lambda: TabPFNClassifier(inference_config={"NO_SUCH_KEY": 1}).fit(X, np.array([0, 1] * 5)))
