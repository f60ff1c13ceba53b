//! Progress while things run, and what came of them.
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Display;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How one test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// With what went wrong.
    Failed(String),
    /// Not run, with the reason.
    Skipped(String),
}

/// What a group of tests came to.
#[derive(Debug, Default)]
pub(crate) struct Tier {
    /// What the group is.
    pub(crate) name: String,
    /// How many passed.
    pub(crate) passed: usize,
    /// How many were not run.
    pub(crate) skipped: usize,
    /// Those that failed, with what went wrong.
    pub(crate) failures: Vec<(String, String)>,
    took: Duration,
}

impl Tier {
    /// An empty group.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Counts one test.
    pub(crate) fn add(&mut self, test: &str, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Failed(why) => self.failures.push((test.to_owned(), why)),
        }
    }
}

/// A line of progress on a terminal; nothing elsewhere.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// For `n` tests.
    pub(crate) fn new(name: &str, n: usize) -> Self {
        let bar = ProgressBar::new(n as u64);
        if !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar }
    }

    /// What is being done.
    pub(crate) fn doing(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// One test ended.
    pub(crate) fn done(&self, test: &str, outcome: &Outcome, took: Duration) {
        let s = took.as_secs_f64();
        let line = match outcome {
            Outcome::Passed => format!("  ok    {test} ({s:.1} s)"),
            Outcome::Failed(_) => format!("  FAIL  {test} ({s:.1} s)"),
            Outcome::Skipped(why) => format!("  skip  {test}: {why}"),
        };
        self.bar.suspend(|| println!("{line}"));
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Everything that was run.
#[derive(Default)]
pub(crate) struct Report {
    tiers: Vec<Tier>,
}

impl Report {
    /// Runs one group; an error of the group itself is a failure in it.
    pub(crate) fn tier(&mut self, name: &str, run: impl FnOnce(&mut Tier) -> anyhow::Result<()>) {
        println!("\n== {name}");
        let start = Instant::now();
        let mut tier = Tier::new(name);
        if let Err(e) = run(&mut tier) {
            tier.failures.push((name.to_owned(), format!("{e:#}")));
        }
        tier.took = start.elapsed();
        for (test, why) in &tier.failures {
            println!("\n---- {test}\n{}", why.trim_end());
        }
        self.tiers.push(tier);
    }

    /// Says what came of it all; true if nothing failed.
    pub(crate) fn finish(&self) -> bool {
        println!();
        let mut sum = (0, 0, 0);
        for t in &self.tiers {
            let n = (t.passed, t.failures.len(), t.skipped);
            println!("{:<24} {} ({:.0} s)", format!("{}:", t.name), counts(n), t.took.as_secs_f64());
            sum = (sum.0 + n.0, sum.1 + n.1, sum.2 + n.2);
        }
        for (test, _) in self.tiers.iter().flat_map(|t| &t.failures) {
            println!("  failed: {test}");
        }
        println!("total: {}", counts(sum));
        sum.1 == 0
    }
}

fn counts((passed, failed, skipped): (usize, usize, usize)) -> impl Display {
    format!("{passed} passed, {failed} failed, {skipped} skipped")
}
