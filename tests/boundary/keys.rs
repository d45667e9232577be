//! Keys and texts that all threads share, so that most are somebody else's and many are stale.

use crate::random::Random;
use aither_orchestration::ffi::text::AitherText;
use std::sync::{Mutex, PoisonError};

/// So many of a kind are remembered; a new one takes an old one's place.
const REMEMBERED: usize = 64;

/// Keys of runs or of tasks.
#[derive(Default)]
pub struct Keys(Mutex<Vec<u64>>);

impl Keys {
    /// Remembers a key; the one that goes for it is the caller's to free.
    pub fn add(&self, random: &mut Random, key: u64) -> Option<u64> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() < REMEMBERED {
            keys.push(key);
            return None;
        }
        let at = random.below(keys.len());
        Some(std::mem::replace(&mut keys[at], key))
    }

    /// A key that is, was or never will be one.
    pub fn any(&self, random: &mut Random) -> u64 {
        if random.once_in(10) {
            return *random.pick(&[0, 1, u64::MAX, 1 << 63, random.clone().any()]);
        }
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.is_empty() {
            0
        } else {
            *random.pick(&keys)
        }
    }

    pub fn take_all(&self) -> Vec<u64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Texts that wait for some thread to free them.
#[derive(Default)]
pub struct Texts(Mutex<Vec<Owned>>);

/// A text that whoever holds it frees.
pub struct Owned(pub AitherText);

// SAFETY: the library lets every thread read and free a text.
unsafe impl Send for Owned {}

impl Texts {
    pub fn add(&self, text: Owned) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    /// One, once more wait than a few.
    pub fn surplus(&self, random: &mut Random) -> Option<Owned> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() < REMEMBERED {
            return None;
        }
        let at = random.below(texts.len());
        Some(texts.swap_remove(at))
    }

    pub fn take_all(&self) -> Vec<Owned> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
