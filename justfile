# Every command a contributor needs, each one line over cargo.

# fuzz targets that build without the harness
QUICK := "^(cif|poscar|xyz|pymatgen_json|formula|formula_prefix|formula_json|unit|boost_model|segvae_weights)$"

# list the commands
default:
    @just --list

# what the checks run
check: fmt clippy test doc deny

# formatting
fmt:
    cargo fmt --all --check

# lints, warnings denied
clippy:
    cargo clippy --workspace --all-targets -- -D warnings

# all tests; set TYCHO_SHARED to run those on real data too
test:
    cargo test --workspace

# property tests on many new cases
hunt CASES="20000":
    PROPTEST_RNG_SEED=$RANDOM PROPTEST_CASES={{CASES}} cargo test --release --workspace

# documentation, warnings denied
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# licences, bans, sources (needs cargo-deny)
deny:
    cargo deny check licenses bans sources

# run a study of `reports/` and write its report
report NAME:
    cargo run --release -p harness -- run reports/{{NAME}}/study.toml

# one file that runs on any Linux of this processor, and where it lies
static TARGET="x86_64-unknown-linux-gnu":
    RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --profile dist --target {{TARGET}} -p harness
    @ls -l "${CARGO_TARGET_DIR:-target}/{{TARGET}}/dist/tycho"

# criterion benchmarks
bench *ARGS:
    cargo bench -p benches {{ARGS}}

# fuzz one of the targets of `fuzz/` (needs nightly and cargo-fuzz)
fuzz TARGET SECONDS="60":
    mkdir -p fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}}
    cargo +nightly fuzz run --sanitizer none {{ if TARGET =~ QUICK { "" } else { "--features harness" } }} {{TARGET}} \
        fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}} -- -max_total_time={{SECONDS}} -rss_limit_mb=2048 -timeout=10 \
        $(test ! -f fuzz/dictionaries/{{TARGET}}.txt || echo -dict=fuzz/dictionaries/{{TARGET}}.txt)

# accept changed inline snapshots (needs cargo-insta)
bless:
    cargo insta accept
