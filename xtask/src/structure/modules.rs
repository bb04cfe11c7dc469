//! The modules of a crate, and what the files that they lie in import of each other. Modules that are built for tests
//! only are left out: a test may look at everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use quote::ToTokens;
use syn::{Attribute, Item};

use super::{
    circles::{Import, Imports},
    paths::{self, paths},
};

/// Enough for names that stand for names that stand for names; a circle of them does not compile.
const MOST_DETOURS: usize = 32;

/// A crate's modules by their paths; the root's is empty.
pub struct Modules(BTreeMap<Vec<String>, Module>);

#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Names that are defined here, modules aside.
    items: BTreeSet<String>,
    /// Names that `use` brings here, with the paths that it gives; `*` has many.
    names: Vec<(String, paths::Path)>,
    /// What is only passed on by `pub use`: naming it is not needing it.
    passed_on: BTreeSet<String>,
    /// All that is named in the module's code.
    named: Vec<paths::Path>,
}

/// Where a path leads.
enum Found {
    Module(Vec<String>),
    /// An item of this module.
    Item(Vec<String>),
    Elsewhere,
}

impl Modules {
    /// Reads the modules that are reached from a crate's root file.
    pub fn read(root: &Path) -> Result<Self> {
        let mut modules = Self(BTreeMap::new());
        let folder = root.parent().context("a file without a folder")?;
        modules.read_file(root, folder, &[])?;
        Ok(modules)
    }

    /// What each file imports of the others.
    pub fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for (at, module) in &self.0 {
            let words: BTreeSet<&String> = module.named.iter().map(|path| &path.segments[0]).collect();
            let is_needed = |name: &String| !module.passed_on.contains(name) || words.contains(name);
            let used = module.names.iter().filter(|(name, _)| is_needed(name)).map(|(_, path)| path);
            for path in used.chain(module.named.iter().filter(|path| path.segments.len() > 1)) {
                // To name a module is nothing yet; what is named in it counts.
                let Found::Item(owner) = self.resolve(at, &path.segments, 0) else { continue };
                let file = &self.0[&owner].file;
                if *file != module.file {
                    let import = Import { line: path.line, path: path.text() };
                    imports.entry(module.file.clone()).or_default().entry(file.clone()).or_insert(import);
                }
            }
        }
        imports
    }

    fn resolve(&self, at: &[String], segments: &[String], detours: usize) -> Found {
        let Some((first, rest)) = segments.split_first() else { return Found::Module(at.to_vec()) };
        if detours > MOST_DETOURS {
            return Found::Elsewhere;
        }
        match first.as_str() {
            "crate" => self.descend(Vec::new(), rest, detours),
            "self" => self.descend(at.to_vec(), rest, detours),
            "super" => match at.split_last() {
                Some((_, parent)) if rest.first().is_some_and(|name| name == "super") => {
                    self.resolve(parent, rest, detours)
                }
                Some((_, parent)) => self.descend(parent.to_vec(), rest, detours),
                None => Found::Elsewhere,
            },
            // A name of this module; anything else is another crate's.
            _ => self.lookup(at, first, rest, detours),
        }
    }

    fn descend(&self, at: Vec<String>, segments: &[String], detours: usize) -> Found {
        match segments.split_first() {
            None => Found::Module(at),
            Some((star, _)) if star == "*" => Found::Item(at),
            Some((name, rest)) => match self.lookup(&at, name, rest, detours) {
                // Made by a macro, or not there; then the compiler complains.
                Found::Elsewhere if self.0.contains_key(&at) => Found::Item(at),
                found => found,
            },
        }
    }

    fn lookup(&self, at: &[String], name: &str, rest: &[String], detours: usize) -> Found {
        let Some(module) = self.0.get(at) else { return Found::Elsewhere };
        let child = [at, &[name.to_owned()]].concat();
        if self.0.contains_key(&child) {
            return self.descend(child, rest, detours);
        }
        if module.items.contains(name) {
            return Found::Item(at.to_vec());
        }
        let named = module.names.iter().find(|(known, _)| known == name);
        if let Some((_, path)) = named {
            // The first name of a `use` is never one that it brings itself: `use url::Url as url`.
            let is_own = path.segments[0] == name;
            return if is_own { Found::Elsewhere } else { self.follow(at, path, rest, detours) };
        }
        for (_, path) in module.names.iter().filter(|(known, _)| known == "*") {
            let inside = &path.segments[..path.segments.len() - 1];
            if let Found::Module(inside) = self.resolve(at, inside, detours + 1)
                && inside != at
                && let found @ (Found::Item(_) | Found::Module(_)) = self.lookup(&inside, name, rest, detours + 1)
            {
                return found;
            }
        }
        Found::Elsewhere
    }

    fn follow(&self, at: &[String], path: &paths::Path, rest: &[String], detours: usize) -> Found {
        match self.resolve(at, &path.segments, detours + 1) {
            Found::Module(module) => self.descend(module, rest, detours + 1),
            found => found,
        }
    }

    fn read_file(&mut self, file: &Path, folder: &Path, at: &[String]) -> Result<()> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let parsed = syn::parse_file(&text).with_context(|| file.display().to_string())?;
        if is_for_tests(&parsed.attrs) {
            return Ok(());
        }
        self.read_items(parsed.items, file, folder, at)
    }

    /// Reads a module; `folder` is where the files of its own modules lie.
    fn read_items(&mut self, items: Vec<Item>, file: &Path, folder: &Path, at: &[String]) -> Result<()> {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        for item in items {
            if is_for_tests(attributes(&item)) {
                continue;
            }
            match item {
                Item::Use(item) => {
                    let is_passed_on = !matches!(item.vis, syn::Visibility::Inherited);
                    for path in paths(item.tree.to_token_stream()) {
                        let name = path.alias.clone().unwrap_or_else(|| path.segments[path.segments.len() - 1].clone());
                        if is_passed_on {
                            module.passed_on.insert(name.clone());
                        }
                        module.names.push((name, path));
                    }
                }
                Item::Mod(item) => {
                    let name = item.ident.to_string();
                    let child = [at, std::slice::from_ref(&name)].concat();
                    match item.content {
                        Some((_, items)) => self.read_items(items, file, &folder.join(&name), &child)?,
                        None => self.read_module_file(&item.attrs, &name, file, folder, &child)?,
                    }
                }
                item => {
                    module.items.extend(name_of(&item));
                    module.named.extend(paths(item.to_token_stream()));
                }
            }
        }
        self.0.insert(at.to_vec(), module);
        Ok(())
    }

    fn read_module_file(
        &mut self,
        attributes: &[Attribute],
        name: &str,
        parent: &Path,
        folder: &Path,
        at: &[String],
    ) -> Result<()> {
        if let Some(path) = given_path(attributes) {
            let file = parent.parent().unwrap_or(folder).join(path);
            let folder = file.parent().unwrap_or(folder).to_owned();
            return self.read_file(&file, &folder, at);
        }
        let below = folder.join(name);
        for file in [folder.join(format!("{name}.rs")), below.join("mod.rs")] {
            if file.is_file() {
                return self.read_file(&file, &below, at);
            }
        }
        bail!("{}: there is no file of the module {name}", parent.display())
    }
}

