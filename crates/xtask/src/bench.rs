//! `cargo xtask bench`: start, memory, size, requests and processor time, against their limits.
use crate::cli::{Cli, Workdir};
use crate::root::{self, Tools};
use crate::sim::{PASSWORD, Sim, USER};
use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// From the start of the process to its handshake line.
const HANDSHAKE_MS: f64 = 10.0;
/// Resident, once the schema was served.
const RESIDENT_MIB: f64 = 15.0;
/// The build that is distributed.
const BINARY_MIB: f64 = 16.0;
/// A plan without changes of the scale workload.
const REQUESTS: f64 = 45.0;
/// The same with a hundred virtual machines.
const REQUESTS_100: f64 = 80.0;
/// And the processor time of the provider for it, in seconds.
const CPU_100: f64 = 0.5;
/// For each clone, from the first request about it to the last.
const REQUESTS_CLONE: f64 = 9.0;
/// A release build from nothing, on all cores together.
const BUILD_MINUTES: f64 = 6.0;
/// The provider while it imports a disk image, whatever its size.
const IMAGE_MIB: f64 = 64.0;
/// The disk image: its size, and the bytes of it that are not a hole.
const IMAGE: (u64, u64) = (4 << 30, 1 << 30);
/// What a busy machine may take instead: times, unlike counts, depend on it.
const BUSY: f64 = 5.0;
/// How many clones are made at once.
const CLONES: f64 = 50.0;
/// What they are made from.
const TEMPLATE: &str = "vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net 'VM Network' -net.adapter vmxnet3 \
                        -disk.controller pvscsi -disk 1GB -g ubuntu64Guest -on=false -link=false tpl";
const APPLY: [&str; 3] = ["apply", "-no-color", "-auto-approve"];
const PLAN: [&str; 3] = ["plan", "-no-color", "-detailed-exitcode"];
const DESTROY: [&str; 3] = ["destroy", "-no-color", "-auto-approve"];
/// The folder, and the variable with its path, where each process of the provider leaves its processor time.
const TIMES: &str = "BENCH_TIMES";
/// Where the tables go.
const PAGE: &str = "docs/benchmarks.md";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Fail where a limit is not kept, and write nothing
    #[arg(long)]
    check_limits: bool,
    /// Measure a cold release build too: everything again, in a separate folder; takes minutes
    #[arg(long)]
    cold_build: bool,
    /// Measure the disk image and the package alone, and write nothing
    #[arg(long)]
    disk_image: bool,
    /// Measure this binary instead of building one
    #[arg(long, value_name = "FILE")]
    provider: Option<PathBuf>,
}

struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
    /// How far above the limit is a failure.
    factor: f64,
    official: &'static str,
}

/// Measures; false if a limit is not kept.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let provider = match &args.provider {
        Some(file) => file.canonicalize().with_context(|| format!("there is no {}", file.display()))?,
        None => root::provider(root::Profile::Dist)?,
    };
    let tools = root::tools()?;
    let dir = root::target()?.join("acceptance/bench");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    let cli = Cli::find(false, &timed(&provider, &dir)?)?;
    let bench = Bench { tools: &tools, dir: &dir, cli: &cli, provider: &provider };
    let rows = if args.disk_image { bench.images()? } else { bench.all(args)? };

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
    if !args.check_limits && !args.disk_image {
        let file = root::dir().join(PAGE);
        std::fs::create_dir_all(file.parent().context("no folder")?)?;
        std::fs::write(&file, page)?;
        println!("written: {PAGE}");
    }
    Ok(kept)
}

fn row(
    what: impl Into<String>,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
    official: &'static str,
) -> Row {
    Row { what: what.into(), value, unit, limit, factor: 1.0, official }
}

/// What a command of the client cost.
struct Cost {
    requests: f64,
    /// Seconds.
    wall: f64,
    /// Processor seconds of the provider alone; nothing where that cannot be seen.
    cpu: Option<f64>,
}

struct Bench<'a> {
    tools: &'a Tools,
    dir: &'a Path,
    cli: &'a Cli,
    provider: &'a Path,
}

/// A workload on a vCenter of its own.
struct Workload {
    sim: Sim,
    w: Workdir,
}

