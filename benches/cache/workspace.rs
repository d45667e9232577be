//! An npm workspace that turborepo, nx, moon and wireit can all run, from the registry.

use serde_json::{json, Value};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// The versions the figures are compared with.
const TOOLS: [&str; 4] = ["turbo@2", "nx@22", "@moonrepo/cli@2", "wireit@0.14"];

pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    /// So many packages with so many inputs, installed and committed; or what stood in the way.
    pub fn new(packages: usize, inputs: usize) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let workspace = Self { folder };
        workspace.write_all(packages, inputs).map_err(|error| error.to_string())?;
        let install = ["install", "--no-audit", "--no-fund", "--save-dev"];
        workspace.said("npm", &[&install[..], &TOOLS].concat())?;
        workspace.said("git", &["init", "-q"])?;
        workspace.said("git", &["add", "-A"])?;
        let who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
        workspace.said("git", &[&who[..], &["commit", "-qm", "bench"]].concat())?;
        Ok(workspace)
    }

    /// Milliseconds that turborepo itself prints for a run that is all cached; its process takes longer.
    pub fn turbo(&self, _jobs: usize) -> Result<f64, String> {
        let text = self.said("node_modules/.bin/turbo", &["run", "build", "--output-logs=none"])?;
        if !text.contains("FULL TURBO") {
            return self.first("turbo");
        }
        time_in(&text).ok_or_else(|| "it prints no time".to_owned())
    }

    /// Milliseconds of a whole run of nx without its daemon.
    pub fn nx(&self, jobs: usize) -> Result<f64, String> {
        let arguments = ["run-many", "-t", "build", "--outputStyle=static"];
        self.clocked("nx", "node_modules/.bin/nx", &arguments, &format!("{jobs} out of {jobs} tasks"))
    }

    /// Milliseconds of a whole run of moon.
    pub fn moon(&self, jobs: usize) -> Result<f64, String> {
        self.clocked("moon", "node_modules/.bin/moon", &["run", ":build"], &format!("({jobs} cached)"))
    }

    /// Milliseconds of a whole run of wireit, which npm starts.
    pub fn wireit(&self, jobs: usize) -> Result<f64, String> {
        self.clocked("wireit", "npm", &["run", "--silent", "keep"], &format!("skipped {jobs} in"))
    }

    fn clocked(&self, tool: &str, program: &str, arguments: &[&str], all_found: &str) -> Result<f64, String> {
        let (time, text) = crate::figures::clocked(|| self.said(program, arguments));
        if text?.contains(all_found) {
            Ok(time)
        } else {
            self.first(tool)
        }
    }

    /// The first run of a tool finds nothing, and is not counted; a second one that does not is an error.
    fn first(&self, tool: &str) -> Result<f64, String> {
        fs::create_dir(self.folder.path().join(".git").join(format!("{tool} has run")))
            .map(|()| f64::NAN)
            .map_err(|_| "its second run was not all cached".to_owned())
    }

    fn write_all(&self, packages: usize, inputs: usize) -> std::io::Result<()> {
        let kept: Vec<String> = (0..packages).map(|package| format!("./packages/p{package}:keep")).collect();
        self.write_json(
            "package.json",
            &json!({
                "name": "bench", "private": true, "packageManager": "npm@10.0.0", "workspaces": ["packages/*"],
                "scripts": {"keep": "wireit"}, "wireit": {"keep": {"dependencies": kept}},
            }),
        )?;
        self.write_json("turbo.json", &json!({"tasks": {"build": {"outputs": []}}}))?;
        self.write_json(
            "nx.json",
            &json!({"targetDefaults": {"build": {"cache": true}}, "analytics": false}),
        )?;
        self.write(".moon/workspace.yml", "projects: ['packages/*']\ntelemetry: false\n")?;
        self.write(".gitignore", "node_modules\n.turbo\n.nx\n.wireit\n.moon/cache\n")?;
        for package in 0..packages {
            let place = format!("packages/p{package}");
            let command = "exit 0";
            self.write_json(
                &format!("{place}/package.json"),
                &json!({
                    "name": format!("p{package}"), "version": "1.0.0",
                    "scripts": {"build": command, "keep": "wireit"},
                    "wireit": {"keep": {"command": command, "files": ["src/**"], "output": []}},
                }),
            )?;
            self.write(
                &format!("{place}/moon.yml"),
                "tasks:\n  build:\n    script: 'exit 0'\n    inputs: ['src/**']\n",
            )?;
            for input in 0..inputs {
                self.write(&format!("{place}/src/{input}.txt"), &format!("{package} {input}"))?;
            }
        }
        Ok(())
    }

    fn write_json(&self, path: &str, value: &Value) -> std::io::Result<()> {
        self.write(path, &value.to_string())
    }

    fn write(&self, path: &str, text: &str) -> std::io::Result<()> {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        fs::write(path, text)
    }

    /// What a program writes, to both streams.
    fn said(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let folder = self.folder.path();
        let local = folder.join(program);
        let run = Command::new(if local.exists() { local } else { program.into() })
            .args(arguments)
            .current_dir(folder)
            .envs([("TURBO_TELEMETRY_DISABLED", "1"), ("NX_DAEMON", "false"), ("NX_NO_CLOUD", "true")])
            .envs([("CI", "true"), ("NO_COLOR", "1")])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{program}: {error}"))?;
        let text =
            [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        if run.status.success() {
            Ok(text)
        } else {
            Err(format!("{program} {}: {}", arguments.join(" "), text.lines().last().unwrap_or_default()))
        }
    }
}

/// `Time:    104ms >>> FULL TURBO` or `Time:    1.2s >>> FULL TURBO`.
fn time_in(text: &str) -> Option<f64> {
    let word = text.lines().find_map(|line| line.split_once("Time:"))?.1.split_whitespace().next()?;
    match word.strip_suffix("ms") {
        Some(milliseconds) => milliseconds.parse().ok(),
        None => word.strip_suffix('s')?.parse::<f64>().ok().map(|seconds| seconds * 1_000.0),
    }
}
