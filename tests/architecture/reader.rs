//! Reads one file's syntax into the records of `syntax`.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::syntax::{File, Function, Import, Item, Kind, Module, Parameter, Path, made_types};

/// What tests hold: modules behind `#[cfg(test)]` that are files of their own, and words.
#[derive(Default)]
pub(crate) struct Tests {
    pub(crate) modules: Vec<Module>,
    pub(crate) words: BTreeSet<String>,
}

/// Reads a file; what only tests see goes to `tests`.
pub(crate) fn read(path: &str, text: &str, tests: &mut Tests) -> File {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let module = inner.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect();
    let mut file = File { path: path.to_owned(), module, ..File::default() };
    let tokens: TokenStream = text.parse().unwrap_or_else(|e| panic!("{path}: {e}"));
    let tree: syn::File = syn::parse2(tokens.clone()).unwrap_or_else(|e| panic!("{path}: {e}"));
    let inside = file.module.clone();
    let mut reader = Reader {
        file: &mut file,
        inside,
        extent: (0, 0),
        tests: Vec::new(),
        test_modules: Vec::new(),
        in_function: 0,
        in_trait_impl: false,
    };
    reader.visit_file(&tree);
    let extents = reader.tests;
    tests.modules.append(&mut reader.test_modules);
    for (word, at) in words(tokens) {
        if extents.iter().any(|&(start, end)| (start..end).contains(&at)) {
            tests.words.insert(word);
        } else {
            file.words.entry(word).or_default().push(at);
        }
    }
    file
}

/// Every identifier of a text that is Rust, for tests, benches and fuzz targets.
pub(crate) fn identifiers(text: &str) -> BTreeSet<String> {
    text.parse().map(|tokens| words(tokens).into_iter().map(|(word, _)| word).collect()).unwrap_or_default()
}

/// Identifiers, and the words of paths that attributes spell as strings.
fn words(tokens: TokenStream) -> Vec<(String, usize)> {
    let spelled = spelled(tokens.clone()).into_iter();
    let mut found: Vec<_> =
        spelled.flat_map(|(path, at)| path.into_iter().map(move |word| (word, start(at)))).collect();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<(String, usize)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Ident(ident) => {
                found.push((ident.to_string().trim_start_matches("r#").to_owned(), start(ident.span())));
            }
            _ => {}
        }
    }
}

/// Paths that stand in strings: `#[serde(with = "…")]`, `default = "…"`.
fn spelled(tokens: TokenStream) -> Vec<(Vec<String>, Span)> {
    let (mut found, mut key) = (Vec::new(), String::new());
    for token in tokens {
        match token {
            TokenTree::Group(group) => found.extend(spelled(group.stream())),
            TokenTree::Ident(ident) => key = ident.to_string(),
            TokenTree::Literal(text)
                if matches!(key.as_str(), "with" | "default" | "skip_serializing_if")
                    || key.ends_with("_with") =>
            {
                let path = text.to_string();
                let path = path.trim_matches('"').split("::").map(str::to_owned).collect();
                found.push((path, text.span()));
            }
            _ => {}
        }
    }
    found
}

fn start(span: Span) -> usize {
    span.byte_range().start
}

fn extent(spanned: &impl Spanned) -> (usize, usize) {
    let range = spanned.span().byte_range();
    (range.start, range.end)
}

/// Walks one file.
struct Reader<'a> {
    file: &'a mut File,
    inside: Module,
    /// First and last byte of the item that is read now.
    extent: (usize, usize),
    tests: Vec<(usize, usize)>,
    test_modules: Vec<Module>,
    in_function: usize,
    in_trait_impl: bool,
}

impl Reader<'_> {
    fn item(&mut self, ident: &syn::Ident, kind: Kind, vis: &syn::Visibility) {
        self.file.items.push(Item {
            inside: self.inside.clone(),
            name: ident.to_string(),
            kind,
            is_public: is_public(vis),
            line: ident.span().start().line,
            extent: self.extent,
            is_local: self.in_function > 0,
        });
    }

    /// A type that a macro makes counts as public: its visibility may be the macro's choice.
    fn made_type(&mut self, ident: &syn::Ident) {
        let public = syn::Visibility::Public(syn::token::Pub::default());
        self.item(ident, Kind::Type, &public);
    }

    /// A promise of a trait has no visibility of its own.
    fn function(&mut self, signature: &syn::Signature, vis: Option<&syn::Visibility>) {
        self.file.functions.push(Function {
            name: signature.ident.to_string(),
            line: signature.ident.span().start().line,
            is_public: vis.is_none_or(is_public),
            is_async: signature.asyncness.is_some(),
            is_method: signature.receiver().is_some(),
            promised_by_trait: self.in_trait_impl,
            parameters: signature.inputs.iter().map(parameter).collect(),
        });
    }

    fn import(&mut self, tree: &syn::UseTree, path: &mut Vec<String>) {
        let (last, name, span) = match tree {
            syn::UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.import(&step.tree, path);
                path.pop();
                return;
            }
            syn::UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(tree, path)),
            syn::UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string(), name.span()),
            syn::UseTree::Rename(name) => (name.ident.to_string(), name.rename.to_string(), name.span()),
            syn::UseTree::Glob(glob) => ("*".to_owned(), "*".to_owned(), glob.span()),
        };
        let mut path = path.clone();
        if last != "*" && (last != "self" || path.is_empty()) {
            path.push(last);
        }
        let name = if name == "self" { path.last().cloned().unwrap_or(name) } else { name };
        self.file.imports.push(Import { inside: self.inside.clone(), path, name, line: span.start().line });
    }

    fn path(&mut self, parts: Vec<String>, span: Span) {
        let (line, offset) = (span.start().line, start(span));
        self.file.paths.push(Path { inside: self.inside.clone(), parts, line, offset });
    }

    /// Paths in a macro or an attribute, found without knowing its grammar: `a::b::c`, not after a dot.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut parts, mut at, mut last) = (Vec::new(), None, [' ', ' ']);
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    last = [' ', ' '];
                }
                TokenTree::Punct(mark) => last = [last[1], mark.as_char()],
                TokenTree::Literal(_) => last = [' ', ' '],
                TokenTree::Ident(ident) => {
                    if last != [':', ':'] {
                        at.take().into_iter().for_each(|at| self.path(std::mem::take(&mut parts), at));
                        at = (last[1] != '.' || last[0] == '.').then(|| ident.span());
                        parts.clear();
                    }
                    parts.push(ident.to_string());
                    last = [' ', ' '];
                }
            }
        }
        at.into_iter().for_each(|at| self.path(std::mem::take(&mut parts), at));
    }
}

