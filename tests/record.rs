//! What runs leave on disk, below the engine: the recorder's thread, logs, locks and retention.

use aither_orchestration::record::{
    project_cache, read_log, sweep, Keep, Line, Logbook, Recorder, RunFolder,
};
use crossbeam_channel::bounded;
use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

const ID: &str = "20261125-143022-1f3a61c2";

fn recorder(root: &Path) -> (Recorder, Logbook) {
    Recorder::start(root, ID, Box::new(|trouble| panic!("{trouble}"))).expect("a thread")
}

fn end(recorder: &Recorder) {
    let (done, finished) = bounded(1);
    recorder.end(Box::new(move || done.send(()).expect("a listener")));
    finished.recv_timeout(Duration::from_secs(300)).expect("an end");
}

fn line(text: &'static str) -> Line {
    Box::new(move |out| out.extend_from_slice(text.as_bytes()))
}

#[test]
fn lines_and_logs_are_on_disk_at_the_end() {
    let root = tempfile::tempdir().expect("a folder");
    let (recorder, logbook) = recorder(root.path());
    recorder.write(line("{\"a\":1}"));
    logbook.write("0402", 1, "one\ntwo");
    logbook.write("0402", 2, "three\n");
    logbook.mark("0402", "attempt 2");
    recorder.write(line("{\"a\":2}"));
    assert_eq!(logbook.contents("0402").expect("a log"), b"1 one\n1 two\n2 three\n# attempt 2\n");
    assert_eq!(logbook.contents("0404").expect("no log"), b"");
    logbook.replay("0405", b"1 again\n".to_vec());
    end(&recorder);
    let folder = RunFolder::of(root.path());
    assert_eq!(fs::read_to_string(folder.journal(ID)).expect("a journal"), "{\"a\":1}\n{\"a\":2}\n");
    let part = read_log(&folder.log(ID, "0402"), 0, usize::MAX).expect("a log");
    let lines: Vec<(u8, &str)> = part.lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
    assert_eq!(lines, [(1, "one"), (1, "two"), (2, "three"), (0, "attempt 2")]);
    assert_eq!(fs::read(folder.log(ID, "0405")).expect("a log"), b"1 again\n");
    assert!(!folder.log(ID, "0404").exists(), "a job that writes nothing has no file");
    assert!(logbook.contents("0402").is_err(), "a run that is over is not recorded");
    logbook.write("0402", 1, &"x".repeat(20_000_000));
    logbook.write("0402", 1, "nobody waits for ever");
}

#[test]
fn a_log_is_read_in_parts_and_without_its_torn_end() {
    let root = tempfile::tempdir().expect("a folder");
    let path = root.path().join("x.log");
    fs::write(&path, b"1 one\n2 \xff\xfe\nodd\n\n6 to").expect("a log");
    let first = read_log(&path, 0, 1).expect("a part");
    assert_eq!((first.lines.len(), first.next), (1, 6));
    let rest = read_log(&path, first.next, usize::MAX).expect("the rest");
    let lines: Vec<(u8, &str)> = rest.lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
    assert_eq!(lines, [(2, "\u{fffd}\u{fffd}"), (1, "odd"), (1, "")]);
    assert_eq!(read_log(&path, rest.next, usize::MAX).expect("nothing").lines, []);
    assert_eq!(read_log(&root.path().join("none"), 0, 9).expect("nothing").lines, []);
    // Whoever follows it loses it, and then meets another in its place.
    fs::remove_file(&path).expect("it goes");
    let gone = read_log(&path, rest.next, usize::MAX).expect("nothing");
    assert_eq!((gone.lines, gone.next), (Vec::new(), rest.next));
    fs::write(&path, b"1 x\n").expect("a log");
    assert_eq!(read_log(&path, rest.next, usize::MAX).expect("nothing").next, rest.next);
}

