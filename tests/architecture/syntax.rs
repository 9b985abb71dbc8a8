//! Source files as syntax: what each file defines, imports, names and takes. Test code is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::reader::{Tests, read};
use crate::source::{relative, root, walk};

/// A module path without `crate`, e.g. `["web", "public"]`; empty at the root.
pub(crate) type Module = Vec<String>;

/// The library and `main.rs`.
pub(crate) struct Crate {
    /// Files with code that ships.
    pub(crate) files: Vec<File>,
    /// Every identifier of test code inside `src/`.
    pub(crate) test_words: BTreeSet<String>,
}

/// One file of `src/`.
#[derive(Default)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) module: Module,
    pub(crate) imports: Vec<Import>,
    pub(crate) paths: Vec<Path>,
    pub(crate) items: Vec<Item>,
    pub(crate) functions: Vec<Function>,
    /// Each `impl` by the type it is for: what stands in it is no use of that type.
    pub(crate) impls: Vec<(String, (usize, usize))>,
    /// Where each identifier stands, as byte offsets.
    pub(crate) words: BTreeMap<String, Vec<usize>>,
}

/// One name that a `use` brings in; `*` for all of them.
pub(crate) struct Import {
    pub(crate) inside: Module,
    pub(crate) path: Vec<String>,
    pub(crate) name: String,
    pub(crate) line: usize,
}

/// A path as written somewhere in code, in a macro or an attribute.
pub(crate) struct Path {
    pub(crate) inside: Module,
    pub(crate) parts: Vec<String>,
    pub(crate) line: usize,
    pub(crate) offset: usize,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Type,
    Value,
    Function,
    /// Belongs to a type, so only its name can be looked for.
    Member,
}

/// A type, trait, function, constant, method or associated constant.
pub(crate) struct Item {
    pub(crate) inside: Module,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) is_public: bool,
    pub(crate) line: usize,
    /// First and last byte of the definition.
    pub(crate) extent: (usize, usize),
    /// Whether it stands inside a function.
    pub(crate) is_local: bool,
}

/// A function, method or promise of a trait, with what it takes.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) is_public: bool,
    pub(crate) is_async: bool,
    /// Takes `self`, so that a call does not say whose it is.
    pub(crate) is_method: bool,
    /// Inside `impl Trait for Type`: its shape is the trait's choice.
    pub(crate) promised_by_trait: bool,
    pub(crate) parameters: Vec<Parameter>,
}

/// One parameter: the last name of its type, and how many values a tuple in it holds.
pub(crate) struct Parameter {
    pub(crate) type_name: String,
    /// 1 for anything but a tuple; tuples in tuples are counted through.
    pub(crate) values: usize,
}

/// The types that a macro names after `struct` or `enum`.
pub(crate) fn made_types(tokens: TokenStream) -> Vec<Ident> {
    let (mut found, mut is_next) = (Vec::new(), false);
    for token in tokens {
        match token {
            TokenTree::Group(group) => found.extend(made_types(group.stream())),
            TokenTree::Ident(ident) if is_next => found.push(ident),
            TokenTree::Ident(ident) => {
                is_next = ident == "struct" || ident == "enum";
                continue;
            }
            _ => {}
        }
        is_next = false;
    }
    found
}

impl Crate {
    /// The crate as it stands under `src/`, read once.
    pub(crate) fn shipped() -> &'static Self {
        static READ: OnceLock<Crate> = OnceLock::new();
        READ.get_or_init(|| {
            let rust =
                walk(&root().join("src")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs"));
            let texts: Vec<_> =
                rust.map(|p| (relative(&p), fs::read_to_string(&p).unwrap_or_default())).collect();
            assert!(texts.len() > 10, "the sources were not found under {}", root().display());
            let texts: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            Self::of(&texts)
        })
    }

    /// A crate of `(path, text)`, for faults that are planted.
    pub(crate) fn of(texts: &[(&str, &str)]) -> Self {
        let (mut all, mut tests) = (Vec::new(), Tests::default());
        for (path, text) in texts {
            all.push(read(path, text, &mut tests));
        }
        let is_test = |f: &File| tests.modules.iter().any(|t| f.module.starts_with(t));
        let (spare, files): (Vec<_>, Vec<_>) = all.into_iter().partition(is_test);
        let mut test_words = tests.words;
        test_words.extend(spare.into_iter().flat_map(|f| f.words.into_keys()));
        Self { files, test_words }
    }
}
