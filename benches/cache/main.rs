//! What the cache costs, beside what others need for the same.

#[path = "../figures/mod.rs"]
mod figures;
mod hashing;
mod packages;
mod project;
mod workspace;

use figures::is_wanted;

fn main() {
    if is_wanted("cache-replay") {
        for jobs in [27, 100] {
            packages::compare(jobs);
        }
    }
    if is_wanted("cache-hash") {
        hashing::compare();
    }
}

pub fn fail<T>(error: &dyn std::fmt::Display) -> T {
    panic!("the benchmark cannot be set up: {error}")
}