fn is_public(vis: &syn::Visibility) -> bool {
    !matches!(vis, syn::Visibility::Inherited)
}

fn parameter(input: &syn::FnArg) -> Parameter {
    match input {
        syn::FnArg::Receiver(_) => Parameter { type_name: "Self".to_owned(), values: 1 },
        syn::FnArg::Typed(typed) => Parameter { type_name: type_name(&typed.ty), values: values(&typed.ty) },
    }
}

fn values(kind: &syn::Type) -> usize {
    match kind {
        syn::Type::Tuple(tuple) => tuple.elems.iter().map(values).sum::<usize>().max(1),
        syn::Type::Reference(to) => values(&to.elem),
        syn::Type::Paren(inner) => values(&inner.elem),
        _ => 1,
    }
}

fn type_name(kind: &syn::Type) -> String {
    match kind {
        syn::Type::Reference(to) => type_name(&to.elem),
        syn::Type::Path(path) => path.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| match &a.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            words(list.tokens.clone()).iter().any(|(w, _)| w == "test")
        }
        _ => false,
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(i) => &i.attrs,
        syn::Item::Enum(i) => &i.attrs,
        syn::Item::Fn(i) => &i.attrs,
        syn::Item::Impl(i) => &i.attrs,
        syn::Item::Macro(i) => &i.attrs,
        syn::Item::Mod(i) => &i.attrs,
        syn::Item::Static(i) => &i.attrs,
        syn::Item::Struct(i) => &i.attrs,
        syn::Item::Trait(i) => &i.attrs,
        syn::Item::Type(i) => &i.attrs,
        syn::Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_test(attributes(item)) {
            self.tests.push(extent(item));
            if let syn::Item::Mod(module) = item {
                self.test_modules.push([&self.inside[..], &[module.ident.to_string()]].concat());
            }
            return;
        }
        self.extent = extent(item);
        let kind = Kind::Type;
        match item {
            syn::Item::Struct(i) => self.item(&i.ident, kind, &i.vis),
            syn::Item::Enum(i) => self.item(&i.ident, kind, &i.vis),
            syn::Item::Trait(i) => self.item(&i.ident, kind, &i.vis),
            syn::Item::Type(i) => self.item(&i.ident, kind, &i.vis),
            syn::Item::Const(i) => self.item(&i.ident, Kind::Value, &i.vis),
            syn::Item::Static(i) => self.item(&i.ident, Kind::Value, &i.vis),
            syn::Item::Macro(i) => made_types(i.mac.tokens.clone()).iter().for_each(|i| self.made_type(i)),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.item(&item.sig.ident, Kind::Function, &item.vis);
        self.function(&item.sig, Some(&item.vis));
        self.in_function += 1;
        visit::visit_item_fn(self, item);
        self.in_function -= 1;
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inside.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.import(&item.tree, &mut Vec::new());
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.file.impls.push((type_name(&item.self_ty), extent(item)));
        let before = std::mem::replace(&mut self.in_trait_impl, item.trait_.is_some());
        visit::visit_item_impl(self, item);
        self.in_trait_impl = before;
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        self.extent = extent(item);
        match item {
            syn::ImplItem::Fn(i) if is_test(&i.attrs) => return self.tests.push(self.extent),
            syn::ImplItem::Fn(i) => {
                self.item(&i.sig.ident, Kind::Member, &i.vis);
                self.function(&i.sig, Some(&i.vis));
            }
            syn::ImplItem::Const(i) => self.item(&i.ident, Kind::Member, &i.vis),
            _ => {}
        }
        self.in_function += 1;
        visit::visit_impl_item(self, item);
        self.in_function -= 1;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig, None);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let parts = path.segments.iter().map(|s| s.ident.to_string()).collect();
            self.path(parts, path.segments[0].ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
            for (path, span) in spelled(list.tokens.clone()) {
                self.path(path, span);
            }
        }
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}
