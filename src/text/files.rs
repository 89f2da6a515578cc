//! Names of files that every system can store.

/// File names that some systems keep for devices; nothing could be stored there.
const DEVICE_NAMES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Whether some systems keep a file name for a device, with whatever ending.
pub(crate) fn is_device_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    DEVICE_NAMES.iter().any(|device| stem.eq_ignore_ascii_case(device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_known_by_their_names_with_any_ending() {
        for name in ["con", "NUL", "aux.txt", "Com1 .html", "lpt9.tar.gz"] {
            assert!(is_device_name(name), "{name}");
        }
        for name in ["console", "com", "com10", "a.con", "", "nul-1"] {
            assert!(!is_device_name(name), "{name}");
        }
    }
}
