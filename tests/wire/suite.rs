//! The tests, and what they need to run Terraform.
use crate::fake::Fake;
use provider_vsphere::wire;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");
const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-vsphere");
const SOURCE: &str = "example.com/test/fake";

/// The tests, and whether they need Terraform.
const TESTS: [(&str, bool, fn()); 12] = [
    ("by_hand_it_says_what_it_is", false, by_hand_it_says_what_it_is),
    ("another_protocol_is_refused", false, another_protocol_is_refused),
    ("a_broken_certificate_is_refused", false, a_broken_certificate_is_refused),
    ("an_unknown_client_is_refused", false, an_unknown_client_is_refused),
    ("a_signal_ends_it", false, a_signal_ends_it),
    ("the_real_provider_is_served", true, the_real_provider_is_served),
    ("a_life_as_a_plugin", true, a_life_as_a_plugin),
    ("a_life_reattached", true, a_life_reattached),
    ("a_panic_keeps_the_state", true, a_panic_keeps_the_state),
    ("diagnostics_have_places", true, diagnostics_have_places),
    ("ctrl_c_saves_the_state", true, ctrl_c_saves_the_state),
    ("it_does_not_outlive_terraform", true, it_does_not_outlive_terraform),
];

/// Runs the tests whose names hold the first argument; or serves, when Terraform is the caller.
pub(crate) fn main() -> ExitCode {
    if std::env::var_os(COOKIE.0).is_some() {
        let log = PathBuf::from(std::env::var_os("FAKE_LOG").expect("FAKE_LOG"));
        return wire::main(|| Arc::new(Fake::new(&log)));
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filter = arguments.iter().find(|a| !a.starts_with('-'));
    let mut failed = 0;
    for (name, needs_terraform, test) in TESTS {
        if filter.is_some_and(|f| !name.contains(f.as_str())) {
            continue;
        }
        if arguments.iter().any(|a| a == "--list") {
            eprintln!("{name}: test");
        } else if needs_terraform && terraform().is_none() {
            eprintln!("test {name} ... SKIPPED: there is no terraform on the path");
        } else if std::panic::catch_unwind(test).is_ok() {
            eprintln!("test {name} ... ok");
        } else {
            eprintln!("test {name} ... FAILED");
            failed += 1;
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn terraform() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|p| p.join("terraform")).find(|p| p.is_file())
}

fn plugin() -> Command {
    let mut c = Command::new(BINARY);
    c.env_clear().env(COOKIE.0, COOKIE.1).stdin(Stdio::null());
    c
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn eventually(what: &str, mut check: impl FnMut() -> bool) {
    let start = Instant::now();
    while !check() {
        assert!(start.elapsed() < Duration::from_secs(15), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(name: &str, target: &str) -> bool {
    let kill = Command::new("kill").args([name, "--", target]).stderr(Stdio::null()).status();
    kill.expect("kill runs").success()
}

/// A folder with a configuration, and the ways to run Terraform on it.
struct Workspace {
    dir: tempfile::TempDir,
    reattach: Option<String>,
}

impl Workspace {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let bin = dir.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        let this = std::env::current_exe().expect("this program");
        std::os::unix::fs::symlink(this, bin.join("terraform-provider-fake")).expect("a link");
        let vsphere = Path::new(BINARY).parent().expect("a folder");
        let config = format!(
            "provider_installation {{\n dev_overrides {{\n  \"{SOURCE}\" = {bin:?}\n  \
             \"vsphere-rs/vsphere\" = {vsphere:?}\n }}\n direct {{}}\n}}\n"
        );
        std::fs::write(dir.path().join("cli.tfrc"), config).expect("a file");
        Self { dir, reattach: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes what follows the requirement of the fake provider.
    fn write(&self, body: &str) {
        let head =
            format!("terraform {{\n required_providers {{\n  fake = {{ source = \"{SOURCE}\" }}\n }}\n}}\n");
        std::fs::write(self.path("main.tf"), head + body).expect("a file");
    }

    fn terraform(&self, args: &[&str]) -> Command {
        let mut c = Command::new(terraform().expect("terraform"));
        c.args(args)
            .current_dir(self.dir.path())
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("FAKE_LOG", self.path("fake.log"))
            .env("TF_LOG_PROVIDER", "TRACE")
            .env("TF_LOG_PATH", self.path("terraform.log"))
            .env("CHECKPOINT_DISABLE", "1")
            .envs(["apply", "destroy", "plan", "validate"].map(|c| (format!("TF_CLI_ARGS_{c}"), "-no-color")))
            .stdin(Stdio::null());
        match &self.reattach {
            Some(value) => c.env("TF_REATTACH_PROVIDERS", value),
            None => c.env_remove("TF_REATTACH_PROVIDERS"),
        };
        c
    }

    fn run(&self, args: &[&str]) -> Output {
        self.terraform(args).output().expect("terraform runs")
    }

    fn succeeds(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(out.status.success(), "{args:?}:\n{}{}", text(&out.stdout), text(&out.stderr));
        text(&out.stdout)
    }

    /// Terraform at work in the background, in a process group of its own.
    fn start(&self, args: &[&str]) -> Child {
        let out = std::fs::File::create(self.path("out.txt")).expect("a file");
        let mut c = self.terraform(args);
        c.process_group(0)
            .stdout(out.try_clone().expect("a file"))
            .stderr(out)
            .spawn()
            .expect("terraform runs")
    }

    fn events(&self) -> String {
        std::fs::read_to_string(self.path("fake.log")).unwrap_or_default()
    }

    fn values(&self) -> serde_json::Value {
        let shown = self.succeeds(&["show", "-json"]);
        let json: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        json["values"]["root_module"]["resources"].clone()
    }
}

fn by_hand_it_says_what_it_is() {
    let out = Command::new(BINARY).env_remove(COOKIE.0).output().expect("it runs");
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty());
    assert!(text(&out.stderr).contains("source = \"vsphere-rs/vsphere\""), "{}", text(&out.stderr));
    let out = Command::new(BINARY).arg("version").output().expect("it runs");
    assert!(out.status.success() && text(&out.stdout).contains(env!("CARGO_PKG_VERSION")));
    let out = Command::new(BINARY).arg("--nonsense").output().expect("it runs");
    assert!(!out.status.success() && text(&out.stderr).contains("Usage:"));
}

fn another_protocol_is_refused() {
    let out = plugin().env("PLUGIN_PROTOCOL_VERSIONS", "4,5").output().expect("it runs");
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty());
    assert!(text(&out.stderr).contains("protocol 6; the program that started it offers 4,5"));
}

fn a_broken_certificate_is_refused() {
    let out = plugin().env("PLUGIN_CLIENT_CERT", "no certificate").output().expect("it runs");
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty() && text(&out.stderr).contains("PLUGIN_CLIENT_CERT"));
}

/// The process, and the fields of its handshake line.
fn handshake(mut command: Command) -> (Child, Vec<String>) {
    use std::io::BufRead as _;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut line = String::new();
    let out = child.stdout.as_mut().expect("a pipe");
    std::io::BufReader::new(out).read_line(&mut line).expect("a line");
    (child, line.trim_end().split('|').map(str::to_owned).collect())
}

fn an_unknown_client_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let openssl = |args: &[&str]| {
        Command::new("openssl").args(args).current_dir(dir.path()).stdin(Stdio::null()).output()
    };
    // Terraform's certificate is of this kind.
    for name in ["terraform", "other"] {
        let made = openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:secp521r1",
            "-nodes",
            "-days",
            "1",
            "-subj",
            "/CN=localhost",
            "-sha512",
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.pem"),
        ]);
        match made {
            Ok(out) => assert!(out.status.success(), "{}", text(&out.stderr)),
            Err(_) => return eprintln!("SKIPPED: there is no openssl on the path"),
        }
    }
    let pem = std::fs::read_to_string(dir.path().join("terraform.pem")).expect("a certificate");
    let mut command = plugin();
    command.env("PLUGIN_CLIENT_CERT", pem);
    let (mut child, line) = handshake(command);
    assert_eq!(line[..3], ["1", "6", "unix"]);
    assert!(!line[5].is_empty() && !line[5].contains('='), "base64 without padding");
    let connect = |identity: Option<&str>| {
        let mut args = vec!["s_client".to_owned(), "-unix".to_owned(), line[3].clone()];
        args.extend(["-alpn", "h2", "-ign_eof"].map(str::to_owned));
        if let Some(name) = identity {
            args.extend([
                "-cert".to_owned(),
                format!("{name}.pem"),
                "-key".to_owned(),
                format!("{name}.key"),
            ]);
        }
        let mut c = Command::new("openssl");
        c.args(args)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut client = c.spawn().expect("openssl runs");
        // One that is let in waits for the first frame; one that is refused ends by itself.
        let start = Instant::now();
        while client.try_wait().expect("a status").is_none() && start.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let let_in = client.try_wait().expect("a status").is_none();
        let _ = client.kill();
        let out = client.wait_with_output().expect("an end");
        (let_in, text(&out.stdout) + &text(&out.stderr))
    };
    let (let_in, said) = connect(Some("terraform"));
    assert!(let_in && said.contains("ALPN protocol: h2"), "{said}");
    for identity in [None, Some("other")] {
        let (let_in, said) = connect(identity);
        assert!(!let_in && said.contains("alert"), "{identity:?}: {said}");
    }
    // The only client left: so the plugin leaves, too.
    eventually("the plugin ends with its last connection", || child.try_wait().expect("a status").is_some());
    assert!(!Path::new(&line[3]).exists(), "the socket is removed");
}

fn a_signal_ends_it() {
    let (mut child, line) = handshake(plugin());
    assert_eq!(line, ["1", "6", "unix", &line[3], "grpc", ""]);
    let pid = child.id().to_string();
    assert!(signal("-INT", &pid));
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().expect("a status").is_none(), "Ctrl-C is for Terraform");
    assert!(signal("-TERM", &pid));
    eventually("the plugin ends", || child.try_wait().expect("a status").is_some());
    assert!(child.wait().expect("a status").success());
    assert!(!Path::new(&line[3]).exists(), "the socket is removed");
}

