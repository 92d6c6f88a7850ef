"""A Gaussian process of scikit-learn: Matérn kernel, a length for every column.

Needs: pip install scikit-learn
"""

import numpy
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from tycho_model import serve


def fit(training, validation, request):
    x = numpy.array(training.features + validation.features)
    y = numpy.array(training.targets + validation.targets)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0.0] = 1.0
    lengths = numpy.full(x.shape[1], 3.0)
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * Matern(lengths, (1e-1, 1e3), nu=2.5)
    model = GaussianProcessRegressor(
        kernel + WhiteKernel(1e-4, (1e-8, 1.0)),
        normalize_y=True,
        random_state=request["seed"],
        **request["options"],
    )
    model.fit((x - mean) / scale, y)
    return lambda new: model.predict((numpy.array(new.features) - mean) / scale)


serve(fit)
