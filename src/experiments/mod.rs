//! Experiments: what only several launches together can show.
//!
//! An experiment asks for launches and is judged on what they left behind (see [`trail`]), not on their output. It proves
//! a fault, finds none, or says why it can't tell; a doubt is never a fault.

mod abnormal;
mod altered;
mod altered_verdict;
mod answer;
mod beside;
mod breaking;
mod broken_off;
mod budget;
mod changed;
mod compared_records;
mod compat_findings;
mod control;
mod decoration;
mod deduplicated;
mod difference;
mod experiment;
mod future_read;
mod half_state;
mod halfway;
mod handover;
mod killed_write;
mod lab;
mod moments;
pub mod pipe;
mod plain_write;
mod refreshes;
mod restored;
mod resume;
mod same_records;
mod state_file;
mod state_forms;
mod state_shape;
mod stored_rows;
mod stored_values;
mod strike;
mod target_streams;
pub mod trail;
mod typed_values;
mod writing;
mod written;

pub use answer::Answer;
pub use budget::{Occasion, launches_of, most_of};
pub use experiment::{Conclusion, Experiment, Fault, Launches};
pub use lab::{Base, Halt, Lab, Ran, Stored};

use crate::baseline::STATEMENTS;
use crate::rules::{self, Statement};

/// Declares the file of each experiment and lists it, in the order in which they are made.
macro_rules! registry {
    ($($family:ident { $($file:ident,)+ })+) => {
        $(mod $family { $(pub(super) mod $file;)+ })+

        /// Every experiment.
        pub static ALL: &[&Experiment] = &[$($(&$family::$file::EXPERIMENT,)+)+];
    };
}

registry! {
    config {
        check_promises,
        spec_changes,
        catalog_changes,
        unreadable_config,
        wrong_config,
        unknown_fields,
        verdict_changes,
        unreachable_host,
    }
    catalog {
        reads_alike,
        emitted_at_goes_back,
        full_refresh_with_state,
        mode_invalid,
        missing_stream,
        one_stream_alone,
        unknown_members,
        extra_property,
        fewer_properties,
        mode_unsupported,
        other_cursor,
        no_cursor,
        no_streams,
    }
    state {
        reads_again,
        no_loss,
        empty_state,
        nothing_to_resume,
        final_state_settles,
        new_stream_reads_all,
        new_stream_of_global,
        deselected_stream,
        state_rewritten,
        state_decorated,
        abnormal_state,
        state_grows,
        full_refresh_resumes,
        full_refresh_over,
        null_cursors,
        cursor_changed,
        stream_twice,
        checkpoint_density,
        columns_change,
    }
    changes {
        change_missed_after_read,
        change_missed_during_read,
        change_leaves_no_trace,
    }
    process {
        killed,
        terminated,
        stdin_open,
        odd_file_names,
        another_folder,
        wrong_arguments,
        no_state_file,
        slow_reader,
        reader_goes_away,
        two_at_once,
        sandbox,
        usage,
    }
    expected {
        strict_gaps,
        strict_streams,
        specification_differs,
        records_missing,
        future_state_not_last,
        cursor_form_changes,
        file_kind_missing,
        catalog_stream_unknown,
        stream_without_records,
    }
    versions {
        breaks_former_configs,
        breaks_former_connections,
    }
    destination {
        acknowledged_not_durable,
        states_come_late,
        broken_lines,
        other_messages,
        unknown_stream,
        undeclared_fields,
        invalid_values,
        types_not_kept,
        overwrite_keeps,
        append_loses,
        dedup_wrong,
        refresh_not_resumed,
        metadata_wrong,
        without_generation,
        mode_not_offered,
        ended_without_status,
        incomplete_stream,
        namesakes_mixed,
        odd_names,
        schema_change,
        replay_duplicates,
        nothing_to_write,
        mixed_states,
        early_state,
        large_record,
        odd_characters,
        crash_not_recovered,
        storage_outage,
        many_streams,
        own_data_lost,
    }
    compat {
        specification_changed,
        catalog_changed,
        outcome_changed,
        records_changed,
        states_changed,
        upgrade_lost,
        rollback_lost,
        resources_changed,
        version_too_small,
    }
}

/// The experiment that writes the author's own data.
pub const OWN_DATA: &str = "DEST-036";

/// The experiments whose writes are the plainest that rules judge: no suite makes one by itself.
pub const JUDGED_WRITES: [&str; 2] = ["DEST-015", "DEST-018"];

/// The experiment of that code.
pub fn find_experiment(code: &str) -> Option<&'static Experiment> {
    ALL.iter().copied().find(|known| known.statement.code == code)
}

/// The rule or experiment of that code or name, in whatever case.
pub fn find_statement(word: &str) -> Option<Statement> {
    let experiment = ALL
        .iter()
        .map(|known| known.statement)
        .chain(STATEMENTS.iter().chain(pipe::STATEMENTS).copied())
        .find(|statement| statement.code.eq_ignore_ascii_case(word) || statement.name.eq_ignore_ascii_case(word));
    rules::find(word).map(rules::Rule::statement).or(experiment)
}

/// Every rule and experiment, in the order of reports.
pub fn all_statements() -> impl Iterator<Item = Statement> {
    let experiments = ALL.iter().map(|known| known.statement);
    let others = STATEMENTS.iter().chain(pipe::STATEMENTS).copied();
    let mut all: Vec<Statement> =
        rules::ALL.iter().map(|rule| rule.statement()).chain(experiments).chain(others).collect();
    // A family is listed once, whoever judges by its statements.
    let families: Vec<&str> = all.iter().map(|statement| statement.family()).collect();
    let place = |statement: &Statement| families.iter().position(|family| *family == statement.family());
    all.sort_by_cached_key(|statement| (place(statement), statement.code));
    all.into_iter()
}
