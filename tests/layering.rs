//! Imports point one way: no file under `src` names one that stands after it. Nothing is `unsafe`, and only `src/browser` knows a browser.
//!
//! The order below is the one to read the code in. A new file is put into it where it belongs.
#![cfg(not(target_arch = "wasm32"))] // it reads the sources

use std::fs;
use std::path::Path;

/// The layers, and within them the files, each after all it may import. A layer without files orders only itself.
const ORDER: [(&str, &[&str]); 5] = [("text", &[]), ("time", &[]), ("bayeux", &BAYEUX), ("gws", &GWS), ("browser", &[])];

const BAYEUX: [&str; 22] = [
    "channel",
    "error",
    "advice",
    "message",
    "decode",
    "trust",
    "config",
    "backoff",
    "timer",
    "io",
    "ack",
    "subscriptions",
    "flights",
    "transport",
    "stimulus",
    "session",
    "session_table",
    "client",
    "drive",
    "receive",
    "replies",
    "socket",
];

const GWS: [&str; 8] = ["topic", "csrf", "rest", "draft", "selector", "resource", "notification", "hostile_values"];

/// The imports, file and file it names, that are allowed to point back.
const EXCEPTIONS: [(&str, &str); 1] = [
    // A command that the end of the channel cut short says why in the words of the channel's status.
    ("bayeux/error", "bayeux/io"),
];

/// Files that are compiled for tests only.
const TEST_FILES: [&str; 2] = ["bayeux/session_table.rs", "gws/hostile_values.rs"];
/// The module of `lib.rs` that only tests have.
const TEST_SUPPORT: &str = "json";
/// The crates that need a browser.
const BROWSER_CRATES: [&str; 6] = ["wasm_bindgen", "wasm_bindgen_futures", "js_sys", "web_sys", "serde_wasm_bindgen", "gloo_net"];

#[test]
fn every_import_points_one_way() {
    let problems: Vec<String> = sources().iter().flat_map(|(file, text)| check(file, text)).collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_exception_is_needed() {
    for (own, target) in EXCEPTIONS {
        let (file, text) = sources().into_iter().find(|(file, _)| file.trim_end_matches(".rs") == own).expect("a source");
        let imports = imports(&tokens(&text));
        let targets: Vec<_> = imports.iter().filter_map(|import| import.resolve(&module_of(&file))).collect();
        assert!(targets.iter().any(|path| target.split('/').eq(path.iter().take(2))), "{own} does not name {target} any more");
    }
}

#[test]
fn the_order_names_every_file() {
    let files: Vec<String> = sources().into_iter().map(|(file, _)| file).collect();
    for (layer, order) in ORDER.into_iter().filter(|(_, order)| !order.is_empty()) {
        let prefix = [layer, "/"].concat();
        let mut found: Vec<&str> = files.iter().filter_map(|file| file.strip_prefix(&prefix)?.strip_suffix(".rs")).collect();
        found.retain(|file| *file != "mod");
        let mut named = order.to_vec();
        named.sort_unstable();
        assert_eq!(found, named, "the files of src/{layer} and ORDER in this file");
    }
}

/// All sources by their name below `src`, sorted.
fn sources() -> Vec<(String, String)> {
    let source_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![source_folder.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&source_folder).expect("below src").components();
                let name: Vec<_> = name.map(|part| part.as_os_str().to_string_lossy()).collect();
                sources.push((name.join("/"), fs::read_to_string(&path).expect("a text")));
            }
        }
    }
    sources.sort();
    sources
}

/// What is wrong with the source `text` of `file`, one line each.
fn check(file: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let module = module_of(file);
    let mut problems = Vec::new();
    for (token, line) in &tokens {
        let in_browser = file.starts_with("browser/");
        if token == "unsafe" || (!in_browser && BROWSER_CRATES.contains(&token.as_str())) {
            problems.push(format!("src/{file}:{line}: `{token}` has no place here"));
        }
    }
    if module.is_empty() {
        return problems; // lib.rs names the layers, and no layer names lib.rs
    }
    for import in imports(&tokens) {
        let Some(target) = import.resolve(&module) else { continue };
        let is_test = !import.inside.is_empty() || TEST_FILES.contains(&file);
        if let Some(reason) = refusal(&module, &target, is_test) {
            problems.push(format!("src/{file}:{}: `{}`: {reason}", import.line, import.path.join("::")));
        }
    }
    problems
}

