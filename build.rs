//! What a build knows of itself.

/// What git says; nothing outside of a repository.
fn git(args: &[&str]) -> Option<String> {
    let out = std::process::Command::new("git").args(args).output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8(out.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[allow(clippy::disallowed_macros, reason = "this is how a build script speaks to cargo")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=BUILD_TARGET={}", std::env::var("TARGET")?);
    // Only in release builds; others would be rebuilt after every commit.
    if std::env::var("PROFILE").is_ok_and(|p| p == "release") {
        for (name, args) in [
            ("BUILD_COMMIT", ["show", "-s", "--format=%h", "HEAD"]),
            ("BUILD_DATE", ["show", "-s", "--format=%cs", "HEAD"]),
        ] {
            if let Some(text) = git(&args) {
                println!("cargo:rustc-env={name}={text}");
            }
        }
        if let Some(head) = git(&["rev-parse", "--git-path", "logs/HEAD"])
            && std::path::Path::new(&head).exists()
        {
            println!("cargo:rerun-if-changed={head}");
        }
    }
    Ok(())
}
