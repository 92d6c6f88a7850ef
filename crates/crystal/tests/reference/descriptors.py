"""Writes tests/data/structural-descriptors.json: structural features by other programs.

    pip install matminer==0.10.1 pymatgen==2026.10.24 gemmi==0.7.5
    python descriptors.py > ../data/structural-descriptors.json

What matminer, pymatgen and spglib define as Tycho does is taken from them. What
Tycho defines otherwise (see the module of each family) is computed here a second
time, as plainly as possible: dihedral angles, and the scattering factors of the
International Tables under a powder pattern.
"""

import itertools
import json
import math
import sys

import gemmi
import numpy as np
import matminer.featurizers.structure.matrix
from matminer.featurizers.structure import (
    DensityFeatures,
    JarvisCFID,
    MaximumPackingEfficiency,
    OrbitalFieldMatrix,
    StructuralComplexity,
    XRDPowderPattern,
)
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Element, Lattice, Structure
from scipy.stats import gaussian_kde

THIRD = 1 / 3

# matminer has the "angstrom star", a unit of wavelengths, for the angstrom
matminer.featurizers.structure.matrix.ANG_TO_BOHR = 1.8897261246


def mos2():
    lattice = Lattice.hexagonal(3.1903157, 14.879004)
    sites = [[THIRD, 2 * THIRD, 0.25], [2 * THIRD, THIRD, 0.144826], [2 * THIRD, THIRD, 0.355174]]
    return Structure(lattice, ["Mo", "S", "S"], sites)


def vacancy():
    """3 x 3 cells of the layer without one sulphur, and with two selenium beside each other."""
    grown = mos2() * [3, 3, 1]
    grown.replace(25, "Se")
    grown.replace(26, "Se")
    grown.remove_sites([9])
    return Structure.from_sites(grown.sites)