fn the_real_provider_is_served() {
    let w = Workspace::new();
    let main = "terraform {\n required_providers {\n  vsphere = { source = \"vsphere-rs/vsphere\" }\n }\n}\n\
                provider \"vsphere\" {}\n";
    std::fs::write(w.path("main.tf"), main).expect("a file");
    let json: serde_json::Value =
        serde_json::from_str(&w.succeeds(&["providers", "schema", "-json"])).expect("JSON");
    let schema = &json["provider_schemas"]["registry.terraform.io/vsphere-rs/vsphere"];
    assert!(schema["provider"]["block"].is_object(), "{json}");
    w.succeeds(&["version"]);
}

/// Everything that happens to a resource that nothing happens to.
fn a_life(w: &Workspace) {
    let config = |note: &str, out: &str| {
        format!(
            "resource \"fake_thing\" \"a\" {{\n mode = \"plain\"\n size = 0.1\n tags = {{ k = \"v\" }}\n \
             rule {{ name = \"x\" }}\n rule {{ name = \"y\" }}\n}}\n\
             resource \"fake_thing\" \"b\" {{\n mode = \"warn\"\n note = {note}\n size = 9007199254740993\n}}\n\
             output \"echo\" {{ value = provider::fake::echo({out}) }}\n"
        )
    };
    w.write(&config("fake_thing.a.id", "{ a = 1.5, b = [true, null], c = \"x\", d = -7 }"));
    let said = w.succeeds(&["apply", "-auto-approve"]);
    assert!(said.contains("Warning: A strange mode"), "{said}");
    let said = w.succeeds(&["plan", "-detailed-exitcode"]);
    assert!(said.contains("No changes"), "{said}");
    let values = w.values();
    let (a, b) = (&values[0]["values"], &values[1]["values"]);
    assert_eq!((&a["id"], &a["size"]), (&"id-of-plain".into(), &serde_json::json!(0.1)));
    assert_eq!(a["rule"][1], serde_json::json!({"name": "y", "out": "out-of-y"}));
    assert_eq!(
        (&b["note"], &b["size"]),
        (&"id-of-plain".into(), &serde_json::json!(9_007_199_254_740_993_i64))
    );
    let echo = w.succeeds(&["output", "-json", "echo"]);
    let echo: serde_json::Value = serde_json::from_str(&echo).expect("JSON");
    assert_eq!(echo, serde_json::json!({"a": 1.5, "b": [true, null], "c": "x", "d": -7}));

    w.write(&config("\"another\"", "null"));
    let said = w.succeeds(&["apply", "-auto-approve"]);
    assert!(said.contains("1 added, 0 changed, 1 destroyed"), "a note cannot be changed: {said}");
    w.write(&(config("\"another\"", "null") + "resource \"fake_thing\" \"c\" {\n mode = \"imported\"\n}\n"));
    w.succeeds(&["import", "fake_thing.c", "from-outside"]);
    let said = w.succeeds(&["plan", "-detailed-exitcode"]);
    assert!(said.contains("No changes"), "{said}");

    let said = w.succeeds(&["destroy", "-auto-approve"]);
    assert!(said.contains("3 destroyed"), "{said}");
}

