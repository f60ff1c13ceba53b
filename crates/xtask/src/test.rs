//! `cargo xtask test`: everything, with progress and a summary.
use crate::cases::{Bench, Part, faults};
use crate::cli::Cli;
use crate::report::{Outcome, Report, Tier};
use crate::root;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Use OpenTofu, built from source as a Go tool the first time: a sample of the cases; all of them with --all
    #[arg(long)]
    tofu: bool,
    /// Only acceptance tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How many acceptance tests run at a time
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Use this binary of the provider instead of building one
    #[arg(long, value_name = "FILE")]
    provider: Option<PathBuf>,
    /// Of the faults, and of the cases with OpenTofu, all instead of a sample; all faults take hours
    #[arg(long)]
    all: bool,
    /// A dump of a vCenter (`govc object.save -d DIR`), for the group `recorded`
    #[arg(long, value_name = "DIR")]
    dump: Option<PathBuf>,
    /// Only these groups of tests
    #[arg(long, value_enum, value_name = "GROUP")]
    only: Vec<Group>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Everything that needs only Rust
    Rust,
    /// The simulated vCenter
    Sim,
    /// Cases on the simulated vCenter
    Cases,
    /// Wrong configurations and servers
    BadInput,
    /// States of the official provider
    Adoption,
    /// The examples, and the configurations in README and guides
    Examples,
    /// A recorded vCenter, which --dump names
    Recorded,
    /// Cut connections, lost answers, ended sessions and signals at each request
    Faults,
}

impl Args {
    fn wants(&self, group: Group) -> bool {
        let filtered = self.filter.is_some() && matches!(group, Group::Rust | Group::Sim);
        if self.only.is_empty() { !filtered } else { self.only.contains(&group) }
    }
}

/// Runs the tests; false if any failed.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let mut report = Report::default();
    if args.wants(Group::Rust) {
        report.tier("cargo test", rust);
    }
    if args.wants(Group::Sim) {
        report.tier("simulated vCenter", simulator);
    }
    let acceptance =
        [Group::Cases, Group::BadInput, Group::Adoption, Group::Examples, Group::Recorded, Group::Faults];
    if acceptance.iter().any(|g| args.wants(*g)) {
        let mut bench = None;
        report.tier("build of the bench", |tier| {
            bench = Some(build(args)?);
            tier.add("build", Outcome::Passed);
            Ok(())
        });
        if let Some(bench) = bench {
            if args.wants(Group::Cases) {
                report.tier("acceptance cases", |t| bench.cases(t));
            }
            // The expected messages are those of Terraform around the provider's: OpenTofu draws and words its own differently.
            if args.wants(Group::BadInput) && (!args.tofu || args.only.contains(&Group::BadInput)) {
                report.tier("bad input", |t| bench.bad_input(t));
            }
            if args.wants(Group::Adoption) {
                report.tier("state adoption", |t| bench.adoption(t));
            }
            if args.wants(Group::Examples) {
                report.tier("examples", |t| bench.examples(t));
            }
            // A filter that names cases does not mean these.
            if args.wants(Group::Recorded) && (args.filter.is_none() || args.only.contains(&Group::Recorded))
            {
                report.tier("recorded vCenter", |t| bench.recorded(t, args.dump.as_deref()));
            }
            if args.wants(Group::Faults) && (args.filter.is_none() || args.only.contains(&Group::Faults)) {
                report.tier("faults", |t| faults::run(&bench, t, args.all));
            }
        }
    }
    Ok(report.finish())
}

fn build(args: &Args) -> Result<Bench> {
    let provider = match &args.provider {
        Some(file) => std::path::absolute(file)?,
        None => root::provider(root::Profile::Dev)?,
    };
    let tools = root::tools()?;
    let cli = Cli::find(args.tofu, &provider)?;
    println!("{}", cli.version);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    Ok(Bench {
        cli,
        tools,
        work: root::target()?.join("acceptance"),
        // Half of the time of a case is waiting: for tasks, guests and time-outs.
        jobs: args.jobs.unwrap_or(2 * cores),
        filter: args.filter.clone(),
        sample: args.tofu && !args.all && args.filter.is_none(),
        part: args.only.is_empty().then(|| part(args)).flatten(),
        asked: Default::default(),
    })
}

