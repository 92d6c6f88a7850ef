//! scratch
#![allow(clippy::print_stdout)]
use std::time::Instant;
use tightbinding::Model;
fn main() {
    let m = Model::mos2();
    let u = m.unit_cell();
    for (n,k) in [("G",[0.0,0.0,0.0]),("M",[0.5,0.0,0.0]),("K",[1.0/3.0,1.0/3.0,0.0]),("Q",[1.0/6.0,1.0/6.0,0.0])] {
        println!("{n} {:.3?}", m.bands(&u,k).unwrap());
    }
    let s = u.supercell([6,6,1]);
    let t = Instant::now();
    let e = m.energy(&s).unwrap();
    println!("{:?} E {} gap {} homo {}", t.elapsed(), e.total_energy(), e.gap(), e.homo());
    // stretch
    use crystal::*;
    let stretched = |f: f64, g: f64| {
        let l = Lattice::from_parameters([3.16*f,3.16*f,15.0*g],[90.0,90.0,120.0]).unwrap();
        m.energy(&Structure::new(l, s.sites().to_vec()).map(|s0| { let l = s0.lattice().supercell([1,1,1]); let r=l.rows(); let l6=Lattice::new([scale(6.0,r[0]),scale(6.0,r[1]),r[2]]).unwrap(); Structure::new(l6, s.sites().to_vec()).unwrap().with_periodic([true,true,false])}).unwrap()).unwrap()
    };
    let h=0.002;
    for (n,a,b) in [("iso",1.0,1.0),("plane",1.0,0.0),("z",0.0,1.0)] {
        let p = stretched(1.0+h*a,1.0+h*b); let q = stretched(1.0-h*a,1.0-h*b);
        println!("{n} band {} rep {}", (p.band_energy()-q.band_energy())/(2.0*h)/36.0, (p.repulsion_energy()-q.repulsion_energy())/(2.0*h)/36.0);
    }
    println!("band per cell {}", e.band_energy()/36.0);
    let remove = |rm: &[usize]| { let sites = s.sites().iter().enumerate().filter(|(i,_)| !rm.contains(i)).map(|(_,x)|*x).collect(); m.energy(&Structure::new(*s.lattice(), sites).unwrap().with_periodic([true,true,false])).unwrap() };
    let f = |x: &tightbinding::Electronic| x.total_energy() - e.total_energy();
    let (vs, vm) = (remove(&[36]), remove(&[0]));
    let put = |rm: &[(usize,&str)]| { let mut sites = s.sites().to_vec(); for (i,x) in rm { sites[*i].element = x.parse().unwrap(); } m.energy(&Structure::new(*s.lattice(), sites).unwrap().with_periodic([true,true,false])).unwrap() };
    println!("W {:.4} Se {:.4} cell {:.4}", f(&put(&[(0,"W")])), f(&put(&[(36,"Se")])), e.total_energy()/36.0);
    println!("VS {:.3} gap {:.3} levels {:.3?} VMo {:.3} gap {:.3}", f(&vs), vs.gap(), &vs.levels()[vs.occupied()-2..vs.occupied()+3], f(&vm), vm.gap());
    let d = |i: usize, j: usize| norm(s.nearest_image(s.sites()[i].fractional, s.sites()[j].fractional));
    let mut v: Vec<usize> = (37..108).collect(); v.sort_by(|a,b| d(36,*a).total_cmp(&d(36,*b)));
    let mut last = 0.0;
    for j in v { if d(36,j) - last < 1e-3 { continue; } last = d(36,j); let x = remove(&[36,j]); print!("[{:.2}: {:.3} g {:.2}] ", last, f(&x)-2.0*f(&vs), x.gap()); }
    println!();
    let mut v: Vec<usize> = (36..108).collect(); v.sort_by(|a,b| d(0,*a).total_cmp(&d(0,*b)));
    let mut last = 0.0;
    for j in v { if d(0,j) - last < 1e-3 { continue; } last = d(0,j); let x = remove(&[0,j]); print!("[{:.2}: {:.3} g {:.2}] ", last, f(&x)-f(&vs)-f(&vm), x.gap()); }
    println!();
}