fn a_life_as_a_plugin() {
    let w = Workspace::new();
    a_life(&w);
    let events = w.events();
    assert!(events.contains("shutdown"), "the session is closed: {events}");
    let log = std::fs::read_to_string(w.path("terraform.log")).expect("a log");
    assert!(log.contains("tf_rpc=ApplyResourceChange"), "Terraform understands what is logged");
    assert!(!log.contains("id-of-plain"), "and no value is");
    assert!(!log.contains("plugin process exited: error"), "the plugin ends by itself");
    assert!(!log.contains("plugin failed to exit gracefully"), "the plugin ends in time");
}

fn a_life_reattached() {
    let mut w = Workspace::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(wire::DebugServer::open(SOURCE)).expect("a socket");
    w.reattach = Some(server.reattach().to_owned());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let fake = Arc::new(Fake::new(&w.path("fake.log")));
    let serving = runtime.spawn(server.serve(fake, async { ended.await.unwrap_or_default() }));
    a_life(&w);
    assert!(!w.events().contains("shutdown"), "it serves one client after another");
    end.send(()).expect("it still serves");
    runtime.block_on(serving).expect("no panic").expect("no error");
    assert!(w.events().contains("shutdown"));
}

fn a_panic_keeps_the_state() {
    let w = Workspace::new();
    let config = |mode: &str| format!("resource \"fake_thing\" \"a\" {{\n mode = \"{mode}\"\n}}\n");
    w.write(&config("plain"));
    w.succeeds(&["apply", "-auto-approve"]);
    w.write(&config("panic"));
    let out = w.run(&["apply", "-auto-approve"]);
    let said = text(&out.stderr).replace(['\n', '│', ' '], "");
    assert!(!out.status.success());
    assert!(said.contains("Theproviderfailed") && said.contains("abuginapply"), "{}", text(&out.stderr));
    assert!(!said.contains("Theplugincrashed"), "{}", text(&out.stderr));
    assert_eq!(w.values()[0]["values"]["mode"], "plain");
    w.write(&config("plain"));
    let said = w.succeeds(&["plan", "-detailed-exitcode"]);
    assert!(said.contains("No changes"), "the private bytes are kept, too: {said}");
}

