//! `docs/parity.md` says which test here stands for each test, defect and scenario of the reference implementation. This keeps the page true:
//! nothing of the lists below is left out, every row names a test or says why there is none, and every test it names is there and runs.
#![cfg(not(target_arch = "wasm32"))] // it reads the sources

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use Wires::{Any, Each};

/// On which wires a class has to have a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wires {
    /// The reference runs it over both.
    Each,
    /// It is about one, or about none.
    Any,
}

/// A table of the page: its heading, and what its first column holds. Where that is nothing, anything may stand there.
type Table = (&'static str, &'static [(&'static str, Wires)]);

const TABLES: [Table; 3] = [("The client's test classes", &CLASSES), ("Defects", &[]), ("The server's scenarios", &SCENARIOS)];

/// The test classes of `cometd-javascript-tests`, branch 8.0.x. What holds others, or repeats them for a toolkit, is one row a folder.
const CLASSES: [(&str, Wires); 67] = [
    ("CometDAdviceTest", Each),
    ("CometDAutoBatchTest", Any),
    ("CometDBatchPublishTest", Each),
    ("CometDCallbackPollingTest", Any),
    ("CometDCharsetTest", Each),
    ("CometDConnectFailureTest", Each),
    ("CometDConnectTemporaryFailureTest", Each),
    ("CometDCrossOriginReHandshakeTest", Any),
    ("CometDCrossOriginTest", Each),
    ("CometDDeliverTest", Each),
    ("CometDDisconnectFailureTest", Each),
    ("CometDDisconnectInListenersTest", Each),
    ("CometDDisconnectServerSideTest", Each),
    ("CometDDuplicateMetaConnectTest", Any),
    ("CometDEmptyResponseTest", Any),
    ("CometDFalsyMessageTest", Each),
    ("CometDHandshakeDynamicPropsTest", Any),
    ("CometDHandshakeFailureTest", Each),
    ("CometDHandshakePropsTest", Each),
    ("CometDHandshakeReconnectTest", Each),
    ("CometDInitDisconnectTest", Each),
    ("CometDListenerExceptionCallbackTest", Each),
    ("CometDLongPollingMaxNetworkDelayMetaConnectTest", Any),
    ("CometDLongPollingPublishFailureTest", Any),
    ("CometDLongPollingSubscribeFailureTest", Any),
    ("CometDLongPollingUnsubscribeFailureTest", Any),
    ("CometDMaxMessageSizeTest", Each),
    ("CometDMaxNetworkDelayTest", Each),
    ("CometDMessageDeliveryDuringHandshakeTest", Each),
    ("CometDMessagesAfterFailedHandshakeTest", Each),
    ("CometDMixinTest", Any),
    ("CometDMultiPublishTest", Any),
    ("CometDMultipleHandshakesTest", Each),
    ("CometDParametersTest", Each),
    ("CometDPublishHeldUntilHandshookTest", Each),
    ("CometDPublishTest", Each),
    ("CometDRedeployTest", Each),
    ("CometDRemoteCallTest", Each),
    ("CometDSubscribeTest", Each),
    ("CometDSubscribeWithPublishDeniedTest", Each),
    ("CometDTransportFailureTest", Any),
    ("CometDTransportNegotiationFailureTest", Any),
    ("CometDTransportTest", Any),
    ("CometDURLPathTest", Any),
    ("CometDWebSocketClientProtocolTest", Any),
    ("CometDWebSocketConnectTimeoutTest", Any),
    ("CometDWebSocketDifferentURLsTest", Any),
    ("CometDWebSocketExceptionTest", Any),
    ("CometDWebSocketHeaderRemovedTest", Any),
    ("CometDWebSocketMaxNetworkDelayMetaConnectTest", Any),
    ("CometDWebSocketNetworkDelayListenerTest", Any),
    ("CometDWebSocketPublishFailureTest", Any),
    ("CometDWebSocketServerProtocolTest", Any),
    ("CometDWebSocketSubscribeFailureTest", Any),
    ("CometDWebSocketUnsubscribeFailureTest", Any),
    ("GraalJSTest", Any),
    ("Abstract*", Any),
    ("dojo/*", Any),
    ("jquery/*", Any),
    ("ext/CometDAckAndReloadExtensionsTest", Each),
    ("ext/CometDAckExtensionTest", Each),
    ("ext/CometDBinaryExtensionTest", Each),
    ("ext/CometDExtensionExceptionCallbackTest", Each),
    ("ext/CometDExtensionsTest", Each),
    ("ext/CometDReloadExtensionTest", Any),
    ("ext/CometDTimeSyncExtensionTest", Each),
    ("ext/CometDTimestampAndReloadExtensionsTest", Each),
];

/// The scenarios of the server's own Java tests that say something to a client.
const SCENARIOS: [(&str, Wires); 19] = [
    ("DuplicateMetaConnectTest", Any),
    ("HandshakeWithExpiredSessionTest", Any),
    ("MetaConnectFailureWithAckExtensionTest", Any),
    ("MetaConnectOvertakenWithAckExtensionTest", Any),
    ("MetaConnectDeliverOnlyTest", Any),
    ("SimulatedNetworkFailureTest", Any),
    ("OrphanedSessionTest", Any),
    ("RequestRejectedViaResponseHeadersTest", Any),
    ("ProxyTest", Any),
    ("SessionHijackingTest", Any),
    ("ServerRestartTest", Any),
    ("MultipleClientSessionsTest", Any),
    ("HTTP2MultipleClientSessionsTest", Any),
    ("LazyChannelAndMessageTest", Any),
    ("MaxQueuedTest", Any),
    ("SlowConnectionTest", Any),
    ("ExtensionNegotiationTest", Any),
    ("BatchedRepliesWebSocketTest", Any),
    ("SweepTest", Any),
];

/// What the last cell of a row is made of. Each label is followed by tests in backticks; the last one by a reason, which may name some. Above the
/// wires is what never learns by which of them a message came.
const LABELS: [&str; 5] = ["Long-polling:", "WebSocket:", "Both wires:", "Above the wires:", NOT_HERE];
const NOT_HERE: &str = "Not here:";

#[test]
fn every_row_names_tests_that_exist_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/parity.md")).expect("docs/parity.md");
    let problems = problems(&page, &TABLES, &Sources::below(root));
    assert!(problems.is_empty(), "\ndocs/parity.md:\n{}\n", problems.join("\n"));
}

/// The texts of all tests, by their path from the root.
struct Sources(BTreeMap<String, String>);

impl Sources {
    fn below(root: &Path) -> Self {
        let (mut folders, mut texts) = (vec![root.join("src"), root.join("tests")], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder of sources") {
                let path = entry.expect("an entry").path();
                let name = path.strip_prefix(root).expect("below the root").components();
                let name = name.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
                let is_output = ["node_modules", "target", "test-results"].iter().any(|folder| path.ends_with(folder));
                if path.is_dir() && !is_output {
                    folders.push(path);
                } else if [".rs", ".js", ".java"].iter().any(|ending| name.ends_with(ending)) {
                    texts.insert(name, fs::read_to_string(&path).expect("a text"));
                }
            }
        }
        Self(texts)
    }

    /// What is wrong with the name of a test, `None` when there is such a test and it runs.
    fn refusal(&self, reference: &str) -> Option<String> {
        if let Some((suite, title)) = reference.split_once(": ") {
            return self.refusal_of_title(suite, title);
        }
        let (module, name) = reference.rsplit_once("::").unwrap_or(("", reference));
        let (suite, rest) = module.split_once("::").unwrap_or((module, ""));
        let (file, found): (String, fn(&str, &str) -> bool) = match suite {
            "protocol" | "browser" => (self.file_of("tests", module), has_rust_test),
            "bayeux" | "gws" => (self.file_of("src", module), has_rust_test),
            "simulator" => (format!("tests/gws-simulator/src/test/java/gws/simulator/{rest}.java"), has_java_test),
            _ => return Some(format!("`{reference}` is not the name of a test")),
        };
        match self.0.get(&file) {
            None => Some(format!("`{reference}`: there is no {file}")),
            Some(text) if !found(text, name) => Some(format!("`{reference}`: {file} has no such test")),
            Some(_) => None,
        }
    }

    /// The file of a Rust module below `folder`.
    fn file_of(&self, folder: &str, module: &str) -> String {
        let stem = format!("{folder}/{}", module.replace("::", "/"));
        let of_folder = format!("{stem}/mod.rs");
        if self.0.contains_key(&of_folder) { of_folder } else { format!("{stem}.rs") }
    }

    fn refusal_of_title(&self, suite: &str, title: &str) -> Option<String> {
        let quoted = title.len() > 2 && title.starts_with('"') && title.ends_with('"');
        if !["face", "e2e", "types", "interop"].contains(&suite) || !quoted {
            return Some(format!("`{suite}: {title}` is not the name of a test"));
        }
        let folder = format!("tests/{suite}/");
        let mut texts =
            self.0.iter().filter(|(file, _)| file.starts_with(&folder) && Path::new(file).extension().is_some_and(|ending| ending == "js"));
        let found = texts.any(|(_, text)| has_js_test(text, &title[1..title.len() - 1]));
        (!found).then(|| format!("`{suite}: {title}`: no test below {folder} has this title"))
    }
}

/// Whether `text` has a test function `name` that is not ignored.
fn has_rust_test(text: &str, name: &str) -> bool {
    let mut attributes: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
        } else if !line.starts_with("//") {
            let declares = ["fn ", "async fn "].iter().any(|start| line.strip_prefix(start).is_some_and(|rest| is_call(rest, name)));
            if declares {
                let is_test = attributes.iter().any(|attribute| ["#[test]", "#[wasm_bindgen_test]"].contains(attribute));
                return is_test && !attributes.iter().any(|attribute| attribute.starts_with("#[ignore"));
            }
            attributes.clear();
        }
    }
    false
}

