"""CatBoost on the descriptors; `options` are those of CatBoostRegressor.

Needs: pip install catboost
"""

from catboost import CatBoostRegressor

from tycho_model import serve


def fit(training, validation, request):
    model = CatBoostRegressor(
        random_seed=request["seed"],
        thread_count=request["threads"],
        allow_writing_files=False,
        verbose=False,
        **request["options"],
    )
    model.fit(
        training.features + validation.features, training.targets + validation.targets
    )
    return lambda new: model.predict(new.features)


serve(fit)
