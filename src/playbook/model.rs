use super::{CacheRules, StepArtifacts};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A playbook, whatever its format.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Playbook {
    /// The name it gives itself, else its file's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its version as written.
    pub version: String,
    /// The format it was read from.
    pub format: Format,
    /// `category`, `author`, `tags`, `estimatedDuration` and the like, as written.
    pub metadata: Map<String, Value>,
    /// What the machine must have.
    pub requirements: Requirements,
    /// What a playbook that `uses` this one may or must pass.
    pub inputs: Vec<Input>,
    /// Defaults of variables; everything else overrides them.
    pub variables: Map<String, Value>,
    /// Profiles in the order written.
    pub profiles: Vec<Profile>,
    /// An execution profile of the configuration (v1 `Profile`).
    pub execution_profile: Option<String>,
    /// How the run as a whole behaves.
    pub options: Options,
    /// Environment variables of every job.
    pub env: Map<String, Value>,
    /// What stages and steps do that do not say otherwise.
    pub defaults: Defaults,
    /// Which runs exclude each other.
    pub concurrency: Option<Concurrency>,
    /// Whether a stage waits for all stages before it, or only for those it `needs` (v3 jobs).
    pub order: Order,
    /// The stages of v1 and v2, the jobs of v3, or the one stage that an item list is.
    pub stages: Vec<Stage>,
    /// Must hold before anything starts.
    pub pre_conditions: Vec<NamedCondition>,
    /// Should hold at the end.
    pub post_conditions: Vec<NamedCondition>,
    /// Messages at certain moments.
    pub notifications: Notifications,
    /// The reporting section as written.
    pub reporting: Map<String, Value>,
    /// What to do after the run.
    pub post_actions: Vec<PostAction>,
    /// When the run counts as a success although something failed, or not although nothing did.
    pub success: SuccessCriteria,
    /// Files that the run leaves behind (`Artifacts`).
    pub artifacts: Artifacts,
    /// Names of variables whose values are masked and never reach disk.
    pub secrets: Vec<String>,
    /// What the cache keys of all jobs cover; a stage's or a step's own rules replace it.
    pub cache: Option<CacheRules>,
    /// What the document says that is not honoured.
    pub warnings: Vec<Warning>,
}

/// The formats there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum Format {
    /// Flat JSON: name, sequence or stages, variables.
    #[default]
    V1,
    /// JSON with metadata and orchestration.stages.
    V2,
    /// JSON with metadata and orchestration.jobs.
    V3,
    /// psd1 whose `Sequence` is a list of items.
    List,
    /// psd1 whose `Scripts` is a list of items.
    Scripts,
}

/// How stages follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum Order {
    /// As written, with a barrier between them.
    #[default]
    Stages,
    /// By `needs` alone.
    Needs,
}

/// What the machine must have; looked at before the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirements {
    /// The lowest PowerShell version, for example `7.0`.
    pub power_shell: Option<String>,
    /// Modules that must be installed.
    pub modules: Vec<String>,
    /// Programs that must be on PATH.
    pub tools: Vec<String>,
    /// `Windows`, `Linux`, `macOS`, `CrossPlatform`; empty = any.
    pub platforms: Vec<String>,
    /// Stated, not checked.
    pub permissions: Vec<String>,
}

/// A typed value that a caller passes by `with`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Its name.
    pub name: String,
    /// `string`, `number` or `boolean`.
    pub kind: InputKind,
    /// Whether it must be passed.
    pub required: bool,
    /// What it is when not passed.
    pub default: Option<Value>,
    /// What it is for.
    pub description: String,
}

/// The type of an [`Input`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// Text.
    #[default]
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
}

/// A named set of variables and stages.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Override the playbook's defaults.
    pub variables: Map<String, Value>,
    /// Override the profile's variables; a name that is a matrix dimension replaces its values.
    pub overrides: Map<String, Value>,
    /// Only these stages run, by id or name, where given.
    pub stages: Option<Vec<String>>,
    /// These stages do not run, by id or name.
    pub exclude_stages: Vec<String>,
}

