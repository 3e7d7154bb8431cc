//! Every reply shape known of Bayeux servers, as the files of `tests/fuzz/corpus/replies` hold them: what the client does with each is what its
//! file says, and in every other moment of the client's life it is survived.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/json.rs"]
#[allow(unreachable_pub)] // shared with the crate's own tests
mod json;
#[path = "fuzz/moment.rs"]
mod moment;
#[path = "fuzz/play.rs"]
mod play;
#[path = "fuzz/scene.rs"]
mod scene;
#[path = "fuzz/stage.rs"]
mod stage;
#[path = "fuzz/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::{Value, json};

use moment::Moment;
use scene::Scene;

/// Values nested 10,000 deep are freed by as many calls in each other.
const STACK: usize = 256 << 20;

/// Each file's name with its text.
fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/replies");
    let entries = fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").path());
    let name_of = |path: &Path| path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
    let mut files: Vec<_> = entries.map(|path| (name_of(&path), fs::read_to_string(path).expect("a text"))).collect();
    files.sort();
    files
}

/// Runs `check` for the text of each file, and fails with all that is wrong.
fn for_each_file(check: fn(&str) -> Result<(), String>) {
    let checks = move || {
        let files = corpus();
        assert!(files.len() > 300, "{} files: the corpus is elsewhere", files.len());
        let wrong = files.iter().filter_map(|(name, text)| check(text).err().map(|wrong| format!("{name}: {wrong}")));
        wrong.collect::<Vec<_>>().join("\n")
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(checks).expect("a thread");
    let wrong = thread.join().expect("every file was checked");
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Plays the scene; a broken rule is an error with its words.
fn play(scene: &Scene) -> Result<Vec<Vec<String>>, String> {
    catch_unwind(AssertUnwindSafe(|| play::play(scene))).map_err(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned())).unwrap_or_default()
    })
}

#[test]
fn every_known_reply_does_what_its_file_says() {
    for_each_file(|text| {
        let content = parse(text)?;
        let told = play(&Scene::from_json(&content).ok_or("no known moment, or no answers")?)?;
        if json!(told) == content["then"] { Ok(()) } else { Err(format!("does {}, not {}", json!(told), content["then"])) }
    });
}

#[test]
fn every_known_reply_is_survived_in_every_other_moment() {
    for_each_file(|text| {
        let mut scene = Scene::read(text.as_bytes());
        let survive = |moment: &Moment| {
            scene.moment = *moment;
            play(&scene).err().map(|wrong| format!("{}: {wrong}", moment.name()))
        };
        let wrong: Vec<String> = Moment::ALL.iter().filter_map(survive).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    });
}

#[test]
fn every_moment_has_a_file() {
    let moments: BTreeSet<&str> = Moment::ALL.iter().map(|moment| moment.name()).collect();
    let met: BTreeSet<String> = corpus().iter().map(|(_, text)| Scene::read(text.as_bytes()).moment.name().to_owned()).collect();
    assert_eq!(met.iter().map(String::as_str).collect::<BTreeSet<_>>(), moments);
}

#[test]
fn every_file_holds_what_is_read_and_nothing_else() {
    const MEMBERS: [&str; 4] = ["about", "answers", "moment", "then"];
    const OF_ANSWER: [&str; 9] = ["to", "status", "body", "text", "retryAfter", "fails", "opened", "closes", "stalls"];
    for_each_file(|text| {
        let content = parse(text)?;
        let members: Vec<&String> = content.as_object().ok_or("no object")?.keys().collect();
        if members != MEMBERS {
            return Err(format!("has the members {members:?}, not {MEMBERS:?}"));
        }
        let answers = content["answers"].as_array().ok_or("answers is no array")?;
        let mut names = answers.iter().filter_map(Value::as_object).flat_map(|answer| answer.keys());
        names.find(|name| !OF_ANSWER.contains(&name.as_str())).map_or(Ok(()), |name| Err(format!("an answer has the member {name}")))
    });
}