/// Why a file that is `module` may not name `target`, both from the crate's root.
fn refusal(module: &[String], target: &[String], is_test: bool) -> Option<&'static str> {
    let layer = |path: &[String]| ORDER.iter().position(|(layer, _)| path.first().is_some_and(|first| first == layer));
    let own = layer(module).expect("every file of src is in a layer of ORDER");
    match layer(target) {
        None if is_test && target.first().is_some_and(|first| first == TEST_SUPPORT) => None,
        None => Some("this is no layer"),
        Some(other) if other > own => Some("the layer stands after this one"),
        Some(other) if other < own || is_exception(module, target) => None,
        Some(_) => refusal_in_layer(ORDER[own].1, module.get(1)?, target.get(1)?),
    }
}

fn is_exception(module: &[String], target: &[String]) -> bool {
    EXCEPTIONS.iter().any(|(own, other)| own.split('/').eq(module) && other.split('/').eq(target.iter().take(2)))
}

/// `mod.rs`, which re-exports its files, has no name of its own and never comes here.
fn refusal_in_layer(order: &[&str], own: &str, target: &str) -> Option<&'static str> {
    if order.is_empty() || own == target {
        return None;
    }
    let place = |name: &str| order.iter().position(|file| *file == name);
    match (place(own), place(target)) {
        (None, _) => Some("this file is missing in ORDER"),
        (_, None) => Some("name the file it comes from, not the layer's mod.rs"),
        (Some(own), Some(target)) if target > own => Some("the file stands after this one"),
        _ => None,
    }
}

fn module_of(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

/// A path that begins at a module of this crate.
struct Import {
    path: Vec<String>,
    /// The modules it stands in within its file.
    inside: Vec<String>,
    line: usize,
}

impl Import {
    /// The path from the crate's root; `None` when it names no more than a module around it, as in `pub(super)`.
    fn resolve(&self, module: &[String]) -> Option<Vec<String>> {
        let mut absolute = [module, &self.inside].concat();
        let mut names = self.path.iter().peekable();
        match names.next()?.as_str() {
            "super" => absolute.truncate(absolute.len().checked_sub(1)?),
            "self" => {}
            _ => absolute.clear(),
        }
        while names.next_if(|name| *name == "super").is_some() {
            absolute.pop()?;
        }
        names.peek()?;
        absolute.extend(names.filter(|name| *name != "self").cloned());
        Some(absolute)
    }
}

type Token = (String, usize);

fn imports(tokens: &[Token]) -> Vec<Import> {
    let (mut imports, mut modules, mut depth) = (Vec::new(), Vec::new(), 0);
    for (index, (token, line)) in tokens.iter().enumerate() {
        let next = |offset: usize| tokens.get(index + offset).map_or("", |(token, _)| token);
        match token.as_str() {
            "mod" if next(2) == "{" => modules.push((next(1).to_owned(), depth)),
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                modules.retain(|(_, outside)| *outside < depth);
            }
            "crate" | "gws_im_sdk" | "self" | "super" if index == 0 || tokens[index - 1].0 != "::" => {
                let mut paths = Vec::new();
                collect_paths(tokens, index, &[], &mut paths);
                let inside: Vec<String> = modules.iter().map(|(name, _)| name.clone()).collect();
                imports.extend(paths.into_iter().map(|path| Import { path, inside: inside.clone(), line: *line }));
            }
            _ => {}
        }
    }
    imports
}