fn is_call(text: &str, name: &str) -> bool {
    text.strip_prefix(name).is_some_and(|rest| rest.starts_with('('))
}

/// Whether `text` has a test method `name`.
fn has_java_test(text: &str, name: &str) -> bool {
    let mut annotated = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.is_empty()) {
        if line.strip_prefix("void ").is_some_and(|rest| is_call(rest, name)) {
            return annotated;
        }
        annotated = line == "@Test" || (annotated && line.starts_with('@') && !line.starts_with("@Disabled"));
    }
    false
}

/// Whether `text` declares a test called exactly `title`, which may be a template, as it is written. One that is skipped or to do is none.
fn has_js_test(text: &str, title: &str) -> bool {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let quoted = format!("\"{}\"", title.replace('\\', "\\\\").replace('"', "\\\""));
    let template = format!("`{title}`");
    ["it(", "test(", "scenario("].into_iter().any(|call| {
        code.match_indices(call).any(|(at, _)| {
            let stands_alone = !code[..at].ends_with(|before: char| before.is_alphanumeric() || "._$".contains(before));
            let argument = code[at + call.len()..].trim_start();
            let rest = argument.strip_prefix(&quoted).or_else(|| argument.strip_prefix(&template));
            stands_alone && rest.is_some_and(|rest| rest.trim_start().starts_with(','))
        })
    })
}

