//! A defect on purpose, for tests/panics.rs: with the feature `test-panics` the next call on this thread
//! panics in the middle of its guard. No library that is shipped has it.

use std::cell::Cell;

thread_local! {
    static NEXT: Cell<bool> = const { Cell::new(false) };
}

/// Has this thread's next call panic.
pub fn panic_next() {
    NEXT.set(true);
}

pub(super) fn strike() {
    if NEXT.take() {
        panic!("injected");
    }
}
