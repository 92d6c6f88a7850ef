//! A law as a script that makes a `SymPy` expression.

use std::fmt::Write as _;

use super::{Written, levels, told};
use crate::{
    Column,
    export::{
        identifiers::identifiers,
        languages::quoted,
        operations::{Language, write as expression},
    },
    law::{Gather, Law, Rise, Term},
};

/// Words of the script.
const WORDS: [&str; 31] = [
    "a",
    "mpmath",
    "w",
    "clip",
    "coefficients",
    "numbers",
    "i",
    "m",
    "g",
    "M",
    "N",
    "T",
    "member",
    "members",
    "levels",
    "value",
    "tables",
    "divisor",
    "number",
    "known",
    "row",
    "rows",
    "soft_min",
    "gathered",
    "symbol",
    "how",
    "shapes",
    "shape",
    "items",
    "item",
    "k",
];

/// Puts numbers into an expression: counts, then rows, then coefficients; what has none
/// is of a channel that the law does not know.
const NUMBERS: &str = r"
def numbers(expression, tables):
    counts, known = {}, dict(coefficients)
    for name, (count, channel, columns) in levels.items():
        rows = tables.get(name, [])
        counts[count] = sympy.Integer(len(rows))
        for number, row in enumerate(rows, 1):
            known[channel[number]] = sympy.Symbol(row[0])
            if name not in gathered:
                known.update({column[number]: x for column, x in zip(columns, row[1:])})
                continue
            symbol, how, shapes = gathered[name]
            items = [{column[i]: x for column, x in zip(columns, item)} for item in zip(*row[1:])]
            for k, shape in enumerate(shapes, 1):
                known[symbol[k, number]] = how([shape.subs(item) for item in items])
    known = {symbol: sympy.sympify(x) for symbol, x in known.items()}
    # twice: coefficients are told by channels
    found = expression.xreplace(counts).doit().xreplace(known).xreplace(known)
    return found.replace(lambda part: isinstance(part, sympy.Indexed), lambda part: 0)
";

/// [`Gather::SoftMin`].
const SOFT_MIN: &str = "\
def soft_min(f):
    t = sympy.Max(*[abs(x) for x in f]) / 10
    return -t * sympy.log(sum(sympy.exp(-x / t) for x in f)) if t != 0 else t


";

const OF_A_TOTAL: &str = r"
def value(tables, divisor=1.0):
    # tables: by name of a level, rows (channel, columns ...)
    return numbers(formula.subs(N, divisor), tables)
";

const OF_AN_EXTREME: &str = r"
def value(tables, divisor=1.0):
    # tables: by name of a level, rows (member, channel, columns ...)
    members = {}
    for name, rows in tables.items():
        for number, *row in rows:
            members.setdefault(number, {}).setdefault(name, []).append(row)
    found = [numbers(member, own) for own in members.values()]
    known = {g[number]: x for number, x in enumerate(found, 1)}
    return formula.subs({M: len(found), N: divisor}).doit().subs(known)
";

const OF_A_LEVEL: &str = r"
def value(tables, divisor=1.0):
    # tables: by name of a level, rows ([row, column] of the matrix, channel, columns ...)
    entries = {}
    for name, rows in tables.items():
        for place, *row in rows:
            entries.setdefault(tuple(place), {}).setdefault(name, []).append(row)
    size = 1 + max(max(place) for place in entries)
    matrix = sympy.zeros(size, size)
    for (row, column), own in entries.items():
        matrix[row, column] = matrix[column, row] = numbers(member, own)
    levels = mpmath.eigsy(mpmath.matrix(matrix.tolist()), eigvals_only=True)
    known = {w[number]: x for number, x in enumerate(levels, 1)}
    return formula.subs({M: size, N: divisor}).doit().subs(known)
";

pub(super) fn write(law: &Law, target: &Column) -> String {
    let levels = levels(law, &WORDS);
    let mut text = format!(
        "{}import sympy\n\n\ndef clip(x, low, high):\n    \
         return sympy.Min(sympy.Max(x, low), high)\n\n\n{}\
         # {}; i counts the rows of a table\n\
         i, m, M = sympy.symbols(\"i m M\", integer=True, positive=True)\n\
         N = sympy.Symbol(\"N\", positive=True)\nlevels = {{}}\ncoefficients = {{}}\n\
         # functions of groups of items: f[k, i] is the k-th of group i\ngathered = {{}}\n",
        if law.rise == Rise::LowestLevel {
            "import mpmath\n"
        } else {
            ""
        },
        if levels
            .iter()
            .any(|level| level.known.gather == Gather::SoftMin)
        {
            SOFT_MIN
        } else {
            ""
        },
        told(target)
    );
    for level in &levels {
        text.push_str(&sum(level));
    }
    let names: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
    let _ = writeln!(text, "\nmember = {}", names.join(" + "));
    let (sign, end) = match law.rise {
        Rise::Sum => ("", OF_A_TOTAL),
        Rise::Lowest => ("-", OF_AN_EXTREME),
        Rise::Highest => ("", OF_AN_EXTREME),
        Rise::LowestLevel => ("-", OF_A_LEVEL),
    };
    if law.rise == Rise::Sum {
        text.push_str("formula = member / N\n\n");
    } else {
        let (symbol, told) = match law.rise {
            Rise::LowestLevel => (
                "w",
                "eigenvalues of a symmetric matrix whose entries are such sums",
            ),
            _ => ("g", "members of a structure, each with such a sum"),
        };
        let _ = write!(
            text,
            "# m counts the {told}\n\
             T = sympy.Float({:?})\n{symbol} = sympy.IndexedBase(\"{symbol}\", real=True)\n\
             formula = {sign}T * sympy.log(sympy.Sum(sympy.exp({sign}{symbol}[m] / T), (m, 1, M))) / N\n\n",
            law.temperature
        );
    }
    format!("{text}{NUMBERS}\n{end}")
}