/// What is wrong with the page, one line each.
fn problems(page: &str, tables: &[Table], sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    for (heading, expected) in tables {
        let rows = rows_below(page, heading);
        if rows.is_empty() {
            problems.push(format!("no table below \"{heading}\""));
        }
        for (name, _) in *expected {
            match rows.iter().filter(|row| row.first() == Some(name)).count() {
                0 => problems.push(format!("{name}: this row is missing")),
                1 => {}
                count => problems.push(format!("{name}: {count} rows")),
            }
        }
        for row in &rows {
            let name = row[0];
            let wires = match expected.iter().find(|(known, _)| *known == name) {
                Some((_, wires)) => *wires,
                None if expected.is_empty() => Any,
                None => {
                    problems.push(format!("{name}: not in the list"));
                    continue;
                }
            };
            problems.extend(problems_of_row(row, wires, sources).into_iter().map(|problem| format!("{name}: {problem}")));
        }
    }
    problems
}

/// The cells of the table below `heading`, without its head.
fn rows_below<'page>(page: &'page str, heading: &str) -> Vec<Vec<&'page str>> {
    let lines = page.lines().skip_while(|line| line.strip_prefix("## ") != Some(heading)).skip(1);
    let rows = lines.take_while(|line| !line.starts_with("## ")).filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    rows.skip(2).map(|row| row.split('|').map(str::trim).collect()).collect()
}

