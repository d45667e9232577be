/*
 * AitherZero.Orchestration: the C interface of the native engine.
 *
 * Written by build.rs with cbindgen from src/ffi; do not edit.
 *
 * Conventions
 *   - Text is UTF-8, pointer and length, never NUL-terminated, in both directions.
 *   - A call that returns text fills an `aither_text` in every case: on AITHER_OK (and the other
 *     statuses its comment names) it is the answer, otherwise the error as JSON
 *     {"code", "message", "hint", "where"}. The caller frees it with aither_text_free.
 *   - Requests are JSON objects; a field that is not known is an error.
 *   - A run is a 64-bit key. A key that is not (or no longer) known is a status, not a crash.
 *   - Every call may be made from any thread. No call runs code of the caller: there are no callbacks.
 *   - docs/c-abi.md has the shapes of requests and answers.
 */

#ifndef AITHER_ORCHESTRATION_H
#define AITHER_ORCHESTRATION_H

#include <stddef.h>
#include <stdint.h>

/*
 The version of this interface. It changes when a call, a status or a shape does.
 */
#define AITHER_ABI_VERSION 1

/*
 How a call went. The numbers never change meaning.
 */
enum aither_status
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
  /*
   Done; the text, where there is one, is the answer.
   */
  AITHER_OK = 0,
  /*
   Nothing more will come from this run. No text.
   */
  AITHER_END = 1,
  /*
   Nothing came within the time given. No text.
   */
  AITHER_TIMEOUT = 2,
  /*
   A pointer that must not be null was.
   */
  AITHER_NULL_POINTER = 16,
  /*
   A text was not UTF-8.
   */
  AITHER_INVALID_UTF8 = 17,
  /*
   Not JSON, an unknown field, or a field of the wrong type.
   */
  AITHER_INVALID_REQUEST = 18,
  /*
   A well-formed request that cannot be honoured; the error's `code` says why.
   */
  AITHER_REJECTED = 19,
  /*
   No run has this key.
   */
  AITHER_UNKNOWN_RUN = 20,
  /*
   No live text has this key.
   */
  AITHER_UNKNOWN_TEXT = 21,
  /*
   The call does not fit the state, for example a job finished twice.
   */
  AITHER_INVALID_STATE = 22,
  /*
   A defect in the library. The call had no effect.
   */
  AITHER_PANIC = 32,
};
#ifndef __cplusplus
typedef int32_t aither_status;
#endif // __cplusplus

/*
 A text from the library: `len` bytes of UTF-8 at `data`, valid until it is freed with
 aither_text_free. Zeroed where a call has no text.
 */
typedef struct {
  /*
   The first byte, null where there is no text.
   */
  const uint8_t *data;
  /*
   How many bytes.
   */
  size_t len;
  /*
   What the library knows the text by.
   */
  uint64_t key;
} aither_text;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

extern const uint32_t aither_abi;

/*
 Frees a text and zeroes it. Freeing a zeroed text, or null, does nothing; freeing one that is
 not live, such as a copy of one freed before, is AITHER_UNKNOWN_TEXT.

 # Safety
 `text` is null or points to an aither_text.
 */
aither_status aither_text_free(aither_text *text);

/*
 The version of the interface that the library has; must equal AITHER_ABI_VERSION of the header
 the caller was made for.
 */
uint32_t aither_abi_version(void);

/*
 Answers {"version", "abi"}.

 # Safety
 `out` is null or valid for writing.
 */
aither_status aither_version(aither_text *out);

/*
 Expands a matrix: {"matrix": {…}, "limit"?} to {"combinations": [{"id", "values"}], "warnings"}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_matrix_expand(const uint8_t *data, size_t len, aither_text *out);

/*
 Resolves a sequence: {"root", "sequence": ["…"]} to {"scripts": [Script], "folder"}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_sequence_resolve(const uint8_t *data, size_t len, aither_text *out);

/*
 Makes a cache key: {"scripts": [{"number", "name"?, "path"?}], "variables"?} to {"key"}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_cache_key(const uint8_t *data, size_t len, aither_text *out);

/*
 Makes a cache key and says what went into it: as aither_cache_key, to {"key", "format", "scripts":
 [{"number", "name", "digest"}], "variables"}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_cache_explain(const uint8_t *data, size_t len, aither_text *out);

/*
 Makes a plan: a PlanRequest to a Plan. Starts and writes nothing.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_plan(const uint8_t *data, size_t len, aither_text *out);

/*
 Finds a playbook by name, or all: {"root", "name"?} to {"playbooks": [{"name", "path"}]}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_playbook_find(const uint8_t *data, size_t len, aither_text *out);

/*
 Reads a playbook: {"text" or "document", "path"?, "source"?, "check"?, "stages"?} to {"playbook",
 "stageCount", "warnings": [{"path", "message", "line"}]}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_playbook_parse(const uint8_t *data, size_t len, aither_text *out);

/*
 Evaluates a condition or expression: {"expression", "variables"?, "environment"?, "root"?} to
 {"value", "holds"}. The text is data: nothing is executed.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_expression_evaluate(const uint8_t *data, size_t len, aither_text *out);

/*
 Starts a run of {"plan": Plan, "events"?: ["JobFinished", …], "journal"?, "secrets"?} and stores its
 key in `run`. Answers {"runId", "resumedFrom", "kept"}. Every run is freed with aither_run_free.

 # Safety
 `data` is valid for reading `len` bytes; `run` is valid for writing; `out` is null or valid for
 writing.
 */
