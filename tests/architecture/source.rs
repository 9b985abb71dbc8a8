//! Source files as text, with comments, strings and tests blanked out, so that rules see code alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One Rust file of `src/`. All texts have the same length and the same line breaks.
pub(crate) struct Source {
    /// Path from the root of the repository, with `/`.
    pub(crate) path: String,
    /// As written.
    pub(crate) raw: String,
    /// Without comments; strings stay. Tests are blanked.
    pub(crate) bare: String,
    /// Without comments and strings. Tests are blanked.
    pub(crate) code: String,
    /// How many lines its test modules take.
    pub(crate) test_lines: usize,
}

impl Source {
    /// Reads a text as if it stood at `path`.
    pub(crate) fn new(path: &str, raw: String) -> Self {
        let (mut bare, mut code) = blank(&raw);
        let mut test_lines = 0;
        for (start, end) in test_modules(&code) {
            test_lines += code[start..end].matches('\n').count() + 1;
            bare = wipe(&bare, start, end);
            code = wipe(&code, start, end);
        }
        Self { path: path.to_owned(), raw, bare, code, test_lines }
    }

    /// `path:line` of a byte offset.
    pub(crate) fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.path, self.raw[..offset].matches('\n').count() + 1)
    }

    /// The module path, e.g. `["web", "public", "form"]`; empty for `lib.rs` and `main.rs`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        inner.split('/').filter(|s| !matches!(*s, "mod" | "lib" | "main")).collect()
    }

    /// The first part of the module path: the module; `main` or `lib` for the roots.
    pub(crate) fn top_module(&self) -> &str {
        match self.path.as_str() {
            "src/main.rs" => "main",
            "src/lib.rs" => "lib",
            _ => self.module().first().copied().unwrap_or("lib"),
        }
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under `src/`, read once; files that hold only tests (`tests.rs`, `tests/`) are left out.
pub(crate) fn sources() -> &'static [Source] {
    static READ: OnceLock<Vec<Source>> = OnceLock::new();
    READ.get_or_init(read)
}

fn read() -> Vec<Source> {
    let files = walk(&root().join("src"));
    let rust = files.iter().filter(|p| p.extension().is_some_and(|e| e == "rs"));
    let all: Vec<_> = rust
        .map(|p| Source::new(&relative(p), fs::read_to_string(p).unwrap_or_default()))
        .filter(|s| !s.module().contains(&"tests"))
        .collect();
    assert!(all.len() > 10, "the sources were not found under {}", root().display());
    all
}

/// Every file under a directory, sorted; what git ignores and dot-directories stay out.
pub(crate) fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if matches!(name.as_str(), "target" | ".git" | "node_modules" | "demo-out") {
            continue;
        }
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

/// The path from the root, with `/`.
pub(crate) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Byte offsets at which `word` stands as a whole identifier.
pub(crate) fn word_offsets(code: &str, word: &str) -> Vec<usize> {
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = code.as_bytes();
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|&at| {
            let before = at.checked_sub(1).is_none_or(|i| !part(bytes[i]));
            before && bytes.get(at + word.len()).is_none_or(|&b| !part(b))
        })
        .collect()
}

/// The offset just after the bracket that closes the one at `open`.
pub(crate) fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (i, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return i + 1;
        }
    }
    code.len()
}

/// The identifier that begins at `from`.
pub(crate) fn identifier(code: &str, from: usize) -> &str {
    let rest = &code[from..];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    &rest[..end]
}

fn wipe(text: &str, start: usize, end: usize) -> String {
    let blanked: String = text[start..end].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
    format!("{}{blanked}{}", &text[..start], &text[end..])
}

fn test_modules(code: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (start, marker) in code.match_indices("#[cfg(test)]") {
        if found.last().is_some_and(|&(_, end)| start < end) {
            continue;
        }
        let rest = start + marker.len();
        let stop = code[rest..].find(['{', ';']).map_or(code.len(), |i| rest + i);
        let braced = code.as_bytes().get(stop) == Some(&b'{');
        found.push((start, if braced { closing(code, stop) } else { (stop + 1).min(code.len()) }));
    }
    found
}