fn diagnostics_have_places() {
    let w = Workspace::new();
    w.write("resource \"fake_thing\" \"a\" {\n mode = \"invalid\"\n}\n");
    let said = text(&w.run(&["validate"]).stderr);
    assert!(said.contains("An invalid mode") && said.contains("mode = \"invalid\""), "{said}");
    w.write("output \"x\" { value = provider::fake::echo(\"wrong\") }\n");
    let said = text(&w.run(&["plan"]).stderr);
    assert!(said.contains("That is the wrong argument"), "{said}");
    w.write("output \"x\" { value = provider::fake::echo(\"panic\") }\n");
    let said = text(&w.run(&["plan"]).stderr);
    assert!(said.contains("a bug in a function"), "{said}");
}

/// Terraform in the middle of a creation, and the plugin's process.
fn creating(w: &Workspace) -> (Child, String) {
    w.write("resource \"fake_thing\" \"a\" {\n mode = \"slow\"\n}\n");
    let child = w.start(&["apply", "-auto-approve"]);
    eventually("the creation has begun", || w.events().contains("applying"));
    let pid = w.events().lines().filter_map(|l| l.strip_prefix("pid ")).next_back().map(str::to_owned);
    (child, pid.expect("it was configured"))
}

fn ctrl_c_saves_the_state() {
    let w = Workspace::new();
    let (mut terraform, plugin) = creating(&w);
    // As a terminal does: to everyone.
    assert!(signal("-INT", &format!("-{}", terraform.id())));
    eventually("Terraform ends", || terraform.try_wait().expect("a status").is_some());
    let events = w.events();
    let stop = events.find("stop").expect("it was asked to stop");
    assert!(stop < events.find("applied in part").expect("the call came to its end"));
    assert_eq!(w.values()[0]["values"]["id"], "id-of-slow", "what was made is in the state");
    eventually("the plugin ends", || !signal("-0", &plugin));
}

fn it_does_not_outlive_terraform() {
    let w = Workspace::new();
    let (mut terraform, plugin) = creating(&w);
    terraform.kill().expect("it is killed");
    terraform.wait().expect("it has ended");
    eventually("the plugin ends", || !signal("-0", &plugin));
    let events = w.events();
    let end: Vec<_> = events.lines().skip_while(|l| *l != "applying").collect();
    assert_eq!(end, ["applying", "stop", "applied in part", "shutdown"]);
}