impl Bench<'_> {
    fn all(&self, args: &Args) -> Result<Vec<Row>> {
        let mut rows = vec![
            Row {
                factor: BUSY,
                ..row(
                    "start to handshake, median of 20",
                    handshake(self.provider)?,
                    "ms",
                    Some(HANDSHAKE_MS),
                    "17 (quiet), 46 (busy)",
                )
            },
            row(
                "distributed binary",
                std::fs::metadata(self.provider)?.len() as f64 / MIB,
                "MiB",
                Some(BINARY_MIB),
                "",
            ),
        ];
        rows.extend(self.scale()?);
        rows.extend(self.images()?);
        rows.extend(self.hundred()?);
        rows.extend(self.clones()?);
        if args.cold_build {
            rows.push(row(
                "cold release build: processor time",
                cold_build(self.dir)?,
                "min",
                Some(BUILD_MINUTES),
                "",
            ));
        }
        Ok(rows)
    }

    fn workload(&self, name: &str, files: &[&str]) -> Result<Workload> {
        let sim = Sim::start(self.tools, self.dir, name, self.dir, &[] as &[&str])?;
        let mut w = self.cli.in_dir(&self.dir.join(name));
        std::fs::create_dir_all(&w.dir)?;
        for file in files {
            std::fs::copy(root::dir().join("acceptance-tests/scale").join(file), w.dir.join(file))?;
        }
        for (k, v) in [("server", sim.address.as_str()), ("user", USER), ("password", PASSWORD)] {
            w.env.push((format!("TF_VAR_{k}"), v.to_owned()));
        }
        std::fs::create_dir_all(self.dir.join(TIMES))?;
        w.env.push((TIMES.to_owned(), self.dir.join(TIMES).display().to_string()));
        Ok(Workload { sim, w })
    }

    fn scale(&self) -> Result<Vec<Row>> {
        let work = self.workload("scale", &["main.tf"])?;
        let mut rows = vec![];
        let schema = || work.w.run(&["providers", "schema", "-json"])?.ok().map(drop);
        if let Some(most) = watch(self.provider, schema)? {
            rows.push(row("most resident, schema served", most, "MiB", Some(RESIDENT_MIB), "37"));
        }
        let apply = work.run(self.dir, &APPLY)?;
        let plan = work.run(self.dir, &PLAN).context("the second plan must be empty")?;
        let destroy = work.run(self.dir, &DESTROY)?;
        rows.push(row("apply: requests", apply.requests, "", None, ""));
        rows.push(row("plan without changes: requests", plan.requests, "", Some(REQUESTS), "186"));
        rows.push(row("destroy: requests", destroy.requests, "", None, ""));
        rows.push(row("plan without changes: wall clock", plan.wall, "s", None, ""));
        rows.extend(plan.cpu.map(|s| row("plan without changes: processor time", s, "s", None, "")));
        Ok(rows)
    }

    fn images(&self) -> Result<Vec<Row>> {
        let mut rows = self.image()?;
        rows.extend(self.package()?);
        Ok(rows)
    }

    /// An apply that sends much data, within the memory of an upload.
    fn upload(&self, work: &Workload, name: &dyn Fn(&str) -> String) -> Result<Vec<Row>> {
        let (mut rows, mut cost) = (vec![], None);
        let apply = || {
            cost = Some(work.run(self.dir, &APPLY)?);
            Ok(())
        };
        if let Some(most) = watch(self.provider, apply)? {
            rows.push(row(name("most resident"), most, "MiB", Some(IMAGE_MIB), ""));
        }
        rows.extend(cost.as_ref().map(|c| row(name("apply: wall clock"), c.wall, "s", None, "")));
        rows.extend(cost.and_then(|c| c.cpu).map(|s| row(name("apply: processor time"), s, "s", None, "")));
        Ok(rows)
    }

    /// A template from an OVA, whose disk is sent as it is.
    fn package(&self) -> Result<Vec<Row>> {
        let work = self.workload("package", &["ova.tf"])?;
        archive(&work.w.dir.join("image.ova"))?;
        let rows = self.upload(&work, &|what| format!("template from an OVA of 2 GiB: {what}"))?;
        work.run(self.dir, &DESTROY)?;
        std::fs::remove_dir_all(&work.w.dir)?;
        Ok(rows)
    }

    /// A sparse image: half of its data cannot be compressed.
    fn image(&self) -> Result<Vec<Row>> {
        let work = self.workload("image", &["image.tf"])?;
        let source = work.w.dir.join("image.raw");
        sparse(&source)?;
        let name = |what: &str| format!("disk image of 4 GiB with 1 GiB of data: {what}");
        let mut rows = self.upload(&work, &name)?;
        let mut c = root::cargo();
        let built =
            c.args(["build", "--quiet", "--release", "-p", "disk-image", "--example", "convert"]).status()?;
        ensure!(built.success(), "the example of disk-image cannot be built");
        let out = work.w.dir.join("image.vmdk");
        let timed = |c: &mut Command| -> Result<f64> {
            let start = Instant::now();
            ensure!(c.status()?.success(), "the image cannot be converted");
            Ok(start.elapsed().as_secs_f64())
        };
        let ours =
            timed(Command::new(root::target()?.join("release/examples/convert")).arg(&source).arg(&out))?;
        rows.push(row(name("conversion alone"), ours, "s", None, ""));
        if let Some(qemu) = root::find("qemu-img") {
            let mut c = Command::new(qemu);
            c.args(["convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized"]);
            let theirs = timed(c.arg(&source).arg(&out))?;
            rows.push(row(name("the same by qemu-img"), theirs, "s", None, ""));
        }
        work.run(self.dir, &DESTROY)?;
        std::fs::remove_dir_all(&work.w.dir)?;
        Ok(rows)
    }

    fn hundred(&self) -> Result<Vec<Row>> {
        let work = self.workload("hundred", &["main.tf", "vms.tf"])?;
        let apply = work.run(self.dir, &APPLY)?;
        let plan = work.run(self.dir, &PLAN).context("the second plan must be empty")?;
        let destroy = work.run(self.dir, &DESTROY)?;
        let name = |what: &str| format!("100 machines, {what}");
        let mut rows = vec![
            row(name("apply: requests"), apply.requests, "", None, ""),
            row(name("plan without changes: requests"), plan.requests, "", Some(REQUESTS_100), "1613"),
            row(name("destroy: requests"), destroy.requests, "", None, ""),
            row(name("plan without changes: wall clock"), plan.wall, "s", None, ""),
        ];
        if let Some(s) = plan.cpu {
            rows.push(row(name("plan without changes: processor time"), s, "s", Some(CPU_100), "3.2"));
        }
        rows.extend(apply.cpu.map(|s| row(name("apply: processor time"), s, "s", None, "")));
        Ok(rows)
    }

    fn clones(&self) -> Result<Vec<Row>> {
        let mut work = self.workload("clones", &["clones.tf"])?;
        work.sim.govc(TEMPLATE)?;
        let each = |cost: &Cost, fixed: f64| (cost.requests - fixed) / CLONES;
        let none = ("TF_VAR_n_vms".to_owned(), "0".to_owned());
        work.w.env.push(none);
        work.run(self.dir, &APPLY)?;
        // The cost of a plan without virtual machines is not theirs: logging in, the data sources, the tag, its category.
        let fixed = work.run(self.dir, &PLAN)?.requests;
        work.w.env.pop();
        work.w.env.push(("TF_VAR_n_vms".to_owned(), CLONES.to_string()));
        let make = work.run(self.dir, &APPLY)?;
        let plan = work.run(self.dir, &PLAN).context("the second plan must be empty")?;
        for (name, value) in [("annotation", "changed"), ("data_size", "3"), ("network", "DC0_DVPG0")] {
            work.w.env.push((format!("TF_VAR_{name}"), value.to_owned()));
        }
        let change = work.run(self.dir, &APPLY)?;
        work.run(self.dir, &PLAN).context("the plan after the change must be empty")?;
        let destroy = work.run(self.dir, &DESTROY)?;
        let name = |what: &str| format!("{CLONES} clones, {what}");
        Ok(vec![
            row(name("apply: requests for each"), each(&make, fixed), "", Some(REQUESTS_CLONE), "78"),
            row(name("apply: wall clock"), make.wall, "s", None, "hangs"),
            row(name("plan without changes: requests"), plan.requests, "", None, ""),
            row(name("change: requests for each"), each(&change, fixed), "", None, ""),
            row(name("change: wall clock"), change.wall, "s", None, ""),
            row(name("destroy: requests for each"), each(&destroy, fixed), "", None, ""),
            row(name("destroy: wall clock"), destroy.wall, "s", None, ""),
        ])
    }
}

