"""What the flows share: tables, assertions, processes, and the program that runs them."""

import inspect
import subprocess
import sys
import time
import traceback

import numpy as np
import pandas as pd


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


def last_line_of_new_process(program, *arguments):
    """What a new process that knows only its arguments prints last."""
    answer = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip().splitlines()[-1]


def accepts(estimator, setting):
    """Whether this version of an estimator has the setting."""
    inits = [vars(base)["__init__"] for base in estimator.__mro__ if "__init__" in vars(base) and base is not object]
    return any(setting in inspect.signature(init).parameters for init in inits)


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
        return error
    raise AssertionError(f"expected an error about {word!r}")


def run(modules):
    """Run every `flow_` function of the modules in order; print a line for each and, last, the counts."""
    passed = failed = 0
    for module in modules:
        print(f"  {module.__doc__.splitlines()[0]}", flush=True)
        for name, act in list(vars(module).items()):
            if not name.startswith("flow_"):
                continue
            title = name.removeprefix("flow_").replace("_", " ")
            start = time.monotonic()
            try:
                act()
                passed += 1
                print(f"    ok    {title} ({time.monotonic() - start:.1f} s)", flush=True)
            except Skip:
                print(f"    none  {title}: not in this version", flush=True)
            except Exception:
                failed += 1
                print(f"    FAIL  {title}\n{traceback.format_exc()}", flush=True)
    print(f"  {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)
