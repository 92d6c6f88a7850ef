//! How each operation is written in each language.

use crate::{Expr, Op};

/// The languages whose expressions are written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Sympy,
    Python,
    C99,
    Rust,
}

/// How tightly an operation binds; the same order holds in all languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

struct Part {
    text: String,
    binding: Binding,
}

impl Part {
    fn atom(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            binding: Binding::Atom,
        }
    }

    /// In parentheses unless it binds so tightly.
    fn at_least(&self, binding: Binding) -> String {
        if self.binding < binding {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }
}

/// The formula as an expression of the language.
pub(super) fn write(expr: &Expr, language: Language, name: &dyn Fn(u32) -> String) -> String {
    let mut stack: Vec<Part> = Vec::new();
    for &op in expr.code() {
        let operands = stack.split_off(stack.len() - op.arity());
        stack.push(match (op, &operands[..]) {
            (Op::Const(value), _) => number(value),
            (Op::Integer(value), _) => integer(value, language),
            (Op::Pi, _) => Part::atom(match language {
                Language::Sympy => "sympy.pi",
                Language::Python => "np.pi",
                // M_PI is POSIX, not C99.
                Language::C99 => "3.141592653589793",
                Language::Rust => "std::f64::consts::PI",
            }),
            (Op::Column(index), _) => Part::atom(name(index)),
            (op, [a]) => unary(op, a, language),
            (op, [a, b]) => binary(op, a, b, language),
            (op, _) => panic!("{op:?} has other than one or two operands"),
        });
    }
    stack.remove(0).text
}

/// The shortest digits that give the same number, which all languages read.
fn number(value: f64) -> Part {
    Part {
        text: format!("{value:?}"),
        binding: if value.is_sign_negative() {
            Binding::Sign
        } else {
            Binding::Atom
        },
    }
}

/// A float where the language would divide integers without a remainder.
fn integer(value: i32, language: Language) -> Part {
    match language {
        Language::Sympy => Part::atom(format!("sympy.Integer({value})")),
        Language::Python | Language::C99 | Language::Rust => number(value.into()),
    }
}

fn unary(op: Op, a: &Part, language: Language) -> Part {
    match op {
        Op::Neg => Part {
            text: format!("-{}", a.at_least(Binding::Power)),
            binding: Binding::Sign,
        },
        Op::Square => power(a, 2, language),
        Op::Cube => power(a, 3, language),
        Op::Powi(n) => power(a, n.into(), language),
        Op::Inv => Part {
            text: match language {
                Language::Sympy | Language::Python | Language::C99 | Language::Rust => {
                    format!("1.0 / {}", a.at_least(Binding::Power))
                }
            },
            binding: Binding::Product,
        },
        _ => call(op, &[a], language),
    }
}

fn binary(op: Op, a: &Part, b: &Part, language: Language) -> Part {
    let infix = |sign: &str, binding: Binding, right: Binding| Part {
        text: format!("{} {sign} {}", a.at_least(binding), b.at_least(right)),
        binding,
    };
    match op {
        Op::Add => infix("+", Binding::Sum, Binding::Product),
        Op::Sub => infix("-", Binding::Sum, Binding::Product),
        Op::Mul => infix("*", Binding::Product, Binding::Power),
        Op::Div => infix("/", Binding::Product, Binding::Power),
        _ => call(op, &[a, b], language),
    }
}

fn power(a: &Part, n: i32, language: Language) -> Part {
    match language {
        Language::Sympy | Language::Python => Part {
            text: format!("{}**{n}", a.at_least(Binding::Atom)),
            binding: Binding::Power,
        },
        Language::C99 => Part::atom(format!("pow({}, {n}.0)", a.text)),
        Language::Rust => Part::atom(format!("f64::powi({}, {n})", a.text)),
    }
}

