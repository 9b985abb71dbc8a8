//! Which file names which: imports and paths followed to the file that defines what they name.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use crate::syntax::{Crate, File, Module};

/// One file leans on another: the line that names it first, and the item.
pub(crate) struct Tie {
    pub(crate) line: usize,
    pub(crate) name: String,
}

/// From file to file, by path.
pub(crate) type Ties = BTreeMap<String, BTreeMap<String, Tie>>;

/// The ties of the crate as it stands, followed once: to follow them takes seconds.
pub(crate) fn shipped_ties() -> &'static Ties {
    static FOLLOWED: OnceLock<Ties> = OnceLock::new();
    let code = Crate::shipped();
    FOLLOWED.get_or_init(|| Names::of(code).ties(code))
}

/// A name that code of one file uses and another file (or the same) defines.
pub(crate) struct Use<'a> {
    pub(crate) from: &'a File,
    pub(crate) to: &'a File,
    /// The path below the module of `to`; empty if the module itself is named.
    pub(crate) rest: Vec<String>,
    pub(crate) line: usize,
    pub(crate) offset: Option<usize>,
}

/// Every name of the crate, by module.
pub(crate) struct Names<'a> {
    files: HashMap<&'a [String], &'a File>,
    items: HashMap<&'a [String], HashSet<&'a str>>,
    imports: HashMap<&'a [String], HashMap<&'a str, &'a [String]>>,
    globs: HashMap<&'a [String], Vec<&'a [String]>>,
}

/// Imports that are being followed, so that none is followed twice.
type Trail<'t> = &'t [(Module, Vec<String>)];

impl<'a> Names<'a> {
    pub(crate) fn of(code: &'a Crate) -> Self {
        let mut names = Self {
            files: HashMap::new(),
            items: HashMap::new(),
            imports: HashMap::new(),
            globs: HashMap::new(),
        };
        for file in &code.files {
            names.files.insert(&file.module, file);
            for item in file.items.iter().filter(|i| !i.is_local) {
                names.items.entry(&item.inside).or_default().insert(&item.name);
            }
            for import in &file.imports {
                if import.name == "*" {
                    names.globs.entry(&import.inside).or_default().push(&import.path);
                } else {
                    names.imports.entry(&import.inside).or_default().insert(&import.name, &import.path);
                }
            }
        }
        names
    }

    /// Everything that the crate's code names inside the crate.
    pub(crate) fn uses(&self, code: &'a Crate) -> Vec<Use<'a>> {
        let mut found = Vec::new();
        for from in &code.files {
            let imports = from.imports.iter().map(|i| (&i.inside, &i.path, i.line, None));
            let paths = from.paths.iter().map(|p| (&p.inside, &p.parts, p.line, Some(p.offset)));
            for (inside, path, line, offset) in imports.chain(paths) {
                let target = self.absolute(inside, path, &[]);
                if let Some((to, rest)) = target.and_then(|t| self.file(&t)) {
                    found.push(Use { from, to, rest, line, offset });
                }
            }
        }
        found
    }

    /// Who leans on whom. Naming a module alone is no tie: what is taken from it is.
    pub(crate) fn ties(&self, code: &'a Crate) -> Ties {
        let mut ties = Ties::new();
        for one in self.uses(code).into_iter().filter(|u| u.from.path != u.to.path) {
            let Some(name) = one.rest.into_iter().next() else { continue };
            let from = ties.entry(one.from.path.clone()).or_default();
            from.entry(one.to.path.clone()).or_insert(Tie { line: one.line, name });
        }
        ties
    }

    /// The file that defines a path from the root, and what is left of the path below its module.
    fn file(&self, path: &[String]) -> Option<(&'a File, Vec<String>)> {
        (0..=path.len())
            .rev()
            .find_map(|n| self.files.get(&path[..n]).map(|file| (*file, path[n..].to_vec())))
    }

    /// The path from the root that `path` means inside a module; `None` for what is no part of the crate.
    fn absolute(&self, inside: &[String], path: &[String], trail: Trail<'_>) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" | "aftercare" => return self.settled(rest, trail),
            "self" => return self.settled(&[inside, rest].concat(), trail),
            "super" => {
                let ups = path.iter().take_while(|p| *p == "super").count();
                let above = &inside[..inside.len().checked_sub(ups)?];
                return self.settled(&[above, &path[ups..]].concat(), trail);
            }
            _ => {}
        }
        if let Some(target) = self.imports.get(inside).and_then(|i| i.get(first.as_str())) {
            let base = self.followed(inside, target, trail)?;
            return self.settled(&[&base[..], rest].concat(), trail);
        }
        if self.files.contains_key(&[inside, &path[..1]].concat()[..]) {
            return self.settled(&[inside, path].concat(), trail);
        }
        if self.defines(inside, first) {
            return Some([inside, path].concat());
        }
        self.globs.get(inside)?.iter().find_map(|glob| {
            let base = self.followed(inside, glob, trail)?;
            let holds = self.defines(&base, first)
                || self.files.contains_key(&[&base[..], &path[..1]].concat()[..])
                || self.imports.get(&base[..]).is_some_and(|i| i.contains_key(first.as_str()));
            holds.then(|| self.settled(&[&base[..], path].concat(), trail)).flatten()
        })
    }

