//! Paths in the text of a file, wherever they stand: in `use`, in types and expressions, in the arguments of macros.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A path as it is written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Its names; `*` stands for all.
    pub segments: Vec<String>,
    /// The name that it is given with `as`.
    pub alias: Option<String>,
    /// The line of its last name, from 1.
    pub line: usize,
}

impl Path {
    /// As it is written.
    pub fn text(&self) -> String {
        self.segments.join("::")
    }
}

/// All paths, single names included.
pub fn paths(tokens: TokenStream) -> Vec<Path> {
    let mut found = Vec::new();
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut place = 0;
    while place < tokens.len() {
        match &tokens[place] {
            TokenTree::Ident(name) => place = path(&tokens, place, &[], name, &mut found),
            TokenTree::Group(group) => {
                found.extend(paths(group.stream()));
                place += 1;
            }
            _ => place += 1,
        }
    }
    found
}

/// Reads the path that begins with this name; gives the place behind it.
fn path(tokens: &[TokenTree], start: usize, prefix: &[String], first: &Ident, found: &mut Vec<Path>) -> usize {
    let mut segments = prefix.to_vec();
    segments.push(name_of(first));
    let mut line = first.span().start().line;
    let mut place = start + 1;
    while is_separator(tokens, place) {
        match tokens.get(place + 2) {
            Some(TokenTree::Ident(name)) => {
                segments.push(name_of(name));
                line = name.span().start().line;
                place += 3;
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                members(group.stream(), &segments, found);
                return place + 3;
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                segments.push("*".to_owned());
                found.push(Path { segments, alias: None, line: star.span().start().line });
                return place + 3;
            }
            // Arguments of a type: `Vec::<u8>::new`.
            _ => break,
        }
    }
    let alias = match (tokens.get(place), tokens.get(place + 1)) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) if word == "as" => Some(name_of(name)),
        _ => None,
    };
    place += if alias.is_some() { 2 } else { 0 };
    found.push(Path { segments, alias, line });
    place
}

/// The paths in the braces of a `use`.
fn members(tokens: TokenStream, prefix: &[String], found: &mut Vec<Path>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut place = 0;
    while place < tokens.len() {
        match &tokens[place] {
            TokenTree::Ident(name) if name == "self" => {
                // `a::{self as b}` is `a as b`.
                let alias = match (tokens.get(place + 1), tokens.get(place + 2)) {
                    (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) if word == "as" => Some(name_of(name)),
                    _ => None,
                };
                place += if alias.is_some() { 3 } else { 1 };
                found.push(Path { segments: prefix.to_vec(), alias, line: name.span().start().line });
            }
            TokenTree::Ident(name) => place = path(&tokens, place, prefix, name, found),
            TokenTree::Punct(star) if star.as_char() == '*' => {
                let segments = [prefix, &["*".to_owned()]].concat();
                found.push(Path { segments, alias: None, line: star.span().start().line });
                place += 1;
            }
            _ => place += 1,
        }
    }
}

fn is_separator(tokens: &[TokenTree], place: usize) -> bool {
    let is_colon = |place: usize| matches!(tokens.get(place), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(place) && is_colon(place + 1)
}

fn name_of(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let found = paths(source.parse().unwrap());
        let long = found.into_iter().filter(|path| path.segments.len() > 1);
        long.map(|path| path.alias.as_ref().map_or(path.text(), |alias| format!("{} as {alias}", path.text())))
            .collect()
    }

    #[test]
    fn groups_of_a_use_are_spread_out() {
        let source = "use crate::{a::{self as x, B}, c::*, d as e}; use super::f;";
        assert_eq!(texts(source), ["crate::a as x", "crate::a::B", "crate::c::*", "crate::d as e", "super::f"]);
    }

    #[test]
    fn paths_in_code_and_in_macros_are_found() {
        let source = "fn f(a: super::A) { b::<u8>(); if x { format!(\"{}\", crate::c::D::E) } Vec::<u8>::new() }";
        assert_eq!(texts(source), ["super::A", "crate::c::D::E"]);
    }

    #[test]
    fn lines_are_those_of_the_last_name() {
        let found = paths("use crate::{\n a::B,\n c,\n};".parse().unwrap());
        let lines: Vec<usize> = found.iter().filter(|path| path.segments.len() > 1).map(|path| path.line).collect();
        assert_eq!(lines, [2, 3]);
    }
}
