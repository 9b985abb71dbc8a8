//! Names of database files as SQLite reads them where it is to be told more than the name (sqlite.org/uri.html).

use std::path::Path;

/// A file's name as a URI, with what is to be known of it, e.g. `immutable=1`.
pub(in crate::store) fn uri(path: &Path, query: &str) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?" + query
}