/// Collects the paths of the tree that begins at `index`; gives the index after it.
fn collect_paths(tokens: &[Token], mut index: usize, prefix: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let token = |index: usize| tokens.get(index).map_or("", |(token, _)| token.as_str());
    if token(index) == "{" {
        while !matches!(token(index), "}" | "") {
            index = collect_paths(tokens, index + 1, prefix, paths);
            while !matches!(token(index), "," | "}" | "") {
                index += 1; // `as name`
            }
        }
        return index + 1;
    }
    if matches!(token(index), "}" | "") {
        return index; // after the last comma
    }
    let path = [prefix, &[token(index).to_owned()]].concat();
    let goes_on = |token: &str| token == "{" || token == "*" || token.starts_with(is_word);
    if token(index + 1) == "::" && goes_on(token(index + 2)) {
        return collect_paths(tokens, index + 2, &path, paths);
    }
    paths.push(path);
    index + 1
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words and signs of the code with their lines: no comments, and of literals only their quotes.
fn tokens(text: &str) -> Vec<Token> {
    let (mut tokens, mut rest, mut line) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment_length(rest),
            '\'' | '"' | 'r' | 'b' | 'c' if literal_length(rest).is_some() => literal_length(rest).unwrap_or(1),
            _ if is_word(first) => rest.find(|character| !is_word(character)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        let is_code = !token.starts_with("//") && !token.starts_with("/*") && !token.contains(['"', '\'']);
        if is_code && !first.is_whitespace() {
            tokens.push((token.to_owned(), line));
        }
        line += token.matches('\n').count();
        rest = after;
    }
    tokens
}

/// Comments nest.
fn comment_length(text: &str) -> usize {
    let (mut depth, mut index) = (0, 0);
    while index < text.len() {
        let rest = &text.as_bytes()[index..];
        let step = if rest.starts_with(b"/*") {
            depth += 1;
            2
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            2
        } else {
            1
        };
        index += step;
        if depth == 0 {
            break;
        }
    }
    index
}

/// The length of the string or character at the beginning of `text`; `None` for anything else, such as a lifetime or `r#type`.
fn literal_length(text: &str) -> Option<usize> {
    let prefix = text.find(|character| !matches!(character, 'r' | 'b' | 'c'))?;
    let hashes = text[prefix..].find(|character| character != '#')?;
    let begin = prefix + hashes;
    let is_raw = text[..prefix].contains('r');
    if is_raw && text[begin..].starts_with('"') {
        let end = ["\"", &"#".repeat(hashes)].concat();
        return Some(text[begin + 1..].find(&end)? + begin + 1 + end.len());
    }
    let quote = text[prefix..].chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let mut characters = text[prefix + 1..].char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' => _ = characters.next(),
            _ if character == quote => return Some(prefix + 1 + index + 1),
            // Two characters before the next quote, if any: a lifetime.
            _ if quote == '\'' && index == 0 && !text[prefix + 1 + character.len_utf8()..].starts_with('\'') => return None,
            _ => {}
        }
    }
    None
}

mod the_checker_itself {
    use super::*;

    /// The lines of the problems found.
    fn lines(file: &str, text: &str) -> Vec<usize> {
        let prefix = ["src/", file, ":"].concat();
        let line = |problem: &String| problem.strip_prefix(&prefix)?.split(':').next()?.parse().ok();
        check(file, text).iter().map(|problem| line(problem).expect("file and line")).collect()
    }