impl Workload {
    fn run(&self, dir: &Path, args: &[&str]) -> Result<Cost> {
        let times = dir.join(TIMES);
        std::fs::remove_dir_all(&times)?;
        std::fs::create_dir_all(&times)?;
        let (calls, start) = (self.sim.calls().len(), Instant::now());
        self.w.run(args)?.ok()?;
        let wall = start.elapsed().as_secs_f64();
        // An orderly end of the provider comes a moment after that of the client.
        std::thread::sleep(Duration::from_millis(200));
        let mut cpu = 0.0;
        for process in std::fs::read_dir(&times)? {
            let text = std::fs::read_to_string(process?.path())?;
            cpu += text.lines().nth(1).and_then(seconds).unwrap_or(0.0);
        }
        Ok(Cost {
            requests: (self.sim.calls().len() - calls) as f64,
            wall,
            cpu: Some(cpu).filter(|s| *s > 0.0),
        })
    }
}

/// Numbers that look random, and are the same in every run.
pub(crate) fn random() -> impl FnMut() -> u64 {
    let mut seed = 1_u64;
    move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    }
}

/// A file with holes: blocks of text and of random bytes by turns, a quarter of the whole.
fn sparse(path: &Path) -> Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    const BLOCK: u64 = 1 << 20;
    let mut file = std::fs::File::create(path)?;
    file.set_len(IMAGE.0)?;
    let step = BLOCK * (IMAGE.0 / IMAGE.1);
    let mut next = random();
    for (n, at) in (0..IMAGE.0).step_by(usize::try_from(step)?).enumerate() {
        let mut block = Vec::with_capacity(usize::try_from(BLOCK)?);
        while (block.len() as u64) < BLOCK {
            if n % 2 == 0 {
                block.extend_from_slice(&next().to_le_bytes());
            } else {
                write!(block, "line {} of a file; ", next() % 100_000)?;
            }
        }
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&block[..usize::try_from(BLOCK)?])?;
    }
    Ok(())
}