fn call(op: Op, operands: &[&Part], language: Language) -> Part {
    let operands: Vec<&str> = operands.iter().map(|part| part.text.as_str()).collect();
    let name = function(op, language).expect("the operation is a function in every language");
    Part::atom(format!("{name}({})", operands.join(", ")))
}

/// Name of the function that an operation is, in the order of [`Language`];
/// none for those with a sign.
fn function(op: Op, language: Language) -> Option<&'static str> {
    let [sympy, python, c99, rust] = match op {
        Op::Const(_)
        | Op::Integer(_)
        | Op::Pi
        | Op::Column(_)
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Neg
        | Op::Square
        | Op::Cube
        | Op::Inv
        | Op::Powi(_) => return None,
        Op::Sqrt => ["sympy.sqrt", "np.sqrt", "sqrt", "f64::sqrt"],
        // SymPy's own is the principal root, complex for negative numbers.
        Op::Cbrt => ["cbrt", "np.cbrt", "cbrt", "f64::cbrt"],
        Op::Exp => ["sympy.exp", "np.exp", "exp", "f64::exp"],
        Op::Log => ["sympy.log", "np.log", "log", "f64::ln"],
        Op::Sin => ["sympy.sin", "np.sin", "sin", "f64::sin"],
        Op::Cos => ["sympy.cos", "np.cos", "cos", "f64::cos"],
        Op::Tanh => ["sympy.tanh", "np.tanh", "tanh", "f64::tanh"],
        Op::Abs => ["sympy.Abs", "np.abs", "fabs", "f64::abs"],
        Op::Pow => ["sympy.Pow", "np.power", "pow", "f64::powf"],
        Op::Min => ["sympy.Min", "np.minimum", "fmin", "f64::min"],
        Op::Max => ["sympy.Max", "np.maximum", "fmax", "f64::max"],
    };
    Some(match language {
        Language::Sympy => sympy,
        Language::Python => python,
        Language::C99 => c99,
        Language::Rust => rust,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 4] = [
        Language::Sympy,
        Language::Python,
        Language::C99,
        Language::Rust,
    ];

    fn written(text: &str, language: Language) -> String {
        let expr = Expr::parse(text, &["x", "y"]).unwrap();
        write(&expr, language, &|index| {
            ["x", "y"][index as usize].to_owned()
        })
    }

    #[test]
    fn parentheses_are_where_they_must_be() {
        for (text, expected) in [
            ("x - (y - 1.5)", "x - (y - 1.5)"),
            ("x - y - 1.5", "x - y - 1.5"),
            ("x / (y * x)", "x / (y * x)"),
            ("x * (-y)", "x * (-y)"),
            ("(-2.5)^2", "(-2.5)**2"),
            ("-2.5^2", "-2.5**2"),
            ("-(-x)", "-(-x)"),
            ("(x^2)^3", "(x**2)**3"),
            ("(x + y)^-4", "(x + y)**-4"),
            ("inv(x) * y", "1.0 / x * y"),
            ("y * inv(x)", "y * (1.0 / x)"),
        ] {
            assert_eq!(written(text, Language::Python), expected);
        }
    }

    /// The tables panic where an operation has no entry.
    #[test]
    fn every_operation_can_be_written_in_every_language() {
        for language in LANGUAGES {
            for op in Op::NAMED.into_iter().chain([Op::Powi(-4)]) {
                let mut code = vec![Op::Column(0), Op::Pi];
                code.truncate(op.arity());
                code.push(op);
                let expr = Expr::new(code).unwrap();
                let text = write(&expr, language, &|_| "x".to_owned());
                assert!(text.contains('x'), "{op:?} in {language:?}: {text}");
            }
        }
    }

    #[test]
    fn integers_are_divided_with_a_remainder() {
        assert_eq!(written("x * (1/3)", Language::Rust), "x * (1.0 / 3.0)");
        assert_eq!(
            written("1/3", Language::Sympy),
            "sympy.Integer(1) / sympy.Integer(3)"
        );
    }
}