/// How the run as a whole behaves, where the playbook says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Whether scripts of a stage run side by side.
    pub parallel: Option<bool>,
    /// At most so many jobs at once.
    pub max_concurrency: Option<usize>,
    /// Whether the run goes on after a failure.
    pub continue_on_error: Option<bool>,
    /// Seconds for the whole run.
    pub timeout: Option<u64>,
    /// Whether a summary is written.
    pub generate_summary: Option<bool>,
    /// Where the summary goes.
    pub summary_path: Option<String>,
    /// The summary's format as written: `Markdown`, `JSON`, ...
    pub summary_format: Option<String>,
    /// Whether output of scripts is kept in the result.
    pub capture_output: Option<bool>,
    /// False: a failure does not stop the rest, but still fails the run (`orchestration.failFast`).
    pub fail_fast: Option<bool>,
}

/// What stages and steps do that do not say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Defaults {
    /// A failure neither ends the run nor fails it.
    pub continue_on_error: Option<bool>,
    /// Seconds.
    pub timeout: Option<u64>,
    /// More attempts after a failure.
    pub retries: Option<u32>,
    /// The shell of inline text.
    pub shell: Option<String>,
    /// Where steps run.
    pub working_directory: Option<String>,
}

/// Runs of one group exclude each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Concurrency {
    /// The group's name, may hold templates.
    pub group: Option<String>,
    /// Whether a new run cancels the one that is going on.
    pub cancel_in_progress: bool,
    /// At most so many jobs at once.
    pub max_concurrency: Option<usize>,
}

/// A stage (v1, v2), a job (v3), or the one stage that an item list is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// A job's key, a stage's name; unique in a playbook.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The path in the document, for messages: `orchestration.stages[2]`.
    pub path: String,
    /// Ids of jobs that must have succeeded.
    pub needs: Vec<String>,
    /// `condition` or `if`.
    pub condition: Option<String>,
    /// Added to the run's variables for its steps.
    pub variables: Map<String, Value>,
    /// Environment variables of its steps.
    pub env: Map<String, Value>,
    /// The matrix: an object of dimensions, include and exclude, or an expression as text.
    pub matrix: Option<Value>,
    /// Cancel the matrix, or the parallel group, at the first failure.
    pub fail_fast: Option<bool>,
    /// At most so many combinations of the matrix, or jobs of the group, at once.
    pub max_parallel: Option<usize>,
    /// Whether its scripts run side by side.
    pub parallel: Option<bool>,
    /// A failure neither ends the run nor fails it. A bool, or an expression as text.
    pub continue_on_error: Option<Value>,
    /// Seconds for each of its scripts; of a v3 job for all of its steps together.
    pub timeout: Option<u64>,
    /// More attempts after a failure.
    pub retries: Option<u32>,
    /// Seconds before the first retry.
    pub retry_delay: Option<u64>,
    /// Which runs exclude each other.
    pub concurrency: Option<Concurrency>,
    /// Output name to expression.
    pub outputs: Map<String, Value>,
    /// What it does, in order. In a stage whose `parallel` is true, neighbouring steps run side by
    /// side, but for those whose own `parallel` is false: such a step runs alone, in its place.
    pub steps: Vec<Step>,
    /// The jobs of a parallel group, in place of steps: side by side when `parallel` is true, else
    /// one after another; `max_parallel` and `fail_fast` are about them. What a job does not say,
    /// the group says. Never nested deeper.
    pub jobs: Vec<Stage>,
    /// Another playbook in place of steps.
    pub uses: Option<Uses>,
    /// Where its scripts run, unless a step says otherwise.
    pub isolation: Option<Isolation>,
    /// Fields above whose value is a template and known only once variables are: field name as in
    /// the JSON (`timeout`, `maxParallel`, ...) to the text. [`Stage::settle`] puts the value in.
    pub templates: Map<String, Value>,
    /// What the cache keys of its jobs cover, where it says.
    pub cache: Option<CacheRules>,
    /// Whether its scripts keep the order written (item lists) rather than that of their numbers.
    pub keeps_order: bool,
}

