//! Where things are, and building them.
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub(crate) fn dir() -> PathBuf {
    // The manifest of this crate is two folders below. Cargo says where it is now: a target folder may have been copied
    // from another working copy, and this program would then work on that one.
    let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, PathBuf::from);
    here.ancestors().nth(2).unwrap_or(&here).to_owned()
}

/// Cargo's target folder: the one this program was built into.
pub(crate) fn target() -> Result<PathBuf> {
    let exe = std::env::current_exe().context("this program does not know its own path")?;
    let target = exe.ancestors().nth(2).context("this program is in no target folder")?;
    Ok(target.to_owned())
}

/// `path` below `from`, or as it is.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(dir()).unwrap_or(path).display().to_string()
}

/// Runs a command with its output on the terminal.
pub(crate) fn run(c: &mut Command) -> Result<()> {
    let status = c.status().with_context(|| format!("cannot start {}", c.get_program().display()))?;
    ensure!(status.success(), "{} failed ({status})", said(c));
    Ok(())
}

fn said(c: &Command) -> String {
    let mut s = c.get_program().display().to_string();
    for a in c.get_args() {
        s.push(' ');
        s.push_str(&a.to_string_lossy());
    }
    s
}

/// Cargo, as it runs us.
pub(crate) fn cargo() -> Command {
    let mut c = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    c.current_dir(dir());
    // What `cargo run` says of this program is not meant for other builds: ring's build script looks at it, and ring
    // and all above it would be compiled again, each time.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|p| text.starts_with(p))
        {
            c.env_remove(&name);
        }
    }
    c
}

/// Whether a program is there.
pub(crate) fn has(program: &str) -> bool {
    find(program).is_some()
}

/// The path of a program.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?).map(|p| p.join(&name)).find(|p| p.is_file())
}

/// The name of the provider's binary.
pub(crate) const PROVIDER: &str = "terraform-provider-vsphere";

/// How the provider is built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// For tests.
    Dev,
    /// As it is distributed: optimized as a whole, without symbols.
    Dist,
}

/// Builds the provider; gives the path of the binary.
///
/// The features of the whole workspace are used, so that tests and this build share their dependencies.
pub(crate) fn provider(profile: Profile) -> Result<PathBuf> {
    let (name, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Dist => ("dist", "dist"),
    };
    run(cargo().args(["build", "--workspace", "--bin", PROVIDER, "--profile", name]))?;
    let path = target()?.join(folder).join(format!("{PROVIDER}{}", std::env::consts::EXE_SUFFIX));
    ensure!(path.is_file(), "cargo built no {}", path.display());
    Ok(path)
}

/// The Go programs of the bench.
pub(crate) struct Tools {
    /// The simulated vCenter.
    pub(crate) sim: PathBuf,
    /// The witness.
    pub(crate) govc: PathBuf,
}

/// The Go module of the simulator and govc.
pub(crate) fn sim_module() -> PathBuf {
    dir().join("acceptance-tests/vcenter-sim")
}

/// Go, quiet about version control: a worktree or an export has none that it understands.
pub(crate) fn go(module: &Path) -> Result<Command> {
    ensure!(
        has("go"),
        "Go is needed to build the simulated vCenter and govc, and there is no `go` on the PATH"
    );
    let mut c = Command::new("go");
    c.current_dir(module).env("GOFLAGS", "-buildvcs=false");
    Ok(c)
}

/// Builds the simulated vCenter and govc.
pub(crate) fn tools() -> Result<Tools> {
    let out = target()?.join("tools");
    let module = sim_module();
    if !module.join("go.mod").is_file() {
        bail!("{} is not there: the simulated vCenter is missing", shown(&module));
    }
    std::fs::create_dir_all(&out)?;
    let exe = std::env::consts::EXE_SUFFIX;
    let (sim, govc) = (out.join(format!("vcenter-sim{exe}")), out.join(format!("govc{exe}")));
    // Compiled with the same flags as the tests of the simulator: otherwise all of it would be compiled twice.
    run(go(&module)?.args(["build", "-ldflags", "-s -w", "-o"]).arg(&sim).arg("."))?;
    run(go(&module)?.args(["build", "-ldflags", "-s -w", "-o"]).arg(&govc).arg("./cmd/govc"))?;
    Ok(Tools { sim, govc })
}

/// Builds OpenTofu as a Go tool. Minutes of work the first time, nothing after.
pub(crate) fn tofu() -> Result<PathBuf> {
    let module = dir().join("acceptance-tests/tools/tofu");
    let out = target()?.join("tools").join(format!("tofu{}", std::env::consts::EXE_SUFFIX));
    if !out.is_file() {
        println!("Building OpenTofu from source, as a Go tool: this takes minutes, once.");
    }
    // Without the last flag it calls itself a development version.
    let flags = "-s -w -X github.com/opentofu/opentofu/version.dev=no";
    let mut c = go(&module)?;
    c.args(["build", "-trimpath", "-ldflags", flags, "-o"]).arg(&out);
    run(c.arg("github.com/opentofu/opentofu/cmd/tofu").stdin(Stdio::null()))?;
    Ok(out)
}
