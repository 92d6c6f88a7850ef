# Every command a contributor needs, each one line over cargo.

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

# documentation, warnings denied
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# licences, bans, sources (needs cargo-deny)
deny:
    cargo deny check licenses bans sources

# run a study of `reports/` and write its report
report NAME:
    cargo run --release -p harness -- run reports/{{NAME}}/study.toml

# criterion benchmarks
bench *ARGS:
    cargo bench -p benches {{ARGS}}

# accept changed inline snapshots (needs cargo-insta)
bless:
    cargo insta accept