/// Of large sweeps, a run of everything has a part: which one, the number of commits decides.
fn part(args: &Args) -> Option<Part> {
    if args.filter.is_some() || args.all || args.tofu {
        return None;
    }
    let git = Command::new("git").current_dir(root::dir()).args(["rev-list", "--count", "HEAD"]).output();
    let commits = git.ok().and_then(|out| String::from_utf8_lossy(&out.stdout).trim().parse().ok());
    let number = commits.unwrap_or(0) % Part::ALL;
    println!(
        "part {} of {} of the large sweeps; `--only cases --only adoption` runs them whole",
        number + 1,
        Part::ALL
    );
    Some(Part { number })
}

/// `cargo test` of all crates, counted.
fn rust(tier: &mut Tier) -> Result<()> {
    let mut c = root::cargo();
    // All features and crates at once: the same dependencies as the build of the provider.
    let mut child = c.args(["test", "--workspace", "--no-fail-fast"]).stdout(Stdio::piped()).spawn()?;
    let out = child.stdout.take().context("no output")?;
    let mut failed = 0;
    for line in BufReader::new(out).lines() {
        let line = line?;
        if let Some(counts) = Counts::of(&line) {
            tier.passed += counts.passed;
            tier.skipped += counts.ignored;
            failed += counts.failed;
        } else if line.starts_with("test ") && line.ends_with("FAILED") {
            let name = line.trim_start_matches("test ").split(" ...").next().unwrap_or_default();
            tier.failures.push((name.to_owned(), "see the output of cargo test above".to_owned()));
        }
        // What passed is only counted; everything else is shown.
        if !(line.starts_with("test ") && (line.ends_with("... ok") || line.ends_with("ignored")))
            && !line.is_empty()
        {
            println!("{line}");
        }
    }
    let status = child.wait()?;
    ensure!(status.success() || failed > 0, "cargo test failed ({status})");
    Ok(())
}

struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
}

impl Counts {
    /// From a line like `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn of(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("test result: ")?;
        let n = |what: &str| {
            let words: Vec<_> = rest.split([' ', ';', '.']).filter(|w| !w.is_empty()).collect();
            words.windows(2).find(|w| w[1] == what).and_then(|w| w[0].parse().ok()).unwrap_or(0)
        };
        Some(Self { passed: n("passed"), failed: n("failed"), ignored: n("ignored") })
    }
}

/// The simulator: format, vet and its own tests.
fn simulator(tier: &mut Tier) -> Result<()> {
    let module = root::sim_module();
    ensure!(module.join("go.mod").is_file(), "{} is not there", root::shown(&module));
    gofmt(tier, &module)?;
    go(tier, "go vet", &module, &["vet", "./..."])?;
    let out = root::go(&module)?.args(["test", "-json", "./..."]).stdin(Stdio::null()).output()?;
    let mut output = std::collections::BTreeMap::<String, String>::new();
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        let Ok(v) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let text = |k: &str| v[k].as_str().unwrap_or_default();
        let test = text("Test");
        if text("Action").ends_with("output") {
            output.entry(test.to_owned()).or_default().push_str(text("Output"));
        }
        if test.is_empty() || test.contains('/') {
            continue;
        }
        match text("Action") {
            "pass" => tier.passed += 1,
            "skip" => tier.skipped += 1,
            "fail" => tier.failures.push((test.to_owned(), output.get(test).cloned().unwrap_or_default())),
            _ => {}
        }
    }
    let failed = !tier.failures.is_empty();
    let rest = output.get("").cloned().unwrap_or_default() + &String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success() || failed, "go test: {rest}");
    Ok(())
}

fn gofmt(tier: &mut Tier, module: &Path) -> Result<()> {
    let out =
        Command::new("gofmt").args(["-l", "."]).current_dir(module).output().context("cannot start gofmt")?;
    let files = String::from_utf8_lossy(&out.stdout);
    let outcome = if files.trim().is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("not formatted:\n{files}"))
    };
    tier.add("gofmt", outcome);
    Ok(())
}

fn go(tier: &mut Tier, name: &str, module: &Path, args: &[&str]) -> Result<()> {
    let out = root::go(module)?.args(args).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    tier.add(name, if out.status.success() { Outcome::Passed } else { Outcome::Failed(said) });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_summary_is_read() {
        let c = Counts::of("test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s").unwrap();
        assert_eq!((c.passed, c.failed, c.ignored), (12, 3, 1));
        assert!(Counts::of("test x ... ok").is_none());
    }
}
