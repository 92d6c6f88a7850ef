"""Numbers of other implementations, for the tests of the crate.

    pip install numpy scipy statsmodels scikit-posthocs autorank
    python reference.py            # writes golden.json next to it

Inputs are written with the numbers, so that the tests need no random numbers
of Python. Where no library has a method, its formula is written out here.
"""

import json
import math
import pathlib
from importlib.metadata import version

import numpy as np
import pandas as pd
import scikit_posthocs
from autorank import autorank
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

random = np.random.default_rng(20240607)
SIDES = {"two-sided": "TwoSided", "greater": "Greater", "less": "Less"}


def round_list(values, digits):
    """Short inputs; ties in a rounded difference are ties in binary too."""
    return [float(value) for value in np.round(values, digits)]


def wilcoxon():
    samples = {
        "ten pairs": round_list(random.normal(0.4, 1, 10), 6),
        "three pairs": [0.5, -0.25, 1.0],
        "one pair": [2.0],
        "fifty pairs": round_list(random.normal(0.2, 1, 50), 6),
        "fifty-one pairs": round_list(random.normal(0.2, 1, 51), 6),
        "two hundred pairs": round_list(random.normal(0.05, 1, 200), 6),
        "far out": round_list(random.normal(3, 1, 45), 6),
        "ties": [float(d) for d in random.integers(1, 5, 20) * random.choice([-1, 1], 20)],
        "zeros": [0.0, 0.0, 1.5, -0.5, 2.5, 3.5, -1.0, 4.0],
        "ties and zeros": [float(d) for d in random.integers(-3, 5, 30)],
    }
    cases = []
    for name, d in samples.items():
        nonzero = [abs(x) for x in d if x != 0]
        exact = len(d) <= 50 and len(nonzero) == len(d) and len(set(nonzero)) == len(d)
        case = {"name": name, "differences": d, "exact": exact}
        for side, alternative in SIDES.items():
            for correction, continuity in [(True, "Corrected"), (False, "Plain")]:
                result = stats.wilcoxon(
                    d, zero_method="wilcox", correction=correction, alternative=side,
                    method="exact" if exact else "asymptotic")
                case[alternative + continuity] = float(result.pvalue)
                case["positive"] = float(result.statistic)  # the last is one-sided
        cases.append(case)
    return cases


def iman_davenport(chi_squared, n, k):
    f = (n - 1) * chi_squared / (n * (k - 1) - chi_squared)
    return f, float(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))


def friedman():
    tables = {
        "no ties": random.gamma(2, 1, (12, 5)) * np.linspace(1, 2, 5),
        "ties": random.integers(1, 5, (15, 4)).astype(float),
        "three models": random.normal(0, 1, (8, 3)) + [0, 0.5, 2],
        "many models": random.gamma(3, 1, (30, 9)) + np.linspace(0, 3, 9),
    }
    cases = []
    for name, table in tables.items():
        table = np.round(table, 6)
        n, k = table.shape
        result = stats.friedmanchisquare(*table.T)
        f, f_p = iman_davenport(result.statistic, n, k)
        pairs = scikit_posthocs.posthoc_nemenyi_friedman(table)
        ranks = np.mean([stats.rankdata(row) for row in table], axis=0)
        q = stats.studentized_range.ppf(0.95, k, np.inf)
        cases.append({
            "name": name, "errors": table.tolist(), "average_ranks": ranks.tolist(),
            "chi_squared": float(result.statistic), "p": float(result.pvalue),
            "f": float(f), "f_p": f_p, "pairs": pairs.to_numpy().tolist(),
            "critical_difference": float(q / math.sqrt(2) * math.sqrt(k * (k + 1) / (6 * n)))})
    # a second implementation of the critical difference
    table = pd.DataFrame(np.round(tables["many models"], 6))
    ranked = autorank(table, alpha=0.05, force_mode="nonparametric", order="ascending")
    cases[-1]["autorank_critical_difference"] = float(ranked.cd)
    return cases


def studentized_range():
    cases = []
    for k in [2, 3, 5, 10, 20, 50]:
        for alpha in [0.5, 0.1, 0.05, 0.01, 0.001]:
            q = float(stats.studentized_range.ppf(1 - alpha, k, np.inf))
            cases.append({"count": k, "significance": alpha, "quantile": q})
    return cases


def confidence(mean, error, freedom, level=0.95):
    half = stats.t.ppf(0.5 + level / 2, freedom) * error
    return [float(mean - half), float(mean + half)]


def corrected_t(d, ratio):
    """Nadeau & Bengio (2003), written out."""
    j = len(d)
    error = math.sqrt((1 / j + ratio) * np.var(d, ddof=1))
    t = np.mean(d) / error
    return {
        "t": float(t), "TwoSided": float(2 * stats.t.sf(abs(t), j - 1)),
        "Greater": float(stats.t.sf(t, j - 1)), "Less": float(stats.t.cdf(t, j - 1)),
        "interval": confidence(np.mean(d), error, j - 1)}