#[test]
fn ten_thousand_jobs_have_their_logs_and_few_files_open() {
    let root = tempfile::tempdir().expect("a folder");
    let (recorder, logbook) = recorder(root.path());
    for turn in ["first", "second"] {
        for number in 0..10_000 {
            logbook.write(&format!("{number:05}"), 1, turn);
        }
    }
    #[cfg(target_os = "linux")]
    {
        logbook.contents("00000").expect("a log");
        let open = fs::read_dir("/proc/self/fd").expect("files").count();
        assert!(open < 200, "{open} files are open");
    }
    end(&recorder);
    let folder = RunFolder::of(root.path());
    for number in [0, 4_321, 9_999] {
        let log = fs::read(folder.log(ID, &format!("{number:05}"))).expect("a log");
        assert_eq!(log, b"1 first\n1 second\n");
    }
    assert_eq!(fs::read_dir(folder.logs(ID)).expect("logs").count(), 10_000);
}

#[cfg(unix)]
#[test]
fn records_are_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().expect("a folder");
    let (recorder, logbook) = recorder(root.path());
    logbook.write("0402", 1, "private");
    end(&recorder);
    let folder = RunFolder::of(root.path());
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder.log(ID, "0402")), 0o600);
    assert_eq!(mode(&folder.journal(ID)), 0o600);
    assert_eq!(mode(&folder.logs(ID)), 0o700);
    assert_eq!(mode(folder.journal(ID).parent().expect("a folder")), 0o700);
}

#[test]
fn records_are_ignored_by_git() {
    let root = tempfile::tempdir().expect("a folder");
    let cache = project_cache(root.path()).expect("a folder");
    assert_eq!(fs::read_to_string(cache.join(".gitignore")).expect("a file"), "*\n");
}

#[test]
fn a_run_is_held_until_its_end() {
    let root = tempfile::tempdir().expect("a folder");
    let (recorder, logbook) = recorder(root.path());
    logbook.contents("0402").expect("it is recording");
    let folder = RunFolder::of(root.path());
    assert!(folder.is_held(ID));
    assert_eq!(folder.ids().expect("ids"), [ID]);
    end(&recorder);
    assert!(!folder.is_held(ID));
}

#[test]
fn trouble_is_told_once_and_stops_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    fs::write(root.path().join(".orchestration-cache"), "not a folder").expect("a file");
    let (told, heard) = bounded(10);
    let trouble = Box::new(move |text| told.send(text).expect("a listener"));
    let (recorder, logbook) = Recorder::start(root.path(), ID, trouble).expect("a thread");
    for _ in 0..3 {
        recorder.write(line("{}"));
        logbook.write("0402", 1, "lost");
    }
    assert!(logbook.contents("0402").is_err());
    end(&recorder);
    let words: Vec<String> = heard.try_iter().collect();
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].contains(ID) && words[0].contains("cannot be resumed"), "{words:?}");
}

#[test]
fn an_id_is_taken_once() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(root.path()).expect("a folder");
    let _held = folder.hold(ID).expect("a lock");
    assert!(folder.hold(ID).is_err());
}

#[test]
fn old_runs_go_and_running_ones_stay() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(root.path()).expect("a folder");
    let ids: Vec<String> = (10..20).map(|day| format!("202611{day}-120000-00000000")).collect();
    for id in &ids {
        fs::write(folder.journal(id), "{}\n").expect("a journal");
        fs::create_dir(folder.logs(id)).expect("logs");
        fs::write(folder.log(id, "0402"), "1 x\n").expect("a log");
    }
    let _held = folder.hold(&ids[0]).expect("a lock");
    // Noon of the 20th of November 2026.
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_176_000);
    let keep = Keep { newest: 6, younger_than: Duration::from_secs(4 * 24 * 60 * 60 + 60) };
    let mut removed = sweep(&folder, keep, now).expect("a sweep");
    removed.sort();
    assert_eq!(removed, ids[1..6], "the newest six are four to ten, and the first of them is too old");
    let mut left = folder.ids().expect("ids");
    left.sort();
    assert_eq!(left[0], ids[0], "a run that goes on stays");
    assert_eq!(left[1..], ids[6..]);
    assert!(!folder.logs(&ids[1]).exists());
}
