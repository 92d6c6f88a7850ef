//! Files and folders that are made beside their place and then renamed.

/// A maker of temporary files and folders with the permissions that any other
/// new file has: data are for all who may read the folder, while temporary files
/// are their owner's alone by default.
///
/// - `mode`: before the user's mask; `0o666` for a file, `0o777` for a folder.
#[cfg(unix)]
pub(super) fn builder(mode: u32) -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(".tycho-")
        .permissions(std::fs::Permissions::from_mode(mode));
    builder
}

/// A maker of temporary files and folders.
#[cfg(not(unix))]
pub(super) fn builder(_mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tycho-");
    builder
}