def structures():
    half = 2.82
    fcc = [[0, half, half], [half, 0, half], [half, half, 0]]
    bcc = [[-1.58, 1.58, 1.58], [1.58, -1.58, 1.58], [1.58, 1.58, -1.58]]
    triclinic = Lattice.from_parameters(5.13, 6.31, 7.22, 77.0, 83.0, 68.0)
    places = [[0.11, 0.23, 0.05], [0.62, 0.71, 0.14], [0.37, 0.18, 0.49], [0.83, 0.44, 0.72], [0.29, 0.91, 0.81]]
    boron_nitride = [[THIRD, 2 * THIRD, 0.25], [2 * THIRD, THIRD, 0.75], [THIRD, 2 * THIRD, 0.75], [2 * THIRD, THIRD, 0.25]]
    return {
        "rock-salt": Structure(fcc, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        "mos2": mos2(),
        "mos2-vacancy": vacancy(),
        "triclinic": Structure(triclinic, ["Ga", "Se", "N", "Se", "In"], places),
        "boron-nitride": Structure(Lattice.hexagonal(2.504, 6.661), ["B", "B", "N", "N"], boron_nitride),
        "tungsten": Structure(bcc, ["W"], [[0, 0, 0]]),
    }


def sparse(values, digits=9):
    """Index and value of what is not zero."""
    return {str(i): float(f"{v:.{digits}g}") for i, v in enumerate(values) if abs(v) > 1e-12}


def scattering(symbol, s2):
    c = gemmi.Element(symbol).it92
    return sum(a * np.exp(-b * s2) for a, b in zip(c.a, c.b)) + c.c


def powder(structure, top=127.0, wavelength=1.54184):
    """Angles and intensities (largest 100) of all lines, every reflection in turn."""
    recip = structure.lattice.reciprocal_lattice_crystallographic
    points = recip.get_points_in_sphere([[0, 0, 0]], [0, 0, 0], 2 * math.sin(math.radians(top / 2)) / wavelength)
    lines = {}
    for hkl, g, *_ in points:
        if g < 1e-9:
            continue
        theta, s2 = math.asin(wavelength * g / 2), (g / 2) ** 2
        waves = np.exp(2j * np.pi * structure.frac_coords @ np.round(hkl))
        factor = sum(scattering(site.specie.symbol, s2) * wave for site, wave in zip(structure, waves))
        lorentz = (1 + math.cos(2 * theta) ** 2) / (math.sin(theta) ** 2 * math.cos(theta))
        angle = math.degrees(2 * theta)
        key = round(angle, 4)
        lines.setdefault(key, [angle, 0.0])[1] += abs(factor) ** 2 * lorentz
    lines = np.array([lines[key] for key in sorted(lines)])
    lines[:, 1] *= 100 / lines[:, 1].max()
    return lines


def smeared(lines):
    """matminer's XRDPowderPattern, from other lines."""
    counts = np.floor(lines[:, 1] + 1e-9).astype(int)
    kernel = gaussian_kde(np.repeat(lines[:, 0], counts), bw_method=0.05)
    return kernel(np.linspace(0, 127, 128))


def dihedrals(structure, cutoff):
    """Dihedral angles over every bond, seen from both ends; see the Rust module."""
    coords = structure.cart_coords
    near = structure.get_all_neighbors(cutoff)
    seen = {}
    for i, bonds in enumerate(near):
        for j in bonds:
            shift = j.coords - coords[j.index]
            for a, b in itertools.product(bonds, near[j.index]):
                end = b.coords + shift
                if np.linalg.norm(a.coords - j.coords) < 1e-6 or np.linalg.norm(end - coords[i]) < 1e-6:
                    continue
                v1, v2, v3 = coords[i] - a.coords, j.coords - coords[i], end - j.coords
                n1, n2 = np.cross(v1, v2), np.cross(v2, v3)
                if min(np.linalg.norm(n1), np.linalg.norm(n2)) < 1e-6:
                    continue
                cosine = n1 @ n2 / np.linalg.norm(n1) / np.linalg.norm(n2)
                angle = math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
                seen.setdefault(round(angle, 3), []).append(i)
    weights = [len(atoms) / len(set(atoms)) for atoms in seen.values()]
    return np.histogram(list(seen), bins=np.arange(1, 181.0), weights=weights)[0]


def first_cutoff(structure):
    """rcut1 of JarvisCFID.get_distributions, which does not return it."""
    starts, _, counts = JarvisCFID._get_rdf(structure)
    filled = [x for x, n in zip(starts, counts) if n > 0]
    k = 0
    while filled[k + 1] - filled[k] < 0.11 and filled[k + 1] < 5.0:
        k += 1
    return (filled[k] + filled[k + 1]) / 2


def roomy(structure):
    """The structure in a cell so large that JarvisCFID, which sees one image of
    an atom, sees all that are within its cutoffs."""
    heights = 1 / np.array(structure.lattice.reciprocal_lattice_crystallographic.abc)
    return structure * [math.ceil(12 / height) for height in heights]


class Orbitals(OrbitalFieldMatrix):
    """With the outermost shell by its number: matminer takes the subshell that
    pymatgen lists last, which in newer versions is that of the highest energy.
    Palladium, without a fifth shell, is in the fifth period."""

    def get_ohv(self, element, period_tag):
        subshells = element.full_electronic_structure
        outermost = 5 if element.symbol == "Pd" else max(n for n, _, _ in subshells)
        ones = np.zeros(32, np.int32)
        for n, letter, electrons in subshells:
            if n >= outermost - {"s": 0, "p": 0, "d": 1, "f": 2}[letter]:
                ones[{"s": 0, "p": 2, "d": 8, "f": 18}[letter] + electrons - 1] = 1
        return ones


def describe(structure):
    density, volume, packing = DensityFeatures().featurize(structure)
    angles1, angles2, _, radial, nearest = JarvisCFID().get_distributions(roomy(structure))
    torsions = JarvisCFID().get_distributions(structure)[2]
    lines = powder(structure)
    pattern = XRDCalculator().get_pattern(structure, two_theta_range=(0, 127))
    return {
        "lattice": structure.lattice.matrix.tolist(),
        "symbols": [site.specie.symbol for site in structure],
        "fractional": structure.frac_coords.tolist(),
        "density": [density, volume, packing, MaximumPackingEfficiency().featurize(structure)[0]],
        "complexity": list(StructuralComplexity().featurize(structure)),
        "peaks_pymatgen": [[round(x, 5), round(y, 4)] for x, y in zip(pattern.x, pattern.y) if y > 2],
        "peaks": [[round(x, 6), round(y, 7)] for x, y in lines if y > 2],
        "pattern": sparse(smeared(lines)),
        "pattern_matminer": sparse(XRDPowderPattern().featurize(structure), 5),
        "radial": sparse(radial, 7),
        "neighbors": sparse(nearest),
        "angles1": sparse(angles1),
        "angles2": sparse(angles2),
        "dihedrals": sparse(dihedrals(structure, first_cutoff(structure))),
        "dihedrals_matminer": sparse(torsions),
        "orbitals": sparse(Orbitals().featurize(structure.copy())),
    }


if __name__ == "__main__":
    golden = {name: describe(structure) for name, structure in structures().items()}
    configurations = {}
    matrix = Orbitals()
    for number in range(1, 95):
        ones = np.flatnonzero(matrix.ohvs[number].A1).tolist()
        configurations[Element.from_Z(number).symbol] = ones
    json.dump({"structures": golden, "orbitals_of_elements": configurations}, sys.stdout)
    print()
