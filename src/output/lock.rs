//! One build at a time writes to a folder, and none while it is read.

use std::fs::File;
use std::io;
use std::path::Path;

/// What stands for a folder when it is locked: the folder itself, so that nothing is left behind.
#[cfg(unix)]
pub(super) fn lock_of(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// What stands for a folder when it is locked: an empty file for temporary things, named after the folder, since Windows locks no folders.
#[cfg(not(unix))]
pub(super) fn lock_of(folder: &Path) -> io::Result<File> {
    use crate::text::hexadecimal;
    use sha2::{Digest, Sha256};

    let name = Sha256::digest(folder.canonicalize()?.as_os_str().as_encoded_bytes());
    let path = std::env::temp_dir().join(format!("dossier-{}.lock", hexadecimal(&name)));
    File::options().create(true).truncate(false).read(true).write(true).open(path)
}
