//! scratch
#![allow(clippy::print_stdout)]
use tightbinding::*;
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let s = GeneratorSettings::default();
    let sym = Symmetry::new(s.repeats).unwrap();
    for c in Complex::all() { eprint!("{} {}  ", c.label(), sym.configurations(c).len()); }
    eprintln!();
    let t = std::time::Instant::now();
    let g = generate(&s, 1, n, |_| ()).unwrap();
    eprintln!("{:?}", t.elapsed());
    let l = *g[0].structure.lattice();
    for x in &g {
        print!("{},{},{},{}", x.id, x.complex.label(), x.formation_energy, x.gap);
        for d in &x.defects { let p = l.cartesian(d.fractional); print!(",{:?}:{}:{}:{}", d.kind, p[0], p[1], p[2]); }
        println!();
    }
}
