"""What a user of the official client does, run by `npm run test:clients` in an environment with one version of it.

Nothing here is specific to this server: the base URL and the token come from the environment, as the client reads them. Each
`flow_` function is one flow; the program prints a line for each and ends with 1 when any failed.
"""

import inspect
import os
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
import warnings

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

import tabpfn_client
from tabpfn_client import TabPFNClassifier, TabPFNRegressor, UserDataClient
from tabpfn_client.client import ServiceClient

try:  # 0.4.1 and later
    from tabpfn_client.models import ApiMode
except ImportError:
    ApiMode = None

warnings.filterwarnings("ignore", message=".*criterion.*")


class Skip(Exception):
    """This version of the client has no such thing."""


def halves(X, y):
    """Every other row for training, the rest for testing."""
    train = np.arange(len(X)) % 2 == 0
    if isinstance(X, pd.DataFrame):
        return X[train], X[~train], np.asarray(y)[train], np.asarray(y)[~train]
    return X[train], X[~train], y[train], y[~train]


def mixed_table(rows=120):
    """A table with every kind of column, and what depends on it."""
    index = np.arange(rows)
    color = np.array(["red", "green, dark", "blue"], dtype=object)[index % 3]
    number = (index * 37 % 101) / 10.0
    table = pd.DataFrame(
        {
            "number": np.where(index % 11 == 0, np.nan, number),
            "count": index * 7 % 13,
            "text": np.where(index % 17 == 0, None, color),
            "category": pd.Categorical(np.array(["low", "mid", "high"])[index % 3], ["low", "mid", "high"], ordered=True),
            "code": pd.Categorical(index % 5),
            "flag": index % 2 == 0,
            "maybe": pd.array([None if i % 7 == 0 else bool(i % 3) for i in index], dtype="boolean"),
            "nullable": pd.array([None if i % 9 == 0 else i % 4 for i in index], dtype="Int64"),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(index, unit="D"),
            "zoned": pd.Series(pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(index * 3, unit="h")),
        }
    )
    table.loc[5, "when"] = pd.NaT
    label = np.where(index % 3 == 0, "no", "yes")
    target = number * 2 + (index % 3) * 5
    return table, label, target


def same_in_new_process(program, *arguments):
    """What a new process that knows only the id prints."""
    answer = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip().splitlines()[-1]


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
    raises("inference_config", lambda: TabPFNClassifier(inference_config={"POLYNOMIAL_FEATURES": "all"}).fit(X, np.array([0, 1] * 5)))
    raises("thinking", lambda: TabPFNClassifier(thinking_mode=True).fit(X, np.array([0, 1] * 5)))


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
    assert same_in_new_process(program, fitted_id(classifier)) == expected


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
        assert same_in_new_process(program, path) == ",".join(map(str, classifier.predict(X[::10])))
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
            assert same_in_new_process(program) == "(1,)"
        finally:
            del os.environ[variable]


def flow_account():
    usage = tabpfn_client.get_api_usage()
    assert "Unlimited" in usage, usage
    summary = UserDataClient.get_data_summary()
    assert summary["train_sets"] > 0 and summary["fitted_models"] > 0


def flow_a_wrong_token_is_refused():
    assert ServiceClient.is_auth_token_outdated("wrong") is False
    assert ServiceClient.is_auth_token_outdated(os.environ["TABPFN_TOKEN"]) is True


def fitted_id(estimator):
    """The id of a fitted estimator, under the name that this version gives it."""
    for name in ("model_id_", "_last_fitted_train_set_id"):
        if getattr(estimator, name, None) is not None:
            return getattr(estimator, name)
    raise AssertionError(f"no id among {sorted(vars(estimator))}")


def raises(word, act):
    """`act` must fail with a message that has the word in it."""
    try:
        act()
    except Exception as error:
        assert word in str(error).lower(), f"expected {word!r} in {error}"
        return
    raise AssertionError(f"expected an error about {word!r}")


def main():
    passed = failed = 0
    flows = [(name, act) for name, act in globals().items() if name.startswith("flow_")]
    for name, act in flows:
        title = name.removeprefix("flow_").replace("_", " ")
        start = time.monotonic()
        try:
            act()
            passed += 1
            print(f"  ok    {title} ({time.monotonic() - start:.1f} s)", flush=True)
        except Skip:
            print(f"  none  {title}: not in this version", flush=True)
        except Exception:
            failed += 1
            print(f"  FAIL  {title}\n{traceback.format_exc()}", flush=True)
    print(f"  {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


main()
