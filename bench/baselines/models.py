"""The baselines: prior and linear as in the stored results, for training parts of another size; CatBoost and LightGBM as they come and tuned, and quantile boosting for the CRPS.

Each function takes the training part and the rows to predict and returns probabilities [rows, classes], a mean [rows] or
quantiles [rows, LEVELS]. Trees need no imputation: missing numbers stay missing, a missing category is a category.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier, CatBoostRegressor, Pool
from lightgbm import LGBMClassifier, LGBMRegressor, early_stopping
from metrics import LEVELS
from search import MAX_TREES, PATIENCE, SPACES, folds, random_search
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


@dataclass(frozen=True)
class Job:
    """One split. `categorical` names the string columns; `threads` is what a library may use."""

    task: str
    categorical: list[str]
    n_classes: int
    x_train: pd.DataFrame
    y_train: np.ndarray
    x_test: pd.DataFrame
    seed: int
    threads: int
    trials: int
    inner_folds: int

    @property
    def is_class(self) -> bool:
        return self.task == "classification"


def prior(job: Job) -> np.ndarray:
    """Class shares, or the mean, of the training part."""
    rows = len(job.x_test)
    if job.is_class:
        return np.tile(np.bincount(job.y_train, minlength=job.n_classes) / len(job.y_train), (rows, 1))
    return np.full(rows, job.y_train.mean())


def linear(job: Job) -> np.ndarray:
    """The recipe of the stored `linear` baseline: median impute, missing indicators, standardise, one-hot."""
    numeric = [name for name in job.x_train.columns if name not in job.categorical]
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    encoder = make_column_transformer(
        (numbers, numeric), (OneHotEncoder(handle_unknown="ignore"), job.categorical), sparse_threshold=0
    )
    model = LogisticRegression(max_iter=1000) if job.is_class else Ridge()
    pipeline = make_pipeline(encoder, model).fit(job.x_train, job.y_train)
    return _answer(job, pipeline, job.x_test)


def catboost_default(job: Job) -> np.ndarray:
    return _answer(job, _catboost(job).fit(_pool(job, job.x_train, job.y_train)), _pool(job, job.x_test))


def catboost_tuned(job: Job) -> np.ndarray:
    def fit_fold(point: dict, train: np.ndarray, valid: np.ndarray) -> tuple[float, int]:
        x, y = job.x_train, job.y_train
        model = _catboost(job, iterations=MAX_TREES, **point)
        model.fit(
            _pool(job, x.iloc[train], y[train]),
            eval_set=_pool(job, x.iloc[valid], y[valid]),
            early_stopping_rounds=PATIENCE,
        )
        loss = next(iter(model.get_best_score()["validation"].values()))
        return loss, model.get_best_iteration() + 1

    point, trees = _search(job, "catboost", fit_fold)
    model = _catboost(job, iterations=trees, **point).fit(_pool(job, job.x_train, job.y_train))
    return _answer(job, model, _pool(job, job.x_test))


def lightgbm_default(job: Job) -> np.ndarray:
    train, test = _with_categories(job)
    return _answer(job, _lightgbm(job).fit(train, job.y_train), test)


def lightgbm_tuned(job: Job) -> np.ndarray:
    train_x, test_x = _with_categories(job)

    def fit_fold(point: dict, train: np.ndarray, valid: np.ndarray) -> tuple[float, int]:
        model = _lightgbm(job, n_estimators=MAX_TREES, subsample_freq=1, **point)
        model.fit(
            train_x.iloc[train],
            job.y_train[train],
            eval_set=[(train_x.iloc[valid], job.y_train[valid])],
            callbacks=[early_stopping(PATIENCE, verbose=False)],
        )
        return next(iter(model.best_score_["valid_0"].values())), model.best_iteration_

    point, trees = _search(job, "lightgbm", fit_fold)
    model = _lightgbm(job, n_estimators=trees, subsample_freq=1, **point).fit(train_x, job.y_train)
    return _answer(job, model, test_x)


def lightgbm_quantile(job: Job) -> np.ndarray:
    """One model with default settings per level, sorted so that they do not cross (Chernozhukov et al. 2010)."""
    train, test = _with_categories(job)
    columns = [
        _lightgbm(job, objective="quantile", alpha=float(level)).fit(train, job.y_train).predict(test)
        for level in LEVELS
    ]
    return np.sort(np.column_stack(columns), axis=1)


def hgb_quantile(job: Job) -> np.ndarray:
    """scikit-learn's histogram boosting, one model per level, on ordinal codes as in the stored `hgb` baseline."""
    train, test = _with_categories(job)
    masks = [_is_categorical(train[name]) and train[name].cat.categories.size <= 250 for name in train.columns]
    x, q = _codes(train), _codes(test)
    columns = [
        HistGradientBoostingRegressor(
            loss="quantile", quantile=float(level), categorical_features=masks, random_state=job.seed
        )
        .fit(x, job.y_train)
        .predict(q)
        for level in LEVELS
    ]
    return np.sort(np.column_stack(columns), axis=1)


