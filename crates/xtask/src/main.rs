//! Tasks of this repository: `cargo xtask <command>`.
#![allow(clippy::print_stdout, clippy::disallowed_macros, reason = "a command line tool talks on stdout")]

mod bench;
mod cases;
mod cli;
mod demo;
mod docs;
mod install;
mod proto;
mod report;
mod root;
mod scaffold;
mod servers;
mod sim;
mod size;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of this repository")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Show the provider at work on a simulated vCenter
    Demo(demo::Args),
    /// Run every test, with a summary
    Test(test::Args),
    /// Put a release build where a configuration finds it
    Install(install::Args),
    /// Measure start, memory, size and requests; write docs/benchmarks.md
    Bench(bench::Args),
    /// Count where the bytes of a release build are
    Size(size::Args),
    /// Write the documentation pages from the schemas and examples
    Docs(docs::Args),
    /// Write the code of the plugin protocol from its definitions
    Proto(proto::Args),
    /// Compare every schema with the official provider's
    Parity,
    /// Write the first draft of a resource: source, case and example
    NewResource(scaffold::Args),
    /// Write the first draft of a data source: source and example
    NewDataSource(scaffold::Args),
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Demo(a) => demo::run(&a),
        Task::Test(a) => test::run(&a),
        Task::Install(a) => install::run(&a),
        Task::Bench(a) => bench::run(&a),
        Task::Size(a) => size::run(&a),
        Task::Docs(a) => docs::run(&a),
        Task::Proto(a) => proto::run(&a),
        Task::Parity => docs::parity(),
        Task::NewResource(a) => scaffold::run(&a, scaffold::What::Resource),
        Task::NewDataSource(a) => scaffold::run(&a, scaffold::What::DataSource),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}