    #[test]
    fn refuses_an_import_against_the_arrow_however_it_is_written() {
        for (file, text) in [
            ("time.rs", "use crate::bayeux::Client;"),
            ("bayeux/config.rs", "use crate::gws::IM_SESSIONS;"),
            ("bayeux/mod.rs", "pub use crate::gws::IM_SESSIONS;"),
            ("gws/topic.rs", "use crate::browser::client;"),
            ("gws/topic.rs", "use gws_im_sdk::browser::client;"),
            ("gws/topic.rs", "fn f() { crate::browser::log(); }"),
            ("gws/topic.rs", "fn f<'a>(x: &'a super::super::browser::X<'a>) {}"),
            ("bayeux/channel.rs", "use super::session::State;"),
            ("bayeux/channel.rs", "use crate::bayeux::session::State;"),
            ("bayeux/channel.rs", "use super::{error::{UsageError}};"),
            ("bayeux/channel.rs", "use super::config as earlier;"),
            ("bayeux/channel.rs", "use {crate::time::Instant, crate::{bayeux::{channel as c, io::Y}}};"),
            ("bayeux/channel.rs", "fn f() -> Vec<super::session::State> { Vec::new() }"),
            ("bayeux/channel.rs", "mod tests { fn f() { {} } use super::super::client::Client; }"),
            ("bayeux/error.rs", "use super::message::ClientId;"),
            ("bayeux/channel.rs", "mod a { mod b {} } use super::client::Client;"),
            ("bayeux/channel.rs", "const QUOTES: [char; 3] = ['\"', '\\u{1F}', '\\'']; use super::client::Client;"),
            ("bayeux/channel.rs", "const RAW: &str = r#\"\" //\"#; use super::client::Client;"),
        ] {
            assert_eq!(lines(file, text), [1], "{file}: {text}");
        }
        let text = "use super::{\n    advice::Advice,\n    channel::{self, ChannelPattern},\n};\nuse super::{drive, receive::*};\n";
        assert_eq!(lines("bayeux/session.rs", text), [5, 5]);
    }

    #[test]
    fn refuses_ways_around_the_order() {
        for text in
            ["use super::ChannelPattern;", "use super::*;", "use crate::bayeux::*;", "use crate::json::Json;", "use crate::other::X;"]
        {
            assert_eq!(lines("bayeux/receive.rs", text), [1], "{text}");
        }
        assert_eq!(lines("bayeux/unheard_of.rs", "use super::channel::ChannelPattern;"), [1]);
    }

    #[test]
    fn refuses_unsafe_code_anywhere_and_a_browser_outside_its_layer() {
        for crate_name in BROWSER_CRATES {
            let text = ["\nuse ", crate_name, "::prelude::*;"].concat();
            for (file, expected) in [("gws/topic.rs", &[2][..]), ("lib.rs", &[2]), ("browser/client.rs", &[])] {
                assert_eq!(lines(file, &text), expected);
            }
        }
        for file in ["lib.rs", "time.rs", "browser/client.rs"] {
            assert_eq!(lines(file, "fn f() {\n    unsafe { g() }\n}"), [2]);
        }
    }

    #[test]
    fn accepts_what_points_the_right_way() {
        for (file, text) in [
            ("lib.rs", "pub mod bayeux; mod browser; pub use gws::IM_SESSIONS; fn f() { crate::browser::log(); }"),
            ("bayeux/mod.rs", "mod channel; pub use channel::ChannelPattern; pub use self::receive::X;"),
            ("bayeux/receive.rs", "use super::client::{self, Client}; use super::session; use crate::time::Instant;"),
            ("bayeux/channel.rs", "pub(super) fn f(self) { self.g(); crate::bayeux::channel::h(); } pub(in crate::bayeux) fn g() {}"),
            ("bayeux/channel.rs", "mod tests { use super::*; use super::super::channel::X; use crate::json::Json; }"),
            ("bayeux/session_table.rs", "use super::session::step; use crate::json::Json;"),
            ("gws/notification.rs", "use super::topic::IM_SESSIONS; use crate::bayeux::{Field, RawMessage}; use crate::{bayeux, time};"),
            ("browser/driver.rs", "use super::client::X; use crate::browser::Y; use crate::gws::Z; use wasm_bindgen::prelude::*;"),
            ("time.rs", "// use crate::gws::X;\n/* /* */ use crate::bayeux::X; unsafe */ const S: &str = \"\\\"crate::gws::X unsafe\";"),
            ("time.rs", "const S: &str = r##\"\" \"# crate::gws::X\"##; const C: char = '\"'; fn r#type<'unsafe_>() {} // \" web_sys"),
        ] {
            assert_eq!(check(file, text), [""; 0], "{text}");
        }
    }
}
