//! Circles among files that import each other.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::{Path, PathBuf},
};

/// One place where a file names something of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The line, from 1.
    pub line: usize,
    /// What is named, as it is written.
    pub path: String,
}

/// What a file imports: for each other file, the first place.
pub type Imports = BTreeMap<PathBuf, BTreeMap<PathBuf, Import>>;

/// One import of a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// The file that imports.
    pub from: &'a Path,
    /// Where it does.
    pub import: &'a Import,
    /// The file whose item it names.
    pub to: &'a Path,
}

/// The shortest circle through each file that is on one and on none of those given before.
pub fn circles(imports: &Imports) -> Vec<Vec<Step<'_>>> {
    let mut covered = BTreeSet::new();
    let mut circles = Vec::new();
    for file in imports.keys() {
        if covered.contains(file.as_path()) {
            continue;
        }
        if let Some(circle) = shortest_through(imports, file) {
            covered.extend(circle.iter().map(|step| step.from));
            circles.push(circle);
        }
    }
    circles
}

fn shortest_through<'a>(imports: &'a Imports, start: &'a Path) -> Option<Vec<Step<'a>>> {
    let mut reached_by: BTreeMap<&Path, Step<'a>> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(from) = queue.pop_front() {
        for (to, import) in imports.get(from).into_iter().flatten() {
            let step = Step { from, import, to };
            if to == start {
                let mut circle = vec![step];
                while let Some(step) = reached_by.get(circle[circle.len() - 1].from) {
                    circle.push(*step);
                }
                circle.reverse();
                return Some(circle);
            }
            reached_by.entry(to).or_insert_with(|| {
                queue.push_back(to);
                step
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(pairs: &[(&str, &str)]) -> Imports {
        let mut imports = Imports::new();
        for (line, (from, to)) in pairs.iter().enumerate() {
            let import = Import { line, path: format!("crate::{to}") };
            imports.entry(from.into()).or_default().insert(to.into(), import);
        }
        imports
    }

    fn found(pairs: &[(&str, &str)]) -> Vec<Vec<String>> {
        let name = |step: &Step<'_>| step.from.display().to_string();
        circles(&imports(pairs)).iter().map(|circle| circle.iter().map(name).collect()).collect()
    }

    #[test]
    fn a_diamond_is_no_circle() {
        assert!(found(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]).is_empty());
    }

    #[test]
    fn circles_are_given_once_and_the_shortest_first() {
        let pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a"), ("x", "a"), ("y", "z"), ("z", "y")];
        assert_eq!(found(&pairs), [vec!["a", "b"], vec!["c", "a", "b"], vec!["y", "z"]]);
    }
}
