"""Operon, genetic programming in C++; `options` are those of its SymbolicRegressor.

Needs: pip install pyoperon numpy
"""

import numpy
from pyoperon.sklearn import SymbolicRegressor

from tycho_model import serve


def fit(training, validation, request):
    options = {
        "allowed_symbols": "add,sub,mul,div,exp,log,sin,cos,constant,variable",
        "optimizer_iterations": 3,
        "max_length": 30,
        "max_evaluations": 300_000,
        "model_selection_criterion": "bayesian_information_criterion",
        **request["options"],
    }
    model = SymbolicRegressor(
        n_threads=request["threads"], random_state=request["seed"], **options
    )
    x = numpy.array(training.features + validation.features)
    model.fit(x, numpy.array(training.targets + validation.targets))

    def predict(new):
        return model.predict(numpy.array(new.features))

    names = [name for name, _ in request["columns"]]
    predict.equation = model.get_model_string(model.model_, 6, names)
    predict.complexity = model.model_.Length
    return predict


serve(fit)