def corrected_tost(d, margin, ratio):
    j = len(d)
    error = math.sqrt((1 / j + ratio) * np.var(d, ddof=1))
    return float(max(
        stats.t.sf((np.mean(d) + margin) / error, j - 1),
        stats.t.cdf((np.mean(d) - margin) / error, j - 1)))


def student():
    cases = []
    for count, shift in [(2, 0.3), (5, 0.1), (10, 0.5), (10, 0.0), (40, 0.2), (30, 3.0)]:
        first = np.round(random.gamma(9, 1, count), 6)
        second = np.round(first * (1 + 0.1 * shift) + random.normal(shift, 0.5, count), 6)
        d = first - second
        plain = {side: float(stats.ttest_rel(first, second, alternative=name).pvalue)
                 for name, side in SIDES.items()}
        result = stats.ttest_rel(first, second)
        plain["t"] = float(result.statistic)
        interval = result.confidence_interval(0.95)
        plain["interval"] = [float(interval.low), float(interval.high)]
        case = {"first": first.tolist(), "second": second.tolist(), "plain": plain,
                "ratio": 0.25, "corrected": corrected_t(d, 0.25), "margin": 0.75,
                "tost": float(ttost_paired(first, second, -0.75, 0.75)[0]),
                "corrected_tost": corrected_tost(d, 0.75, 0.25)}
        if np.all(second > 0):
            case["ratio_margin"] = 1.2
            case["tost_ratio"] = float(ttost_paired(
                first, second, 1 / 1.2, 1.2, transform=np.log)[0])
        cases.append(case)
    return cases


def many():
    cases = []
    for p in [random.uniform(0, 1, 12), random.uniform(0, 0.05, 7), random.beta(0.3, 2, 25),
              [0.01, 0.01, 0.03, 0.03, 0.5, 1.0, 0.0], [0.04]]:
        p = round_list(p, 6)
        adjusted = {name: multipletests(p, method=method)[1].tolist() for name, method in
                    [("holm", "holm"), ("found", "fdr_bh"), ("bonferroni", "bonferroni")]}
        cases.append({"p": p, **adjusted})
    return cases


def bca():
    samples = {
        "ten lognormal": random.lognormal(0, 0.8, 10),
        "twenty exponential": random.exponential(1, 20),
        "forty normal": random.normal(5, 1, 40),
        "six values": [3.1, 2.2, 8.0, 2.9, 4.4, 3.0],
    }
    statistics = {"mean": np.mean, "deviation": lambda x, axis: np.std(x, axis=axis, ddof=1)}
    cases = []
    for name, values in samples.items():
        values = round_list(values, 6)
        for statistic, function in statistics.items():
            ends = stats.bootstrap(
                (values,), function, method="BCa", n_resamples=400_000, batch=20_000,
                confidence_level=0.95, rng=np.random.default_rng(1))
            interval = ends.confidence_interval
            cases.append({"name": name, "statistic": statistic, "values": values,
                          "low": float(interval.low), "high": float(interval.high),
                          "standard_error": float(ends.standard_error)})
    return cases


def curves():
    """Least squares of ln error, by the library's own trust-region method."""
    sizes = np.array([25.0, 50, 100, 200, 299])
    cases = []
    for a, b, c, noise in [(1, 30, 1, 0), (0.05, 2, 0.4, 0), (20, 900, 0.8, 0.02),
                           (3, 400, 1.5, 0.05), (0, 50, 0.6, 0.03), (0.1, 8, 0.9, 0.04)]:
        errors = (a + b * sizes**-c) * np.exp(noise * random.normal(0, 1, len(sizes)))
        errors = np.array([float(f"{e:.9g}") for e in errors])
        # the part that falls is taken at 100 structures, which is better
        # conditioned than at one, and the slopes from both sides
        fitted = optimize.curve_fit(
            lambda n, a, b, c: np.log(a + b * (n / 100) ** -c), sizes, np.log(errors),
            p0=[a, b * 100.0**-c, c], bounds=([0, 0, 0], np.inf), jac="3-point",
            ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=100_000)[0]
        fitted[1] *= 100.0 ** fitted[2]
        squares = np.sum((np.log(errors) - np.log(fitted[0] + fitted[1] * sizes**-fitted[2]))**2)
        cases.append({"sizes": sizes.tolist(), "errors": errors.tolist(),
                      "asymptote": float(fitted[0]), "factor": float(fitted[1]),
                      "exponent": float(fitted[2]), "squares": float(squares)})
    return cases


PACKAGES = ["numpy", "scipy", "statsmodels", "scikit-posthocs", "autorank"]
golden = {
    "versions": {name: version(name) for name in PACKAGES},
    "wilcoxon": wilcoxon(), "friedman": friedman(), "studentized_range": studentized_range(),
    "student": student(), "many": many(), "bca": bca(), "curves": curves(),
}
target = pathlib.Path(__file__).with_name("golden.json")
lines = [f'"{key}": ' + (json.dumps(value) if key == "versions" else
         "[\n" + ",\n".join(json.dumps(case) for case in value) + "\n]")
         for key, value in golden.items()]
target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