/// What a module's `#[path = "…"]` says.
fn given_path(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let text = pair.value.to_token_stream().to_string();
    Some(text.trim_matches('"').to_owned())
}

/// Whether something has `#[cfg(test)]`, or `#[cfg(all(test, …))]`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let condition = attribute.meta.to_token_stream().to_string().replace(' ', "");
        condition == "cfg(test)" || condition.starts_with("cfg(all(test,")
    })
}

/// The name that an item defines.
fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The imports of a crate made of these files, as `from:line > to`.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let imports = Modules::read(&folder.path().join(files[0].0)).unwrap().imports();
        let shown = |path: &Path| path.strip_prefix(folder.path()).unwrap().to_str().unwrap().replace('\\', "/");
        let lines = imports.iter().flat_map(|(from, targets)| {
            targets.iter().map(|(to, import)| format!("{}:{} > {}", shown(from), import.line, shown(to)))
        });
        lines.collect()
    }

    #[test]
    fn what_a_facade_passes_on_is_imported_from_where_it_is() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::{C, D as E};"),
            ("a/b.rs", "use super::E;\npub struct B(E);"),
            ("a/c.rs", "pub struct C; pub struct D;"),
        ];
        assert_eq!(found(&files), ["a/b.rs:1 > a/c.rs"]);
    }

    #[test]
    fn a_parent_that_defines_and_needs_is_on_the_circle() {
        let parent = |code: &str| format!("mod b;\npub use b::B;\npub struct Own;\n{code}");
        let child = "use super::Own;\npub struct B(Own);";
        let only_child = found(&[("lib.rs", "mod a;"), ("a/mod.rs", &parent("")), ("a/b.rs", child)]);
        assert_eq!(only_child, ["a/b.rs:1 > a/mod.rs"]);
        let both = found(&[("lib.rs", "mod a;"), ("a/mod.rs", &parent("fn f(_: B) {}")), ("a/b.rs", child)]);
        assert_eq!(both, ["a/b.rs:1 > a/mod.rs", "a/mod.rs:2 > a/b.rs"]);
    }

    #[test]
    fn paths_through_modules_globs_and_macros_count() {
        let files = [
            ("main.rs", "mod a; mod b; mod c; mod d;\nfn main() { a::run() }"),
            ("a.rs", "use crate::b;\nuse crate::d::*;\npub fn run() {\n  print(format!(\"{}\", b::NUMBER)); }"),
            ("b.rs", "pub const NUMBER: u8 = super::c::ONE;"),
            ("c.rs", "pub const ONE: u8 = 1;"),
            ("d.rs", "pub fn print(_: String) {}"),
        ];
        assert_eq!(found(&files), ["a.rs:4 > b.rs", "a.rs:2 > d.rs", "b.rs:1 > c.rs", "main.rs:2 > a.rs"]);
    }

    #[test]
    fn tests_and_other_crates_do_not_count() {
        let files = [
            ("lib.rs", "mod a; use std::a::B; #[cfg(test)] mod tests;\nstruct S(B);"),
            ("a.rs", "pub fn f() {}\n#[cfg(test)] mod tests { use crate::S; }"),
        ];
        assert!(found(&files).is_empty());
    }
}
