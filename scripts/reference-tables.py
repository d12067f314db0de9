"""Writes src/reference/data/*.ts from the tables of XrayDB (CC0), https://github.com/xraypy/XrayDB.

Run once, with `xraydb` and `gemmi` from PyPI installed:  python3 scripts/reference-tables.py
Each file holds one JSON text, parsed on first use, one element a line so that a change can be read.

Sources, as named by XrayDB:
  elements, levels, lines, Coster-Kronig, cross sections: W. T. Elam, B. D. Ravel, J. R. Sieber,
    Radiation Physics and Chemistry 63 (2002) 121
  core widths: M. O. Krause, J. H. Oliver, J. Phys. Chem. Ref. Data 8 (1979) 329, where they list the level,
    else O. Keski-Rahkonen, M. O. Krause, At. Data Nucl. Data Tables 14 (1974) 139
  f0: D. Waasmaier, A. Kirfel, Acta Cryst. A51 (1995) 416
  f0 of ions that Waasmaier and Kirfel lack: International Tables for Crystallography C, table 6.1.1.4, by gemmi
  f', f'': C. T. Chantler, J. Phys. Chem. Ref. Data 29 (2000) 597
"""

import json
import os
import sqlite3

import gemmi
import numpy as np
import xraydb

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '..', 'src', 'reference', 'data')
DB = sqlite3.connect(os.path.join(os.path.dirname(xraydb.__file__), 'xraydb.sqlite'))
VERSION = DB.execute('select tag from Version order by date desc').fetchone()[0]
ELEMENTS = DB.execute(
    'select atomic_number, element, name, molar_mass, density from elements where atomic_number <= 98 order by atomic_number'
).fetchall()
SYMBOLS = [row[1] for row in ELEMENTS]


def short(x):
    """A number with the digits it has, and no trailing '.0'."""
    x = float('%.8g' % x)
    return int(x) if x == int(x) and abs(x) < 1e15 else x


def write(name, subject, entries, source=f'XrayDB {VERSION}, CC0'):
    """entries: list of (key, value); a JSON object with one entry a line."""
    body = ',\n'.join(json.dumps(k) + ':' + json.dumps(v, separators=(',', ':')) for k, v in entries)
    with open(os.path.join(OUT, name + '.ts'), 'w') as out:
        out.write(
            f'/** {subject} Written by scripts/reference-tables.py ({source}); do not edit. */\n'
            f'export default `{{\n{body}\n}}`;\n'
        )


def table(sql, element):
    return DB.execute(sql, (element,)).fetchall()


def per_element(sql, row):
    found = [(el, [row(r) for r in table(sql, el)]) for el in SYMBOLS]
    return [(el, rows) for el, rows in found if rows]


def elements():
    write(
        'elements',
        'Atomic number, name, molar mass (g/mol), density (g/cm3).',
        [(el, [z, name, short(mass), short(density)]) for z, el, name, mass, density in ELEMENTS],
    )


def levels():
    write(
        'levels',
        'Edge, energy (eV), fluorescence yield, jump ratio.',
        per_element(
            'select iupac_symbol, absorption_edge, fluorescence_yield, jump_ratio from xray_levels'
            ' where element = ? order by absorption_edge desc',
            lambda r: [r[0], short(r[1]), short(r[2]), short(r[3])],
        ),
    )


def lines():
    write(
        'lines',
        'Siegbahn name, initial level, final level, energy (eV), share of the initial level.',
        per_element(
            'select siegbahn_symbol, initial_level, final_level, emission_energy, intensity from xray_transitions'
            ' where element = ? order by emission_energy desc',
            lambda r: [r[0], r[1], r[2], short(r[3]), short(r[4])],
        ),
    )


def coster_kronig():
    write(
        'coster-kronig',
        'Initial level, final level, probability, total probability with cascades.',
        per_element(
            'select initial_level, final_level, transition_probability, total_transition_probability'
            ' from Coster_Kronig where element = ?',
            lambda r: [r[0], r[1], short(r[2]), short(r[3])],
        ),
    )


def core_widths():
    write(
        'core-widths',
        'Level, width (eV; Krause-Oliver where listed), width (eV; Keski-Rahkonen-Krause).',
        per_element(
            'select c.edge, c.width, k.width from corelevel_widths c left join KeskiRahkonen_Krause k'
            ' on k.element = c.element and k.edge = c.edge where c.element = ?',
            lambda r: [r[0], short(r[1]), None if r[2] is None else short(r[2])],
        ),
    )