fn problems_of_row(row: &[&str], wires: Wires, sources: &Sources) -> Vec<String> {
    let [_, meaning, twins] = row else { return vec![format!("{} cells instead of 3", row.len())] };
    let mut problems = Vec::new();
    if meaning.is_empty() {
        problems.push("nothing is said about it".to_owned());
    }
    let parts = labelled(twins);
    if parts.is_empty() {
        problems.push("the last cell does not begin with a label".to_owned());
    }
    for (label, text) in &parts {
        let is_reason = *label == NOT_HERE;
        let quotes = text.split('`').skip(1).step_by(2);
        let references: Vec<&str> = quotes.filter(|quote| !is_reason || quote.contains("::") || quote.contains(": \"")).collect();
        if is_reason && text.split_whitespace().count() < 4 {
            problems.push(format!("\"{text}\" is no reason"));
        }
        if !is_reason && references.is_empty() {
            problems.push(format!("{label} no test"));
        }
        problems.extend(references.into_iter().filter_map(|reference| sources.refusal(reference)));
    }
    let has = |label| parts.iter().any(|(known, _)| *known == label);
    let both = has("Both wires:") || has("Above the wires:") || has(NOT_HERE) || (has("Long-polling:") && has("WebSocket:"));
    if wires == Each && !both {
        problems.push("the reference tests it on both wires".to_owned());
    }
    problems
}

