//! The one binary: every command is a file under `src/cli`.

fn main() -> std::process::ExitCode {
    aftercare::cli::main()
}