/// Returns the text without comments, and the text without comments and strings.
fn blank(raw: &str) -> (String, String) {
    let bytes = raw.as_bytes();
    let (mut bare, mut code) = (bytes.to_vec(), bytes.to_vec());
    let mut i = 0;
    while i < bytes.len() {
        let (end, is_text) = token(bytes, i);
        if end > i + 1 || is_text.is_some() {
            for at in i..end {
                let hidden = bytes[at] != b'\n';
                if hidden && is_text.is_some() {
                    code[at] = b' ';
                }
                if hidden && is_text == Some(false) {
                    bare[at] = b' ';
                }
            }
        }
        i = end.max(i + 1);
    }
    // Only whole tokens were blanked, so both are still UTF-8.
    (String::from_utf8_lossy(&bare).into_owned(), String::from_utf8_lossy(&code).into_owned())
}

/// The end of the token at `i`, and what it hides: `Some(false)` a comment, `Some(true)` a string or character.
fn token(bytes: &[u8], i: usize) -> (usize, Option<bool>) {
    let rest = &bytes[i..];
    let letter_before = i > 0 && (bytes[i - 1].is_ascii_alphanumeric() || bytes[i - 1] == b'_');
    if rest.starts_with(b"//") {
        return (rest.iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| i + n), Some(false));
    }
    if rest.starts_with(b"/*") {
        return (block_comment(bytes, i), Some(false));
    }
    let opens_raw = rest.starts_with(b"r\"") || rest.starts_with(b"r#") || rest.starts_with(b"br");
    if let Some(end) = (!letter_before && opens_raw).then(|| raw_string(bytes, i)).flatten() {
        return (end, Some(true));
    }
    match rest[0] {
        b'"' => (quoted(bytes, i, b'"'), Some(true)),
        b'\'' if rest.get(1) == Some(&b'\\') => (quoted(bytes, i, b'\''), Some(true)),
        b'\'' => character(bytes, i).map_or((i + 1, None), |end| (end, Some(true))),
        _ => (i + 1, None),
    }
}

fn block_comment(bytes: &[u8], start: usize) -> usize {
    let (mut i, mut depth) = (start, 0_usize);
    while i < bytes.len() {
        if bytes[i..].starts_with(b"/*") {
            (depth, i) = (depth + 1, i + 2);
        } else if bytes[i..].starts_with(b"*/") {
            (depth, i) = (depth - 1, i + 2);
            if depth == 0 {
                return i;
            }
        } else {
            i += 1;
        }
    }
    bytes.len()
}

fn raw_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut i = start + 1 + usize::from(bytes[start] == b'b');
    let hashes = bytes[i..].iter().take_while(|&&b| b == b'#').count();
    i += hashes;
    if bytes.get(i) != Some(&b'"') {
        return None;
    }
    let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let body = &bytes[i + 1..];
    let end = body.windows(close.len()).position(|w| w == close)?;
    Some(i + 1 + end + close.len())
}

fn quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut i = start + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b if b == quote => return i + 1,
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}

/// A character literal is one character and a quote; anything else is a lifetime.
fn character(bytes: &[u8], start: usize) -> Option<usize> {
    let first = *bytes.get(start + 1)?;
    let width = match first {
        0..=0x7F => 1,
        0x80..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    };
    (bytes.get(start + 1 + width) == Some(&b'\'')).then_some(start + 2 + width)
}

#[test]
fn comments_strings_and_tests_are_no_code() {
    let text = "fn a<'x>() { /* /* b */ */ let s = \"fn c\"; let r = r#\"d\"#; let q = '\"'; } // e\n#[cfg(test)]\nmod tests { fn f() {} }\nfn g() {}\n";
    let source = Source::new("src/x.rs", text.to_owned());
    for gone in ["b", "c", "d", "e", "f"] {
        assert!(word_offsets(&source.code, gone).is_empty(), "{gone}: {}", source.code);
    }
    for stays in ["a", "s", "r", "q", "g", "x"] {
        assert_eq!(word_offsets(&source.code, stays).len(), 1, "{stays}: {}", source.code);
    }
    assert_eq!((source.raw.len(), source.test_lines), (source.code.len(), 2));
    assert!(source.bare.contains("\"fn c\"") && !source.bare.contains("/*"));
}