    fn defines(&self, inside: &[String], name: &str) -> bool {
        self.items.get(inside).is_some_and(|items| items.contains(name))
    }

    /// The path from the root that an import stands for.
    fn followed(&self, inside: &[String], import: &[String], trail: Trail<'_>) -> Option<Vec<String>> {
        let step = (inside.to_vec(), import.to_vec());
        let is_new = !trail.contains(&step);
        is_new.then(|| self.absolute(inside, import, &[trail, &[step]].concat())).flatten()
    }

    /// Follows a path from the root through modules, and through what a module imports.
    fn settled(&self, path: &[String], trail: Trail<'_>) -> Option<Vec<String>> {
        let mut depth = 0;
        while let Some(part) = path.get(depth) {
            let (module, is_last) = (&path[..depth], depth + 1 == path.len());
            let is_item = self.defines(module, part);
            if self.files.contains_key(&path[..=depth]) && !(is_last && is_item) {
                depth += 1;
            } else if is_item {
                break;
            } else if let Some(target) = self.imports.get(module).and_then(|i| i.get(part.as_str())) {
                let base = self.followed(module, target, trail)?;
                return Some([&base[..], &path[depth + 1..]].concat());
            } else {
                break;
            }
        }
        Some(path.to_vec())
    }
}

/// The files that reach themselves, ring by ring (Tarjan).
pub(crate) fn circles(ties: &Ties) -> Vec<BTreeSet<String>> {
    let mut walk = Walk { ties, next: 0, seen: HashMap::new(), stack: Vec::new(), found: Vec::new() };
    for file in ties.keys() {
        if !walk.seen.contains_key(file.as_str()) {
            walk.visit(file);
        }
    }
    walk.found
}

struct Walk<'a> {
    ties: &'a Ties,
    next: usize,
    /// When a file was met, and the earliest file on the stack that it reaches.
    seen: HashMap<&'a str, (usize, usize)>,
    stack: Vec<&'a str>,
    found: Vec<BTreeSet<String>>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, file: &'a str) -> usize {
        let met = self.next;
        self.next += 1;
        self.seen.insert(file, (met, met));
        self.stack.push(file);
        let mut low = met;
        for to in self.ties.get(file).into_iter().flat_map(|t| t.keys()) {
            low = match self.seen.get(to.as_str()) {
                None => low.min(self.visit(to)),
                Some(&(at, _)) if self.stack.contains(&to.as_str()) => low.min(at),
                Some(_) => low,
            };
        }
        if low == met {
            let at = self.stack.iter().position(|f| *f == file).unwrap_or(0);
            let ring: BTreeSet<_> = self.stack.split_off(at).into_iter().map(str::to_owned).collect();
            self.found.extend((ring.len() > 1).then_some(ring));
        }
        low
    }
}
