//! A cache that one system has written and another reads. `cargo xtask test --windows` has this program take both parts
//! on both systems; alone it is both.

mod cached;

use cached::Project;
use std::{env, path::PathBuf};

const JOBS: usize = 12;

/// The project's folder, and which part this process takes: `write` or `read`.
const ROOT: &str = "AITHER_TEST_SYSTEMS_ROOT";
const PART: &str = "AITHER_TEST_SYSTEMS_PART";

/// Names that come out of a folder's listing differently sorted, cased and encoded on the two.
const INPUTS: [&str; 6] =
    ["src/a.txt", "src/B.txt", "src/ä ö.txt", "src/deep/er/x.txt", "src/deep.txt", "src/deep-er.txt"];

fn write(root: PathBuf) {
    let project = Project::at(&root);
    for (at, path) in INPUTS.iter().enumerate() {
        // Line ends are contents and not changed.
        project.write(path, &format!("line {at}\r\nline\n"));
    }
    for job in 0..JOBS {
        project.run(&format!("job {job}")).expect("it is stored");
    }
}

fn read(root: PathBuf) {
    let project = Project::at(&root);
    for job in 0..JOBS {
        let name = format!("job {job}");
        std::fs::remove_file(root.join(format!("out/{name}.txt"))).expect("the output goes");
        assert!(project.hit(&name), "{name} is not known: {:?}", project.replay(&name).err());
    }
    project.write("src/a.txt", "another");
    assert!(!project.hit("job 0"), "a change is noticed");
}

#[test]
fn what_one_system_has_stored_another_replays() {
    let root = env::var_os(ROOT).map(PathBuf::from);
    match (root, env::var(PART).as_deref()) {
        (Some(root), Ok("write")) => write(root),
        (Some(root), Ok("read")) => read(root),
        _ => {
            let folder = tempfile::tempdir().expect("a temporary folder");
            write(folder.path().to_owned());
            read(folder.path().to_owned());
        }
    }
}
