//! Each manual page of a file in docs/files tells every key, column and name that its reader knows.

use std::collections::BTreeSet;
use std::fs;

use crate::demand;
use crate::source::{Source, root, sources};

/// How a reader says which names it knows.
#[derive(Clone, Copy)]
enum Names {
    /// It asks a section for them: `s.need("id", …)`.
    Asked,
    /// They are fields that serde fills.
    Fields,
    /// They are all texts of the constants with these names.
    Constants(&'static [&'static str]),
    /// They are what the arms of these functions give.
    Arms(&'static [&'static str]),
}

/// The page, a file of its reader, and how that says its names.
const READERS: &[(&str, &str, Names)] = &[
    ("protocol", "src/config/protocols/protocol.rs", Names::Asked),
    ("protocol", "src/config/protocols/series.rs", Names::Asked),
    ("protocol", "src/config/protocols/steps.rs", Names::Asked),
    ("protocol", "src/config/protocols/layout.rs", Names::Constants(&["KEYS"])),
    ("checklist", "src/config/checklists/structure.rs", Names::Fields),
    ("checklist", "src/config/checklists/wording.rs", Names::Fields),
    ("centres", "src/config/centres.rs", Names::Fields),
    ("roster", "src/exchange/roster/columns.rs", Names::Constants(&["REQUIRED", "OPTIONAL"])),
    ("roster", "src/care/record/proxy.rs", Names::Constants(&["FIELDS"])),
    ("settings", "src/care/settings/setting.rs", Names::Arms(&["word", "keys"])),
];

#[test]
fn every_key_of_a_file_stands_on_its_page() {
    let mut faults = Vec::new();
    let sources = sources();
    for (page, path, how) in READERS {
        let manual = format!("docs/files/aftercare-{page}.5.md");
        let text = fs::read_to_string(root().join(&manual)).unwrap_or_default();
        let source = sources.iter().find(|source| source.path == *path);
        let names = source.map(|source| names(source, *how)).unwrap_or_default();
        assert!(names.len() > 1, "no names were found in {path}");
        let lost = names.iter().filter(|name| !tells(&text, name));
        faults.extend(lost.map(|name| format!("{manual}: `{name}` of {path}")));
    }
    demand("the page of a file tells every key that its reader knows", &faults);
}

/// As a key, as a section, or with the hyphens that serde writes for it.
fn tells(page: &str, name: &str) -> bool {
    [name.to_owned(), name.replace('_', "-")]
        .iter()
        .any(|name| page.contains(&format!("`{name}`")) || page.contains(&format!(".{name}]")))
}

fn names(source: &Source, how: Names) -> BTreeSet<String> {
    match how {
        Names::Asked => ["need(", "may(", "or(", "section(", "sections("]
            .iter()
            .flat_map(|call| {
                let asked = format!(".{call}\"");
                source
                    .bare
                    .split(&asked)
                    .skip(1)
                    .filter_map(|rest| rest.split_once('"'))
                    .map(|(key, _)| key.to_owned())
                    .collect::<Vec<_>>()
            })
            .collect(),
        Names::Fields => fields(&source.bare),
        Names::Constants(of) => {
            of.iter().flat_map(|name| literals(after(source, &format!("const {name}:"), "];"))).collect()
        }
        Names::Arms(of) => of
            .iter()
            .flat_map(|name| literals(after(source, &format!("fn {name}(self)"), "\n    }\n")))
            .collect(),
    }
}

fn after<'s>(source: &'s Source, from: &str, to: &str) -> &'s str {
    let rest = source.bare.split_once(from).map_or("", |(_, rest)| rest);
    rest.split_once(to).map_or("", |(inside, _)| inside)
}

/// Every second piece between quotes; none of these texts holds one itself.
fn literals(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The fields of every structure that serde fills, by the name they have in the file.
fn fields(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for after in code.split("Deserialize)]").skip(1) {
        let Some((head, rest)) = after.split_once("struct ") else { continue };
        if head.contains("enum ") || head.contains("fn ") || head.contains("impl ") {
            continue;
        }
        let body = rest.split_once('{').map_or("", |(_, body)| body);
        let mut renamed = None;
        for line in body.lines().map(str::trim).take_while(|line| *line != "}") {
            if let Some((_, name)) = line.split_once("rename = \"") {
                renamed = name.split('"').next().map(str::to_owned);
            } else if let Some((name, _)) = line.split_once(": ").filter(|_| !line.starts_with("#[")) {
                let name = name.trim_start_matches("pub ").trim_start_matches("r#").to_owned();
                found.insert(renamed.take().unwrap_or(name));
            }
        }
    }
    found
}
