//! How the system hands out memory.

/// Has memory handed out in small pages from here on, for work that lets files pass through and keeps few of them.
///
/// Where Linux hands out 2 MB for each piece that is begun (transparent huge pages), every thread holds several times what it uses. Work that
/// keeps a whole dossier in memory is faster with them.
pub(super) fn in_small_pages() {
    // Where it cannot be asked for, more memory is held, and nothing else is different.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
