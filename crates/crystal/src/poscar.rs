//! POSCAR files of VASP 5.
