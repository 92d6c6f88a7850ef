"""PySR, genetic programming in Julia; `options` are those of PySRRegressor.

Needs: pip install pysr (its first import installs Julia, which takes the network)
"""

import numpy
from pysr import PySRRegressor

from tycho_model import serve


def fit(training, validation, request):
    options = {
        "niterations": 40,
        "maxsize": 30,
        "unary_operators": ["exp", "log", "sin", "cos"],
        **request["options"],
    }
    model = PySRRegressor(
        random_state=request["seed"],
        deterministic=True,
        parallelism="serial",
        progress=False,
        temp_equation_file=True,
        **options,
    )
    x = numpy.array(training.features + validation.features)
    model.fit(x, numpy.array(training.targets + validation.targets))

    def predict(new):
        return model.predict(numpy.array(new.features))

    predict.equation = str(model.sympy())
    predict.complexity = int(model.get_best()["complexity"])
    return predict


serve(fit)
