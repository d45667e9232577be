//! What is said to the library: requests that are right, the same with some bytes changed, and noise.

use crate::random::Random;
use std::path::Path;

/// Requests, a byte each standing for a path (see [`Texts::finish`]). None has a slash or a dot, nor does a
/// change bring one in, so that no request can name a place outside the test's own folder.
pub const MATRIX: &[&str] = &[
    r#"{"matrix": {"os": ["a", "b"], "n": [1, 2, null, true], "exclude": [{"os": "a", "n": 1}]}, "limit": 16}"#,
    r#"{"matrix": {"a": [], "include": [{"x": {"y": ["z"]}}]}}"#,
];
pub const SEQUENCE: &[&str] = &[
    "{\"root\": \"\x01\", \"sequence\": [\"01*,!0100\", \"0100-0200\", \"stage:Build\", \"tag:a\"]}",
    "{\"root\": \"\x01\", \"sequence\": [\"0100\"]}",
];
pub const KEY: &[&str] = &[
    "{\"scripts\": [{\"number\": \"0100\", \"name\": \"a\", \"path\": \"\x02\"}], \"variables\": {\"a\": [1, \"1\"]}}",
];
pub const PLAN: &[&str] = &[
    "{\"root\": \"\x01\", \"sequence\": [\"0100\", \"0200\"], \"matrix\": {\"p\": [\"x\", \"y\"]}, \"parallel\": true}",
    "{\"root\": \"\x01\", \"playbook\": {\"text\": \"{\\\"name\\\": \\\"p\\\", \\\"sequence\\\": [\\\"0100\\\"]}\"}}",
    "{\"root\": \"\x01\", \"playbook\": {\"source\": \"json\", \"path\": \"p\", \"document\": {\"metadata\": {\"name\": \
     \"p\"}, \"orchestration\": {\"jobs\": {\"a\": {\"steps\": [{\"run\": \"0100\"}]}, \"b\": {\"needs\": [\"a\"], \
     \"if\": \"${{ always() }}\", \"steps\": [{\"run\": \"0200\"}]}}}}}}",
];
pub const FIND: &[&str] = &["{\"root\": \"\x01\"}", "{\"root\": \"\x01\", \"name\": \"p\"}"];
pub const PLAYBOOK: &[&str] = &[
    r#"{"text": "{\"name\": \"p\", \"sequence\": [\"0100\"], \"variables\": {\"a\": 1}}", "check": true}"#,
    r#"{"document": {"metadata": {"name": "p"}, "orchestration": {"stages": [{"name": "s", "sequence": ["0100"]}]}}}"#,
];
pub const EXPRESSION: &[&str] = &[
    r#"{"expression": "$a -eq 1 -and ('x' -like '*')", "variables": {"a": 1}}"#,
    r#"{"expression": "${{ contains(fromJSON('[1,2]'), 1) && !cancelled() }}", "environment": {"A": "b"}}"#,
];
pub const RUN: &[&str] = &[
    r#"{"plan": {"total": 3, "maxConcurrency": 2, "failFast": true, "jobs": [
       {"job": 0, "number": "0100", "name": "A", "path": "a", "parameters": {"x": 1}},
       {"job": 1, "number": "0200", "name": "B", "path": "b", "retries": 1},
       {"job": 2, "number": "0300", "name": "C", "path": "c", "needs": [0, 1]}]}}"#,
    "{\"plan\": {\"root\": \"\x01\", \"total\": 1, \"maxConcurrency\": 1, \"failFast\": false, \"jobs\": [
       {\"job\": 0, \"number\": \"0100\", \"name\": \"A\", \"path\": \"\x02\"}]}, \"secrets\": {\"values\":
       [{\"name\": \"t\", \"value\": \"hidden\"}]},
       \"journal\": {}}",
];
pub const RESUME: &[&str] = &[
    "{\"plan\": {\"root\": \"\x01\", \"total\": 1, \"maxConcurrency\": 1, \"failFast\": false, \"jobs\": [
       {\"job\": 0, \"number\": \"0100\", \"name\": \"A\", \"path\": \"\x02\"}]}, \"journal\": {\"resume\": \"Last\"}}",
];
pub const LIST: &[&str] = &["{\"root\": \"\x01\"}"];
pub const RECORDED: &[&str] = &["{\"root\": \"\x01\", \"id\": \"Last\"}"];
pub const LOG: &[&str] =
    &["{\"root\": \"\x01\", \"id\": \"Last\", \"number\": \"0100\", \"from\": 0, \"most\": 9}"];
pub const TASK: &[&str] = &[
    "{\"cacheList\": {\"folder\": \"\x03\"}}",
    "{\"cacheCollect\": {\"folder\": \"\x03\", \"olderThan\": 1}}",
    "{\"cacheSave\": {\"folder\": \"\x03\", \"key\": \
     \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\", \"scripts\": [], \"success\": true, \
     \"result\": {}}}",
    "{\"artifactPublish\": {\"root\": \"\x01\", \"folder\": \"\x03\", \"runId\": \"r\", \"upload\": {\"name\": \"n\", \
     \"path\": [\"automation-scripts\"]}}}",
];
pub const REPORT: &[&str] = &[
    "{\"format\": \"junit\", \"document\": {\"jobs\": [{\"number\": \"0100\", \"status\": \"Failure\", \"error\": \
     \"<&]]>\", \"log\": [\"a\"]}]}, \"target\": {\"path\": \"\x04\"}}",
    r#"{"format": "html", "document": {"playbook": "p", "secrets": ["p"], "stages": [{"name": "S", "needs": []}]}}"#,
    r#"{"format": "summary", "document": {"texts": [{"number": "0100", "text": "| # ```"}], "variables": {"a": 1}}}"#,
];
pub const OUTCOME: &[&str] = &[
    r#"{"exitCode": 0}"#,
    r#"{"exitCode": 3, "error": {"message": "m", "type": "t"}, "errors": 2}"#,
    r#"{"exitCode": 0, "stopped": true}"#,
];
pub const LINES: &[&str] = &["one\ntwo\r\n", "\x1b[31mred\x1b[0m hidden", "::error::x\n"];

/// A piece of text as the caller passes it.
pub enum Given {
    Bytes(Vec<u8>),
    /// A null pointer, with this length.
    Null(usize),
}

/// Makes texts below one folder.
pub struct Texts<'a> {
    pub root: &'a Path,
    /// The bytes of a very large text.
    pub large: usize,
    /// One text in so many is very large.
    pub large_every: usize,
}

impl Texts<'_> {
    /// One of `right`, mostly; or something made of it, or not even that.
    pub fn of(&self, random: &mut Random, right: &[&str]) -> Given {
        if random.once_in(self.large_every) {
            return Given::Bytes(self.enormous(random));
        }
        match random.below(16) {
            0 => Given::Null(0),
            1 => Given::Null(1 + random.below(64)),
            2 => Given::Bytes(noise(random)),
            3 => Given::Bytes(nested(random)),
            4..=8 => {
                let mut text = random.pick(right).as_bytes().to_vec();
                (0..=random.below(3)).for_each(|_| change(random, &mut text));
                Given::Bytes(self.finish(&text))
            }
            _ => Given::Bytes(self.finish(random.pick(right).as_bytes())),
        }
    }

    /// Puts the paths in.
    fn finish(&self, text: &[u8]) -> Vec<u8> {
        let mut whole = Vec::with_capacity(text.len() + 64);
        for byte in text {
            let below = match byte {
                1 => "",
                2 => "automation-scripts/0100_First.ps1",
                3 => ".orchestration-cache",
                4 => "report.xml",
                _ => {
                    whole.push(*byte);
                    continue;
                }
            };
            whole.extend_from_slice(self.root.join(below).to_string_lossy().replace('\\', "\\\\").as_bytes());
        }
        whole
    }

    fn enormous(&self, random: &mut Random) -> Vec<u8> {
        let mut text = match random.below(4) {
            0 => vec![b'['; self.large],
            1 => vec![b'a'; self.large],
            2 => br#"{"expression": ""#.to_vec(),
            _ => br#"{"matrix": {"a": [""#.to_vec(),
        };
        text.resize(self.large, b'x');
        if random.once_in(2) {
            text.extend_from_slice("\u{fffd}\"}".as_bytes());
        } else {
            text.extend_from_slice(br#""]}}"#);
        }
        text
    }
}

fn noise(random: &mut Random) -> Vec<u8> {
    (0..random.below(64)).map(|_| byte(random)).collect()
}

fn nested(random: &mut Random) -> Vec<u8> {
    let deep = 1 << random.below(15);
    let open = *random.pick(&["[", "{\"a\":", "{\"matrix\":", "("]);
    open.repeat(deep).into_bytes()
}

/// Any byte but those that paths are made of, and those that stand for paths.
fn byte(random: &mut Random) -> u8 {
    loop {
        match random.any() as u8 {
            b'/' | b'.' | b'\\' | 1..=4 => {}
            other => return other,
        }
    }
}

fn change(random: &mut Random, text: &mut Vec<u8>) {
    if text.is_empty() {
        return;
    }
    let at = random.below(text.len());
    match random.below(5) {
        0 if text[at] > 4 => text[at] = byte(random),
        1 => text.insert(at, byte(random)),
        2 => drop(text.remove(at)),
        3 => text.truncate(at),
        _ => {
            let piece = *random.pick(&[&b"\xff"[..], b"\xed\xa0\x80", b"\xc3", b"-1", b"9e999"]);
            text.splice(at..at, piece.iter().copied());
        }
    }
}
