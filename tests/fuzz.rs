//! Everything that is read from files that others write, given any bytes. Here every seed of tests/seeds and
//! some changes of each are read; `cargo xtask fuzz` has libFuzzer look further. What it finds goes into
//! tests/seeds/<target>/crash-…, where this test reads it for ever.

#[path = "random/mod.rs"]
mod random;
#[path = "fuzz/targets.rs"]
mod targets;

use random::{setting, Random};
use std::{fs, panic, path::Path, path::PathBuf};
use targets::{Target, TARGETS};

fn seeds(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds").join(target.name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<_> = files
        .map(|file| file.expect("a seed").path())
        .map(|path| (path.clone(), fs::read(path).expect("a seed")))
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{} has no seed", target.name);
    seeds
}

/// Reads bytes and says, where that fails, which.
fn read(target: &Target, bytes: &[u8], origin: &Path) {
    if panic::catch_unwind(|| (target.read)(bytes)).is_err() {
        panic!("{} of {}: {:?}", target.name, origin.display(), String::from_utf8_lossy(bytes));
    }
}

#[test]
fn every_seed_and_its_changes_are_answered() {
    let rounds = setting("AITHER_FUZZ_ROUNDS", 40);
    let seed = setting("AITHER_FUZZ_SEED", 20_251_105);
    for target in TARGETS {
        let seeds = seeds(target);
        let mut random = Random::new(seed);
        for (path, bytes) in &seeds {
            read(target, bytes, path);
            for _ in 0..rounds {
                let mut changed = bytes.clone();
                (0..=random.below(4)).for_each(|_| change(&mut random, &mut changed, &seeds));
                read(target, &changed, path);
            }
        }
    }
    targets::end();
}

/// Changes a byte or a bit, cuts, doubles a part, or puts a part of another seed in.
fn change(random: &mut Random, bytes: &mut Vec<u8>, seeds: &[(PathBuf, Vec<u8>)]) {
    let at = random.below(bytes.len() + 1);
    let piece = |random: &mut Random, from: &[u8]| {
        let start = random.below(from.len() + 1);
        let end = start + random.below((from.len() - start).min(64) + 1);
        from[start..end].to_vec()
    };
    match random.below(6) {
        0 if at < bytes.len() => bytes[at] = random.any() as u8,
        1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        2 => bytes.truncate(at),
        3 => {
            let end = at + random.below(bytes.len() - at + 1);
            bytes.drain(at..end);
        }
        4 => {
            let own = piece(random, &bytes.clone());
            bytes.splice(at..at, own);
        }
        _ => {
            let (_, other) = random.pick(seeds);
            let other = piece(random, other);
            bytes.splice(at..at, other);
        }
    }
}

/// libFuzzer's turn: `cargo xtask fuzz` builds this file with its instrumentation and its library.
#[cfg(aither_libfuzzer)]
mod libfuzzer {
    use super::{targets::Target, TARGETS};
    use std::{
        env,
        ffi::{c_char, c_int, CString},
        panic, process, ptr,
        sync::OnceLock,
    };

    /// An input that takes more seconds of the processor counts as a defect.
    const MOST_SECONDS: libc::time_t = 10;

    static TARGET: OnceLock<&'static Target> = OnceLock::new();

    extern "C" {
        fn LLVMFuzzerRunDriver(
            argc: *mut c_int,
            argv: *mut *mut *mut c_char,
            one: extern "C" fn(*const u8, usize) -> c_int,
        ) -> c_int;
    }

    extern "C" fn one(data: *const u8, len: usize) -> c_int {
        // SAFETY: libFuzzer's promise; an empty input may have no address.
        let bytes = if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } };
        let begun = processor_seconds();
        if let Some(target) = TARGET.get() {
            (target.read)(bytes);
        }
        let taken = processor_seconds() - begun;
        assert!(taken < MOST_SECONDS, "this input takes {taken} s");
        0
    }

    /// Of this thread. By the clock, what waits for a busy machine would look slow.
    fn processor_seconds() -> libc::time_t {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the structure is valid for writing.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        time.tv_sec
    }

    #[test]
    #[ignore = "runs for as long as `cargo xtask fuzz` says"]
    fn run() {
        let name = env::var("AITHER_FUZZ_TARGET").expect("AITHER_FUZZ_TARGET names a target");
        let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
        assert!(TARGET.set(target).is_ok());
        // libFuzzer keeps the input of an abort.
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            usual(panic);
            process::abort();
        }));
        let options = env::var("AITHER_FUZZ_OPTIONS").expect("AITHER_FUZZ_OPTIONS has libFuzzer's arguments");
        let words: Vec<CString> = std::iter::once("fuzz")
            .chain(options.split('\n'))
            .map(|word| CString::new(word).expect("no NUL in an argument"))
            .collect();
        let mut pointers: Vec<*mut c_char> = words.iter().map(|word| word.as_ptr().cast_mut()).collect();
        let mut count = pointers.len() as c_int;
        pointers.push(ptr::null_mut());
        let mut arguments = pointers.as_mut_ptr();
        // SAFETY: the words live until the end of this function, and a null pointer ends their list.
        let code = unsafe { LLVMFuzzerRunDriver(&mut count, &mut arguments, one) };
        assert_eq!(code, 0, "libFuzzer ended with {code}");
    }
}
