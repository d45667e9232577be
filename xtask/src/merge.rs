//! The module's script with the text of the files that it reads at import: an import that reads and compiles one
//! file takes a tenth less than one of thirty.

use crate::error::Error;
use crate::project::{Project, MODULE};
use crate::stamp;
use std::fs;
use std::path::PathBuf;

/// The lines of the script that read the files, the first and the last of them.
const READS: [&str; 2] = ["$text = foreach ($folder in ", ". ([scriptblock]::Create($text "];

/// The folders that they read, in that order.
const FOLDERS: [&str; 2] = ["Startup", "Public"];

/// The script as it is shipped.
pub fn script(project: &Project) -> Result<String, Error> {
    let path = project.module().join(format!("{MODULE}.psm1"));
    let script = fs::read_to_string(&path).map_err(Error::file("reading", &path))?;
    let mut texts = String::new();
    for name in FOLDERS {
        let folder = project.module().join(name);
        let mut files = stamp::files_below(&folder, &[])?;
        files.retain(|(file, _)| file.extension().is_some_and(|extension| extension == "ps1"));
        for (file, bytes) in files {
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::Invalid(format!("{} is not UTF-8", folder.join(&file).display())))?;
            texts.push_str(&text);
            texts.push('\n');
        }
    }
    with(&script, texts.trim_end()).ok_or_else(|| {
        Error::Invalid(format!("{} has no lines from `{}` to `{}`", path.display(), READS[0], READS[1]))
    })
}

/// The whole module, with the libraries that are in it, as it is shipped, in a folder of its own. Gives its manifest.
pub fn stage(project: &Project) -> Result<PathBuf, Error> {
    let folder = project.state().join("shipped").join(MODULE);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::file("clearing", &folder))?;
    }
    for (relative, bytes) in stamp::files_below(&project.module(), &[])? {
        stamp::replace(&folder.join(relative), &bytes)?;
    }
    stamp::replace(&folder.join(format!("{MODULE}.psm1")), script(project)?.as_bytes())?;
    Ok(folder.join(format!("{MODULE}.psd1")))
}

/// The script with these texts where it reads them.
fn with(script: &str, texts: &str) -> Option<String> {
    let from = script.find(&format!("\n{}", READS[0]))? + 1;
    let last = from + script[from..].find(&format!("\n{}", READS[1]))? + 1;
    let to = script[last..].find('\n').map_or(script.len(), |end| last + end);
    Some(format!("{}{texts}{}", &script[..from], &script[to..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_stand_where_they_were_read() {
        let script =
            "a\n$text = foreach ($folder in 'A') {\n  read\n}\n. ([scriptblock]::Create($text -join))\nb\n";
        assert_eq!(with(script, "one\ntwo").as_deref(), Some("a\none\ntwo\nb\n"));
    }

    #[test]
    fn a_script_that_reads_otherwise_is_an_error() {
        assert_eq!(with("a\n$text = foreach ($folder in 'A') {\n}\nb\n", "one"), None);
        assert_eq!(with("a\nb\n", "one"), None);
    }

    #[test]
    fn the_module_is_merged_whole() {
        let project = Project::locate().expect("the repository");
        let merged = script(&project).expect("a script");
        assert!(
            merged.contains("\nfunction Initialize-Module {")
                && merged.contains("\nfunction Invoke-Sequence {")
        );
        assert!(!READS.iter().any(|line| merged.contains(line)));
    }
}