/// The parts of a cell with the labels before them; nothing when it does not begin with a label.
fn labelled(cell: &str) -> Vec<(&'static str, &str)> {
    let mut starts: Vec<(usize, &'static str)> =
        LABELS.into_iter().flat_map(|label| cell.match_indices(label).map(move |(at, _)| (at, label))).collect();
    starts.sort_unstable();
    if starts.first().is_none_or(|(at, _)| *at != 0) {
        return Vec::new();
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([cell.len()]);
    starts.iter().zip(ends).map(|((at, label), end)| (*label, cell[at + label.len()..end].trim())).collect()
}

// ---- the checker can fail

const LIST: [(&str, Wires); 2] = [("A", Any), ("B", Each)];

/// A page of one table with these rows, checked against sources of one test of each kind.
fn checked(rows: &[&str]) -> Vec<String> {
    let page = format!("# P\n\n## T\n\nWords.\n\n| a | b | c |\n| - | - | - |\n{}\n\n## U\n\n| X | x | y |\n", rows.join("\n"));
    let texts = [
        (
            "tests/protocol/p.rs",
            "#[test]\nfn polls() {\n}\n\nfn helper() {}\n\n#[test]\n#[ignore]\nfn ignored() {}\n\n// #[test]\n// fn off() {}\n",
        ),
        ("tests/protocol/m/mod.rs", "#[test]\nfn falls() {}\n"),
        ("tests/browser/b.rs", "#[wasm_bindgen_test]\nasync fn shows() {}\n"),
        ("src/bayeux/c.rs", "mod tests {\n    #[test]\n    fn counts() {}\n}\n"),
        ("tests/interop/lib/i.js", "scenario(`${wire}: meets`, run);\n"),
        ("tests/face/f.test.js", "it(\"says \\\"no\\\"\", () => {});\nit.skip(\"later\", () => {});\n// it(\"off\", () => {});\n"),
        (
            "tests/e2e/e.test.js",
            "scenario(\n  \"goes on\",\n  async () => {});\nscenario(`goes ${where}`, run);\nscenario(\"goes on for ever\", async () => {});\n",
        ),
        ("tests/gws-simulator/src/test/java/gws/simulator/J.java", "  @Test\n  void holds() {}\n\n  void helper() {}\n"),
    ];
    let sources = Sources(texts.map(|(file, text)| (file.to_owned(), text.to_owned())).into());
    problems(&page, &[("T", &LIST)], &sources)
}

const B: &str = "| B | x | Both wires: `protocol::p::polls` |";

#[test]
fn a_page_in_order_is_passed() {
    for twins in [
        "Long-polling: `protocol::m::falls`, `browser::b::shows`. WebSocket: `bayeux::c::counts`",
        "Both wires: `face: \"says \"no\"\"`, `e2e: \"goes on\"`, `e2e: \"goes ${where}\"`, `interop: \"${wire}: meets\"`, `simulator::J::holds`",
        "WebSocket: `protocol::p::polls`. Not here: the other wire has no such thing",
        "Not here: `x` is not spoken by this package",
    ] {
        let row = ["| B | x | ", twins, " |"].concat();
        assert_eq!(checked(&["| A | x | Long-polling: `protocol::p::polls` |", &row]), [""; 0], "{twins}");
    }
}

#[test]
fn a_row_that_is_missing_doubled_or_unknown_is_told() {
    let a = "| A | x | WebSocket: `protocol::p::polls` |";
    assert_eq!(checked(&[a]), ["B: this row is missing"]);
    assert_eq!(checked(&[a, a, B]), ["A: 2 rows"]);
    assert_eq!(checked(&[a, B, "| C | x | Both wires: `protocol::p::polls` |"]), ["C: not in the list"]);
    assert_eq!(checked(&[]), ["no table below \"T\"", "A: this row is missing", "B: this row is missing"]);
}

#[test]
fn a_test_that_does_not_exist_or_run_is_told() {
    for reference in [
        "protocol::p::helper",
        "protocol::p::ignored",
        "protocol::p::off",
        "protocol::p::pol",
        "protocol::q::polls",
        "browser::b::polls",
        "bayeux::c::tests",
        "simulator::J::helper",
        "simulator::K::holds",
        "face: \"later\"",
        "face: \"off\"",
        "face: \"goes on\"",
        "e2e: \"goes\"",
        "e2e: goes on",
        "elsewhere: \"goes on\"",
        "polls",
    ] {
        let row = ["| A | x | Long-polling: `", reference, "`, `protocol::p::polls` |"].concat();
        let told = checked(&[&row, B]);
        assert!(told.len() == 1 && told[0].starts_with("A: `") && told[0].contains(reference), "{reference}: {told:?}");
    }
}

#[test]
fn a_row_without_twin_and_reason_is_told() {
    for (cells, told) in [
        ("x |  ", "A: the last cell does not begin with a label"),
        ("x | to come", "A: the last cell does not begin with a label"),
        ("x | WebSocket: to come", "A: WebSocket: no test"),
        ("x | Not here: no", "A: \"no\" is no reason"),
        ("x | Not here: see the tests of `face: \"on\"`", "A: `face: \"on\"`: no test below tests/face/ has this title"),
        (" | Both wires: `protocol::p::polls`", "A: nothing is said about it"),
        ("x", "A: 2 cells instead of 3"),
    ] {
        assert_eq!(checked(&[&["| A | ", cells, " |"].concat(), B]), [told]);
    }
}

#[test]
fn a_class_of_both_wires_with_a_twin_on_one_is_told() {
    let a = "| A | x | Long-polling: `protocol::p::polls` |";
    assert_eq!(checked(&[a, "| B | x | WebSocket: `protocol::p::polls` |"]), ["B: the reference tests it on both wires"]);
}
