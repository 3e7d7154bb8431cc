//! The reader of everything a server sends, in every moment of a client's life: accepted or reported, never a panic, bounded work. An input is a
//! scene as in `corpus/replies`, or the text of a single answer.
#![no_main]

#[allow(unreachable_pub)] // shared with the crate's own tests
#[path = "../support/json.rs"]
mod json;
mod moment;
mod mutate;
mod play;
mod scene;
mod stage;
mod words;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

use mutate::Mutation;

fuzz_target!(|bytes: &[u8]| {
    play::play(&scene::Scene::read(bytes));
});

// Bytes changed blindly are hardly ever JSON, so most changes are made to the parsed value.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if let Some(mutant) = Mutation::new(seed).of(&data[..size]).filter(|mutant| mutant.len() <= max_size) {
        data[..mutant.len()].copy_from_slice(&mutant);
        return mutant.len();
    }
    fuzzer_mutate(data, size, max_size)
});