/// The symbols, the coefficients and the sum over the rows of one level.
fn sum(level: &Written) -> String {
    let name = &level.name;
    let columns = columns(level);
    let mut text = declared(level, &columns);
    for (channel, own) in level.rows() {
        for (number, a) in (1..).zip(own) {
            let channel = quoted(channel);
            let _ = writeln!(
                text,
                "coefficients[a_{name}[{number}, sympy.Symbol({channel})]] = {a:?}"
            );
        }
    }
    let sides = columns.iter().zip(level.known.domain.sides());
    let held: Vec<String> = sides
        .map(|(symbol, side)| clipped(&format!("{symbol}[i]"), side.low, side.high))
        .collect();
    if !level.known.gather.is_sum() {
        text.push_str(&gathered(level, &held));
    }
    let term = |(number, term): (usize, &&Term)| {
        let value = if level.known.gather.is_sum() {
            shape(term, &held)
        } else {
            format!("f_{name}[{number}, i]")
        };
        let shape = clipped(&value, term.range.low, term.range.high);
        format!("a_{name}[{number}, channel_{name}[i]] * {shape}")
    };
    let terms: Vec<String> = (1..).zip(&level.terms).map(term).collect();
    let sum = if terms.is_empty() {
        "sympy.Integer(0)".to_owned()
    } else {
        let mut terms = terms.join("\n    + ");
        if level.is_held() {
            let bound = |number| format!("a_{name}[{number}, channel_{name}[i]]");
            let [least, most] = [1, 2].map(|more| bound(level.terms.len() + more));
            terms = format!("clip({terms}, {least}, {most})");
        }
        format!("sympy.Sum(\n    {terms},\n    (i, 1, n_{name}),\n)")
    };
    let _ = writeln!(text, "{name} = {sum}");
    text
}

/// Identifiers of the columns of a level, as `r_pair`: levels may share names.
fn columns(level: &Written) -> Vec<String> {
    let name = &level.name;
    let own = ["n", "channel", "a", "f"].map(|word| format!("{word}_{name}"));
    let own = own.iter().map(String::as_str);
    let taken: Vec<&str> = WORDS.into_iter().chain(own).collect();
    let columns = level.known.columns.iter();
    let names: Vec<String> = columns
        .map(|column| format!("{} {name}", column.name))
        .collect();
    identifiers((0_u32..).zip(names.iter().map(String::as_str)), &taken)
}

/// The symbols of a level: how many rows, and indexed by these the channel and columns.
fn declared(level: &Written, columns: &[String]) -> String {
    let name = &level.name;
    let mut text = format!(
        "\n# {}\nn_{name} = sympy.Symbol(\"n_{name}\", integer=True, nonnegative=True)\n\
         channel_{name} = sympy.IndexedBase(\"channel_{name}\")\n\
         a_{name} = sympy.IndexedBase(\"a_{name}\", real=True)\n",
        level.comment()
    );
    for symbol in columns {
        let _ = writeln!(
            text,
            "{symbol} = sympy.IndexedBase(\"{symbol}\", real=True)"
        );
    }
    let mut list = columns.join(", ");
    if columns.len() == 1 {
        list.push(',');
    }
    let level = quoted(&level.known.name);
    let _ = writeln!(
        text,
        "levels[{level}] = (n_{name}, channel_{name}, ({list}))"
    );
    text
}

/// The functions of a level whose items are gathered, and how.
fn gathered(level: &Written, columns: &[String]) -> String {
    let name = &level.name;
    let how = match level.known.gather {
        Gather::Sum => "sum",
        Gather::Mean => "lambda f: sum(f) / len(f)",
        Gather::Min => "lambda f: sympy.Min(*f)",
        Gather::Max => "lambda f: sympy.Max(*f)",
        Gather::SoftMin => "soft_min",
        Gather::Norm => "lambda f: sympy.sqrt(sum(x**2 for x in f))",
    };
    let shapes = level.terms.iter().map(|term| {
        let shape = shape(term, columns);
        format!("    sympy.sympify({shape}),\n")
    });
    let shapes: String = shapes.collect();
    format!(
        "f_{name} = sympy.IndexedBase(\"f_{name}\", real=True)\n\
         gathered[{}] = (f_{name}, {how}, [\n{shapes}])\n",
        quoted(&level.known.name)
    )
}

fn shape(term: &Term, columns: &[String]) -> String {
    let name = |column: u32| columns[column as usize].clone();
    expression(&term.shape, Language::Sympy, &name)
}

fn clipped(text: &str, low: f64, high: f64) -> String {
    format!("clip({text}, {}, {})", bound(low), bound(high))
}

fn bound(value: f64) -> String {
    if value.is_finite() {
        format!("{value:?}")
    } else {
        format!("{}sympy.oo", if value < 0.0 { "-" } else { "" })
    }
}