/// One thing that a stage does.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// `steps.<id>` of expressions.
    pub id: Option<String>,
    /// The name shown.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The path in the document, for messages.
    pub path: String,
    /// The label of an item (`Stage` or `Phase`): shown, and what a profile of an item list selects by.
    pub stage: Option<String>,
    /// `if` or `Condition`.
    pub condition: Option<String>,
    /// What it runs.
    pub work: Work,
    /// `with` or `Parameters`: values for the script, over everything but the caller's and the matrix's.
    pub parameters: Map<String, Value>,
    /// Environment variables.
    pub env: Map<String, Value>,
    /// The shell of inline text: pwsh, powershell, bash, sh, cmd, python.
    pub shell: Option<String>,
    /// In the session or as a process of its own.
    pub isolation: Option<Isolation>,
    /// Where it runs.
    pub working_directory: Option<String>,
    /// A failure neither ends the run nor fails it.
    pub continue_on_error: Option<Value>,
    /// Seconds.
    pub timeout: Option<u64>,
    /// More attempts after a failure.
    pub retries: Option<u32>,
    /// Seconds before the first retry.
    pub retry_delay: Option<u64>,
    /// Output name to expression.
    pub outputs: Map<String, Value>,
    /// Whether it may run beside others (`Parallel`, `AllowParallel`).
    pub parallel: Option<bool>,
    /// Neighbouring items of one group may run side by side where their `parallel` is true, also
    /// in a list that otherwise runs one after another.
    pub group: Option<i64>,
    /// As [`Stage::templates`].
    pub templates: Map<String, Value>,
    /// What the cache key of its jobs covers, where it says.
    pub cache: Option<CacheRules>,
    /// What it hands on, and what it takes.
    pub artifacts: StepArtifacts,
}

/// Where a job runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// In a warm runspace of the session.
    #[default]
    Runspace,
    /// In a process of its own.
    Process,
}

/// What a step runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Work {
    /// Nothing: a step that the playbook leaves empty.
    #[default]
    Nothing,
    /// Scripts, in the sequence language; elements of a list.
    Sequence {
        /// The elements.
        elements: Vec<String>,
    },
    /// Text for a shell.
    Inline {
        /// The text.
        text: String,
    },
    /// Another playbook.
    Uses(Uses),
}

/// A call of another playbook.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Uses {
    /// Its name or path, as for `-LoadPlaybook`.
    pub playbook: String,
    /// The inputs passed.
    pub with: Map<String, Value>,
}

/// A condition with a name and a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedCondition {
    /// Its name.
    pub name: String,
    /// The text; parsed, never executed.
    pub condition: String,
    /// What to say when it does not hold.
    pub message: String,
}

/// Messages at certain moments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notifications {
    /// Before the first job.
    pub on_start: Option<Notification>,
    /// After a success.
    pub on_success: Option<Notification>,
    /// When a post-condition does not hold.
    pub on_warning: Option<Notification>,
    /// After a failure.
    pub on_failure: Option<Notification>,
}

/// One message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// The text; `{{key}}` is replaced from the moment's values.
    pub message: String,
    /// Information, Warning, Error or Success.
    pub level: String,
    /// console, log, github; others are said to be unsupported.
    pub channels: Vec<String>,
}

/// Something done after the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostAction {
    /// `display`, `openFile`, or `script`.
    pub kind: String,
    /// What it is for.
    pub description: String,
    /// What `script` runs: a sequence or text for PowerShell.
    pub work: Work,
    /// Values for the script.
    pub parameters: Map<String, Value>,
    /// Whether its failure is passed over.
    pub continue_on_error: Option<bool>,
    /// What `display` shows.
    pub message: Option<String>,
    /// What `openFile` opens.
    pub path: Option<String>,
    /// When to do it: an expression, or `fileExists` (about `path`), `success`, `failure`, `always`.
    pub condition: Option<String>,
}

/// When a run counts as a success.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SuccessCriteria {
    /// Every script must succeed.
    pub require_all: Option<bool>,
    /// At least so many scripts must succeed.
    pub minimum_count: Option<usize>,
    /// At least this part of them must succeed, 0 to 1.
    pub minimum_rate: Option<f64>,
    /// These must succeed: numbers or file names.
    pub critical: Vec<String>,
    /// These may fail.
    pub allowed_failures: Vec<String>,
}

/// Files that a run leaves behind; patterns such as `reports/*.md`, relative to the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifacts {
    /// Should be there at the end; one that is missing is a warning.
    pub required: Vec<String>,
    /// May be there.
    pub optional: Vec<String>,
    /// Whether a missing required one fails the run (`PostExecution.ValidateArtifacts`).
    pub validate: bool,
}

/// Something in a document that is not honoured, or looks like a mistake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// The path in the document, for example `orchestration.stages[2].retry`.
    pub path: String,
    /// What is wrong and, where there is one, the nearest known name.
    pub message: String,
}