/// An OVA whose disk is one hole. Its content does not matter: the simulated vCenter keeps what is not a VMDK as it is.
fn archive(path: &Path) -> Result<()> {
    const DISK: u64 = 2 << 30;
    let files = root::dir().join("acceptance-tests/cases/vsphere_virtual_machine/ovf_local/files");
    let descriptor = std::fs::read_to_string(files.join("small.ovf"))?;
    let sized = descriptor.replace("ovf:size=\"3584\"", &format!("ovf:size=\"{DISK}\""));
    ensure!(sized != descriptor, "small.ovf has another size");
    let mut out = tar::Builder::new(std::fs::File::create(path)?);
    let header = |size| {
        let mut header = tar::Header::new_ustar();
        header.set_size(size);
        header.set_mode(0o644);
        header
    };
    out.append_data(&mut header(sized.len() as u64), "small.ovf", sized.as_bytes())?;
    let mut disk = header(DISK);
    disk.set_path("small-disk.vmdk")?;
    disk.set_cksum();
    out.append(&disk, std::io::empty())?;
    let file = out.into_inner()?;
    // The disk, and the end of the archive.
    file.set_len(file.metadata()?.len() + DISK)?;
    Ok(())
}

/// The provider in a wrapper that measures its processor time, apart from the client's; the provider itself if that is
/// not possible.
fn timed(provider: &Path, dir: &Path) -> Result<PathBuf> {
    #[cfg(unix)]
    if let Some(bash) = root::find("bash") {
        use std::os::unix::fs::PermissionsExt;
        let file = dir.join(root::PROVIDER);
        // `times` reports the shell, and in the second line its children. In a pipe it would report no process.
        let text = format!(
            "#!{}\n\"{}\" \"$@\"\ncode=$?\nif [ \"${TIMES}\" ]; then times > \"${TIMES}/$$\"; fi\nexit $code\n",
            bash.display(),
            provider.display()
        );
        std::fs::write(&file, text)?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?;
        return Ok(file);
    }
    let _ = dir;
    Ok(provider.to_owned())
}

/// Seconds of a line such as `0m0.012s 0m0.003s`; both together.
fn seconds(line: &str) -> Option<f64> {
    let one = |text: &str| {
        let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
        let seconds = seconds.replace(',', ".");
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    line.split_whitespace().map(one).sum()
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
    ensure!(minutes > 0.0, "this system does not report the processor time of a process");
    Ok(minutes)
}

const MIB: f64 = 1024.0 * 1024.0;

fn page(rows: &[Row], client: &str) -> String {
    let mut out = String::from(
        "# Benchmarks\n\nGenerated by `cargo xtask bench`. All measurements use the simulated vCenter and the client's \
         default parallelism. The workloads are in `acceptance-tests/scale`.\n\n\
         - `main.tf`: 20 roles, 20 folders with one tag each, 20 permissions, 20 tags and their category, and four data \
         sources.\n\
         - \"100 machines\": the same plus `vms.tf`, 100 clones with one disk, one network interface and one tag each.\n\
         - \"50 clones\": `clones.tf`, clones with two disks, a network interface, a tag and a guest customization that \
         the provider waits for. The change modifies an annotation, the size of a disk and the network. \"For each\" is \
         the number of requests beyond those of a plan without virtual machines, divided by the number of clones.\n\n\
         - \"Disk image\": `image.tf`, a raw image whose data is half text and half random bytes, on the same computer as the \
         simulated vCenter.\n\
         - \"Template from an OVA\": `ova.tf`.\n\n\
         Processor time is the total of the provider's processes.\n",
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
            bail!("this is not a handshake: {line:?}");
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
    let provider = provider.canonicalize()?;
    let (most, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let worked = std::thread::scope(|s| {
        s.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for e in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let process = e.path();
                    // Only a process has one, and only of our own can it be read.
                    let Ok(exe) = std::fs::read_link(process.join("exe")) else { continue };
                    if exe != provider {
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
    // Ticks are hundredths of a second wherever Linux reports them to programs.
    (field(13) + field(14)) / 100.0
}
