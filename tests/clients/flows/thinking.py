"""Thinking: fits that search for settings, on the client's own estimators and on its containers'."""

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import r2_score, roc_auc_score

from tabpfn_client import TabPFNClassifier, TabPFNRegressor

from flows.containers import ACCESS, foundry
from flows.harness import Skip, accepts, raises

SECONDS = 4.0


def classes(rows=520):
    X, y = load_breast_cancer(return_X_y=True)
    return X[:rows, :6], y[:rows], X[rows:, :6], y[rows:]


def numbers(rows=520):
    X = np.random.default_rng(7).normal(size=(rows + 60, 4))
    y = 3 * X[:, 0] + X[:, 1] * X[:, 2]
    return X[:rows], y[:rows], X[rows:], y[rows:]


def needs(estimator):
    if not accepts(estimator, "thinking_mode"):
        raise Skip


def flow_thinking_classifier():
    needs(TabPFNClassifier)
    X_train, y_train, X_test, y_test = classes()
    classifier = TabPFNClassifier(
        n_estimators=1, thinking_mode=True, thinking_effort="medium", thinking_timeout_s=SECONDS, thinking_metric="roc_auc"
    ).fit(X_train, y_train)
    probabilities = classifier.predict_proba(X_test)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert roc_auc_score(y_test, probabilities[:, 1]) > 0.9


def flow_thinking_regressor():
    needs(TabPFNRegressor)
    X_train, y_train, X_test, y_test = numbers()
    regressor = TabPFNRegressor(
        n_estimators=1, thinking_mode=True, thinking_timeout_s=SECONDS, thinking_metric="rmse"
    ).fit(X_train, y_train)
    assert r2_score(y_test, regressor.predict(X_test)) > 0.5
    low, high = regressor.predict(X_test, output_type="quantiles", quantiles=[0.1, 0.9])
    assert (low <= high).all()


def flow_thinking_needs_rows():
    needs(TabPFNClassifier)
    X = np.arange(20.0).reshape(10, 2)
    raises("500", lambda: TabPFNClassifier(thinking_mode=True).fit(X, np.array([0, 1] * 5)))


def flow_thinking_on_foundry():
    if foundry is None:
        raise Skip
    needs(foundry.TabPFNClassifier)
    X_train, y_train, X_test, y_test = classes()
    classifier = foundry.TabPFNClassifier(
        **ACCESS, n_estimators=1, thinking_mode=True, thinking_timeout_s=SECONDS, thinking_metric="log_loss"
    ).fit(X_train, y_train)
    first = classifier.predict_proba(X_test)
    assert roc_auc_score(y_test, first[:, 1]) > 0.9
    assert (classifier.predict_proba(X_test) == first).all()