def cross_sections():
    rows = []
    for el in SYMBOLS:
        photo = table('select log_energy, log_photoabsorption, log_photoabsorption_spline from photoabsorption where element = ?', el)
        scatter = table(
            'select log_energy, log_coherent_scatter, log_coherent_scatter_spline, log_incoherent_scatter,'
            ' log_incoherent_scatter_spline from scattering where element = ?',
            el,
        )
        rows.append((el, [[short(v) for v in json.loads(column)] for column in photo[0] + scatter[0]]))
    write(
        'cross-sections',
        'ln E (eV), ln photoabsorption (cm2/g), its spline; ln E, ln coherent, spline, ln incoherent, spline.',
        rows,
    )


def waasmaier_kirfel():
    rows = DB.execute('select ion, offset, scale, exponents from Waasmaier order by id').fetchall()
    write(
        'waasmaier-kirfel',
        'c, a1..a5, b1..b5 of f0(s) = c + sum a exp(-b s^2), s = sin(theta)/lambda (1/angstrom) below 6.',
        [(ion, [short(c)] + [short(v) for v in json.loads(a) + json.loads(b)]) for ion, c, a, b in rows],
    )


def international_tables():
    gemmi.IT92_set_ignore_charge(False)
    rows = []
    for el in SYMBOLS:
        for charge in [0, *range(-4, 0), *range(1, 9)]:
            found = gemmi.IT92_get_exact(gemmi.Element(el), charge)
            if found is None:
                continue
            coefficients = found.get_coefs()
            ion = el if charge == 0 else f'{el}{abs(charge)}{"+" if charge > 0 else "-"}'
            rows.append((ion, [float('%.6g' % coefficients[i]) for i in (8, 0, 1, 2, 3, 4, 5, 6, 7)]))
    write(
        'international-tables',
        'c, a1..a4, b1..b4 of f0(s) = c + sum a exp(-b s^2), s = sin(theta)/lambda (1/angstrom) below 2.',
        rows,
        'International Tables for Crystallography C, 6.1.1.4',
    )


F1_TOLERANCE = 0.003
F2_TOLERANCE = 0.002


def thinned(energy, f1, f2):
    """Indices to keep so that linear interpolation in ln E of f' (and of ln f'') stays within the tolerances."""
    le, lf2 = np.log(energy), np.log(np.maximum(f2, 1e-12))
    keep = [0]
    start = 0
    while start < len(le) - 1:
        step = 2
        last = start + 1
        while start + step < len(le):
            end = start + step
            inner = slice(start + 1, end)
            t = (le[inner] - le[start]) / (le[end] - le[start])
            if np.max(np.abs(f1[start] + t * (f1[end] - f1[start]) - f1[inner])) > F1_TOLERANCE:
                break
            if np.max(np.abs(lf2[start] + t * (lf2[end] - lf2[start]) - lf2[inner])) > F2_TOLERANCE:
                break
            last = end
            step += 1
        keep.append(last)
        start = last
    return keep


def chantler():
    """XrayDB's column f1 is f1 - Z with the 3/5 CL relativistic and the nuclear Thomson terms added: f' itself."""
    rows = []
    for el in SYMBOLS:
        found = table('select energy, f1, f2 from Chantler where element = ?', el)
        if not found:
            continue
        energy, f1, f2 = (np.array(json.loads(c)) for c in found[0])
        inside = (energy > 900) & (energy < 110_000)
        energy, f1, f2 = energy[inside], f1[inside], f2[inside]
        keep = thinned(energy, f1, f2)
        columns = [
            [float('%.7g' % energy[i]) for i in keep],
            [float('%.4f' % f1[i]) for i in keep],
            [float('%.4g' % f2[i]) for i in keep],
        ]
        rows.append((el, columns))
    write(
        'chantler',
        "E (eV), f' and f'' (e/atom), thinned: linear interpolation in ln E stays within 0.003 e and 0.2 %.",
        rows,
    )


for step in (elements, levels, lines, coster_kronig, core_widths, cross_sections, waasmaier_kirfel, international_tables, chantler):
    step()
