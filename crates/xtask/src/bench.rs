//! `cargo xtask bench`: start, memory, size, requests and processor time, against their limits.
use crate::cli::Cli;
use crate::root;
use crate::sim::{PASSWORD, Sim, USER};
use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// From the start of the process to its handshake line.
const HANDSHAKE_MS: f64 = 10.0;
/// Resident, once the schema was served.
const RESIDENT_MIB: f64 = 15.0;
/// The release build.
const BINARY_MIB: f64 = 20.0;
/// A plan without changes of the scale workload.
const REQUESTS: f64 = 45.0;
/// A release build from nothing, on all cores together.
const BUILD_MINUTES: f64 = 6.0;
/// What a busy machine may take instead: times, unlike counts, depend on it.
const BUSY: f64 = 5.0;
/// Where the tables go.
const PAGE: &str = "docs/benchmarks.md";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Fail where a limit is not kept, and write nothing
    #[arg(long)]
    check_limits: bool,
    /// Measure a cold release build too: everything anew, in a folder of its own; takes minutes
    #[arg(long)]
    cold_build: bool,
}

struct Row {
    what: &'static str,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
    /// How far above the limit is a failure.
    factor: f64,
    official: &'static str,
}

/// Measures; false if a limit is not kept.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let provider = root::provider(true)?;
    let tools = root::tools()?;
    let cli = Cli::find(false, &provider)?;
    let dir = root::target()?.join("acceptance/bench");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    let row = |what, value, unit, limit, official| Row { what, value, unit, limit, factor: 1.0, official };
    let mut rows = vec![
        Row {
            factor: BUSY,
            ..row(
                "start to handshake, median of 20",
                handshake(&provider)?,
                "ms",
                Some(HANDSHAKE_MS),
                "17 (quiet), 46 (busy)",
            )
        },
        row("release binary", std::fs::metadata(&provider)?.len() as f64 / MIB, "MiB", Some(BINARY_MIB), ""),
    ];

    let sim = Sim::start(&tools, &dir, "vcenter", &dir, &[] as &[&str])?;
    let mut w = cli.in_dir(&dir.join("scale"));
    std::fs::create_dir_all(&w.dir)?;
    std::fs::copy(root::dir().join("acceptance-tests/scale/main.tf"), w.dir.join("main.tf"))?;
    for (k, v) in [("server", sim.address.as_str()), ("user", USER), ("password", PASSWORD)] {
        w.env.push((format!("TF_VAR_{k}"), v.to_owned()));
    }
    if let Some(most) = watch(&provider, || w.run(&["providers", "schema", "-json"])?.ok().map(drop))? {
        rows.push(row("most resident, schema served", most, "MiB", Some(RESIDENT_MIB), "37"));
    }
    let count = |args: &[&str]| -> Result<(usize, f64, f64)> {
        let (calls, start, cpu) = (sim.calls().len(), Instant::now(), children());
        w.run(args)?.ok()?;
        let (wall, cpu) = (start.elapsed().as_secs_f64(), children() - cpu);
        Ok((sim.calls().len() - calls, wall, cpu))
    };
    let apply = count(&["apply", "-no-color", "-auto-approve"])?;
    let plan =
        count(&["plan", "-no-color", "-detailed-exitcode"]).context("the second plan must be empty")?;
    let destroy = count(&["destroy", "-no-color", "-auto-approve"])?;
    rows.push(row("apply: requests", apply.0 as f64, "", None, ""));
    rows.push(row("plan without changes: requests", plan.0 as f64, "", Some(REQUESTS), "186"));
    rows.push(row("destroy: requests", destroy.0 as f64, "", None, ""));
    rows.push(row("plan without changes: wall clock", plan.1, "s", None, ""));
    if plan.2 > 0.0 {
        rows.push(row("plan without changes: processor time, client included", plan.2, "s", None, ""));
    }

    if args.cold_build {
        rows.push(row(
            "cold release build: processor time",
            cold_build(&dir)?,
            "min",
            Some(BUILD_MINUTES),
            "",
        ));
    }

    let page = page(&rows, &cli.version);
    print!("{page}");
    let mut kept = true;
    for r in &rows {
        let Some(limit) = r.limit else { continue };
        if r.value > limit * r.factor {
            kept = false;
            println!("above the limit: {}: {:.1} {}, limit {limit}", r.what, r.value, r.unit);
        } else if r.value > limit {
            println!("note: {}: {:.1} {} is above {limit}, as on a busy machine", r.what, r.value, r.unit);
        }
    }
    if !args.check_limits {
        let file = root::dir().join(PAGE);
        std::fs::create_dir_all(file.parent().context("no folder")?)?;
        std::fs::write(&file, page)?;
        println!("written: {PAGE}");
    }
    Ok(kept)
}