aither_status aither_run_start(const uint8_t *data,
                               size_t len,
                               uint64_t *run,
                               aither_text *out);

/*
 Waits for a job to run and claims it: AITHER_OK with {"job", "number", "path", "attempt",
 "parameters", "matrix"}; AITHER_END when the run needs no more workers; AITHER_TIMEOUT after
 `timeout_ms`. A negative time waits without end. Every job taken is given back with
 aither_run_finish_job.

 # Safety
 `out` is null or valid for writing.
 */
aither_status aither_run_next_job(uint64_t run, int64_t timeout_ms, aither_text *out);

/*
 Takes whole lines that a job wrote. `stream` as in PowerShell: 1 output, 2 error, 3 warning,
 4 verbose, 5 debug, 6 information.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_run_log(uint64_t run,
                             uint64_t job,
                             uint8_t stream,
                             const uint8_t *data,
                             size_t len,
                             aither_text *out);

/*
 Sets an output of a job. The value is JSON.

 # Safety
 `name` is valid for reading `name_len` bytes and `value` for `value_len`; `out` is null or valid
 for writing.
 */
aither_status aither_run_output(uint64_t run,
                                uint64_t job,
                                const uint8_t *name,
                                size_t name_len,
                                const uint8_t *value,
                                size_t value_len,
                                aither_text *out);

/*
 Gives a job back that aither_run_next_job handed out, with a Report: {"exitCode", "error"?,
 "errors"?, "stopped"?}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_run_finish_job(uint64_t run,
                                    uint64_t job,
                                    const uint8_t *data,
                                    size_t len,
                                    aither_text *out);

/*
 Waits for events: AITHER_OK with {"events", "workers", "done", "total"}; AITHER_END
 after the last; AITHER_TIMEOUT after `timeout_ms`. An event is handed out once, so a run has one
 reader.

 # Safety
 `out` is null or valid for writing.
 */
aither_status aither_run_events(uint64_t run, uint32_t timeout_ms, aither_text *out);

/*
 Ends a run early: no further job starts, and those that run are asked to stop. No effect on a
 run that has ended.

 # Safety
 `out` is null or valid for writing.
 */
aither_status aither_run_cancel(uint64_t run, aither_text *out);

/*
 Answers the Result so far; complete once RunFinished has been seen.

 # Safety
 `out` is null or valid for writing.
 */
aither_status aither_run_result(uint64_t run, aither_text *out);

/*
 Hands out what a job that ran as a process has put out, once: {"text", "objects"}, or null of
 other jobs. `text` has the lines of its standard output, `objects` what a PowerShell script put
 out, as CLIXML, or null.

 # Safety
 `out` is null or valid for writing.
 */
aither_status aither_run_job_output(uint64_t run, uint64_t job, aither_text *out);

/*
 Cancels what is left of a run and forgets it. Workers that wait for a job get AITHER_END.
 */
aither_status aither_run_free(uint64_t run);

/*
 Lists the recorded runs of a project, the newest first: {"root"} to {"runs": [RecordedSummary]}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_runs_list(const uint8_t *data, size_t len, aither_text *out);

/*
 Shows a recorded run: {"root", "id"} to a RecordedRun. `id` may be "Last".

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_runs_show(const uint8_t *data, size_t len, aither_text *out);

/*
 Says what a run would take over from the one that it resumes, and starts nothing: the request of
 aither_run_start to {"resumedFrom", "done": [job]}.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_runs_resume(const uint8_t *data, size_t len, aither_text *out);

/*
 Removes what is recorded of a run that has ended: {"root", "id"} to no text.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_runs_remove(const uint8_t *data, size_t len, aither_text *out);

/*
 Reads a job's log: {"root", "id", "number", "from"?, "most"?} to {"lines": [{"stream", "text"}],
 "next", "ended", "path"}. `next` is where to go on, `from` of the next call. Once `ended` is true
 and no lines came, there are no more.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_runs_log(const uint8_t *data, size_t len, aither_text *out);

/*
 Starts something that may take long and stores its key in `task`. The request is an object with
 one field, whose name says what is to be done; docs/c-abi.md lists them. Every task is freed with
 aither_task_free.

 # Safety
 `data` is valid for reading `len` bytes; `task` is valid for writing; `out` is null or valid for
 writing.
 */
aither_status aither_task_start(const uint8_t *data, size_t len, uint64_t *task, aither_text *out);

/*
 Waits for a task: AITHER_OK with its answer, AITHER_REJECTED with its error, AITHER_TIMEOUT after
 `timeout_ms`. The answer is handed out once.

 # Safety
 `out` is null or valid for writing.
 */
aither_status aither_task_wait(uint64_t task, uint32_t timeout_ms, aither_text *out);

/*
 Forgets a task. One that goes on does so, and its answer is lost.
 */
aither_status aither_task_free(uint64_t task);

/*
 Writes a report: {"format", "document", "target"?} to {"path": "…"}, or to {"text": "…"} where
 there is no target. A file is there whole or not at all.

 # Safety
 `data` is valid for reading `len` bytes; `out` is null or valid for writing.
 */
aither_status aither_report_write(const uint8_t *data, size_t len, aither_text *out);

#ifdef __cplusplus
} // extern "C"
#endif // __cplusplus

#endif /* AITHER_ORCHESTRATION_H */