MODELS = {
    "prior": prior,
    "linear": linear,
    "catboost": catboost_default,
    "lightgbm": lightgbm_default,
    "catboost-tuned": catboost_tuned,
    "lightgbm-tuned": lightgbm_tuned,
    "lightgbm-quantile": lightgbm_quantile,
    "hgb-quantile": hgb_quantile,
}
_PER_LEVEL = (
    "library defaults; random_state = seed of the split; one model per level (k + 0.5) / 99, quantiles sorted"
)
# Where it is not simply the library's defaults.
SETTINGS = {
    "linear": "LogisticRegression(max_iter=1000) / Ridge(); median impute, missing indicators, standardise, one-hot",
    "lightgbm-quantile": _PER_LEVEL,
    "hgb-quantile": _PER_LEVEL,
}
QUANTILE_MODELS = ("lightgbm-quantile", "hgb-quantile")
TUNED_MODELS = {"catboost-tuned": "catboost", "lightgbm-tuned": "lightgbm"}


def _search(job: Job, library: str, fit_fold) -> tuple[dict, int]:
    inner = folds(job.y_train, job.is_class, job.inner_folds, job.seed)
    return random_search(SPACES[library], inner, job.trials, job.seed, fit_fold)


def _catboost(job: Job, **settings):
    kind = CatBoostClassifier if job.is_class else CatBoostRegressor
    if job.is_class:
        settings["loss_function"] = "Logloss" if job.n_classes == 2 else "MultiClass"
    return kind(
        random_seed=job.seed, thread_count=job.threads, verbose=False, allow_writing_files=False, **settings
    )


def _lightgbm(job: Job, **settings):
    kind = LGBMClassifier if job.is_class else LGBMRegressor
    return kind(random_state=job.seed, n_jobs=job.threads, verbose=-1, **settings)


def _pool(job: Job, x: pd.DataFrame, y: np.ndarray | None = None) -> Pool:
    return Pool(x, y, cat_features=job.categorical)


def _with_categories(job: Job) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Categories are those of the training part; one that is new in the test part counts as missing."""
    train, test = job.x_train.copy(), job.x_test.copy()
    for name in job.categorical:
        kind = pd.CategoricalDtype(sorted(train[name].unique()))
        train[name], test[name] = train[name].astype(kind), test[name].astype(kind)
    # LightGBM refuses some characters in names.
    names = [f"c{i}" for i in range(train.shape[1])]
    return train.set_axis(names, axis=1), test.set_axis(names, axis=1)


def _is_categorical(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def _codes(table: pd.DataFrame) -> np.ndarray:
    columns = [
        table[name].cat.codes.where(table[name].notna(), np.nan).to_numpy(dtype=float)
        if _is_categorical(table[name])
        else table[name].to_numpy(dtype=float)
        for name in table.columns
    ]
    return np.column_stack(columns)


def _answer(job: Job, model, x) -> np.ndarray:
    if not job.is_class:
        return np.asarray(model.predict(x), dtype=float)
    p = np.asarray(model.predict_proba(x), dtype=float)
    # A class without training rows has no column.
    full = np.zeros((p.shape[0], job.n_classes))
    full[:, np.asarray(model.classes_, dtype=int)] = p
    return full
