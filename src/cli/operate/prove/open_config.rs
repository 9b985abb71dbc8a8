//! Proves that not everybody on the machine decides where letters and alerts go: whoever may write the configuration does.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::config::file::fault::Fault;

/// What everybody may do with a file.
const EVERYBODY_WRITES: u32 = 0o002;

/// The configuration and its directory, where anybody may write them.
pub(super) fn writable(context: &CheckContext) -> Vec<CheckFinding> {
    let file = Path::new(&context.file);
    let places = [Some(file), file.parent().filter(|place| !place.as_os_str().is_empty())];
    places.into_iter().flatten().filter_map(|place| written_by_anybody(context, place)).collect()
}

fn written_by_anybody(context: &CheckContext, place: &Path) -> Option<CheckFinding> {
    let mode = std::fs::metadata(place).ok()?.permissions().mode() & 0o7777;
    let shown = place.display();
    (mode & EVERYBODY_WRITES != 0).then(|| {
        CheckFinding::Remark(Fault {
            file: context.file.clone(),
            line: 0,
            problem: format!("anybody on this machine may change `{shown}` (mode {mode:o}), and with it where letters and alerts go"),
            hint: format!("`chmod o-w {shown}`, and read the file again line by line"),
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};

    use super::*;
    use crate::cli::operate::prove::tests::context;

    #[test]
    fn a_configuration_that_anybody_may_change_is_remarked() {
        let (dir, context, _) = context(&[]);
        assert_eq!(writable(&context), []);
        for (place, mode) in [(Path::new(&context.file), 0o666), (dir.path(), 0o777)] {
            set_permissions(place, Permissions::from_mode(mode)).unwrap();
            let found = writable(&context);
            let [CheckFinding::Remark(remark)] = &found[..] else { panic!("{found:?}") };
            assert!(remark.hint.starts_with(&format!("`chmod o-w {}`", place.display())), "{}", remark.hint);
            set_permissions(place, Permissions::from_mode(mode & 0o755)).unwrap();
        }
    }
}