/// Minutes of processor time for a release build from nothing.
fn cold_build(dir: &Path) -> Result<f64> {
    let target = dir.join("cold");
    let before = children();
    let mut c = root::cargo();
    let status = c.args(["build", "--release"]).env("CARGO_TARGET_DIR", &target).status()?;
    ensure!(status.success(), "the release build failed");
    let minutes = (children() - before) / 60.0;
    std::fs::remove_dir_all(&target)?;
    ensure!(minutes > 0.0, "this system does not tell how much processor time a process took");
    Ok(minutes)
}

const MIB: f64 = 1024.0 * 1024.0;

fn page(rows: &[Row], client: &str) -> String {
    let mut out = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`. The workload is `acceptance-tests/scale/main.tf`: 20 roles, 20 folders \
         with a tag each, 20 permissions, 20 tags and their category, and four data sources, on the simulated vCenter.\n",
    );
    let _ = writeln!(
        out,
        "\nClient: {client}. {} cores.\n",
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    out.push_str("| what | measured | limit | official provider |\n|---|---|---|---|\n");
    for r in rows {
        let digits = if r.unit.is_empty() { 0 } else { 1 };
        let limit = r.limit.map_or(String::new(), |l| format!("{l} {}", r.unit));
        let _ = writeln!(
            out,
            "| {} | {:.digits$} {} | {} | {} |",
            r.what,
            r.value,
            r.unit,
            limit.trim(),
            r.official
        );
    }
    out
}

/// Milliseconds from the start of the process to its handshake line, as a client starts it.
fn handshake(provider: &Path) -> Result<f64> {
    let cert = rcgen::generate_simple_self_signed(vec!["localhost".into()])?.cert.pem();
    let mut all = vec![];
    for _ in 0..20 {
        let start = Instant::now();
        let mut child = Command::new(provider)
            .env("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .env("PLUGIN_CLIENT_CERT", &cert)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        all.push(start.elapsed().as_secs_f64() * 1000.0);
        drop(child.kill());
        child.wait()?;
        if line.split('|').count() < 5 {
            bail!("this is no handshake: {line:?}");
        }
    }
    all.sort_by(f64::total_cmp);
    Ok((all[9] + all[10]) / 2.0)
}

/// The most memory that any process of the provider held during `work`, in MiB; nothing where that cannot be seen.
fn watch(provider: &Path, work: impl FnOnce() -> Result<()>) -> Result<Option<f64>> {
    if !Path::new("/proc/self/status").is_file() {
        work()?;
        return Ok(None);
    }
    let name = provider.file_name().context("no name")?.to_owned();
    let (most, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let worked = std::thread::scope(|s| {
        s.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for e in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let process = e.path();
                    // Only a process has one, and only of our own can it be read.
                    let Ok(exe) = std::fs::read_link(process.join("exe")) else { continue };
                    if exe.file_name() != Some(&name) {
                        continue;
                    }
                    let status = std::fs::read_to_string(process.join("status")).unwrap_or_default();
                    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
                    let kib = line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0);
                    most.fetch_max(kib, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let worked = work();
        done.store(true, Ordering::Relaxed);
        worked
    });
    worked?;
    let most = most.into_inner();
    ensure!(most > 0, "the provider was not seen running");
    Ok(Some(most as f64 / 1024.0))
}

/// Processor seconds of the processes that ended below this one; 0 where that cannot be seen.
fn children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold blanks: count from behind it.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let field = |n: usize| rest.split_whitespace().nth(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    // Ticks are hundredths of a second wherever Linux tells them to programs.
    (field(13) + field(14)) / 100.0
}
