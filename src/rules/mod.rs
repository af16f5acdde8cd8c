//! The rules: one statement of the protocol each, judged on one transcript.
//!
//! A rule is an observer. It sees the messages that it asked for, keeps O(streams), and concludes once the launch has
//! ended. It neither launches nor renders: it reports violations, and its page, the doc comment of its file, is what
//! `explain` and every report show.

mod described;
mod finding;
mod form;
mod judge;
mod keys;
mod leaks;
mod oddities;
mod page;
mod rule;
mod scene;
mod typed;

pub use described::Described;
pub use finding::{Evidence, Finding, Findings, Level, Violation};
pub use form::FormPlace;
pub use judge::{Judge, Judged, Outcome};
pub use page::Page;
pub(crate) use rule::rule;
pub use rule::{About, Applies, Authority, Observer, Rule, Statement, Watch};
pub use scene::{Ending, Look, Scene, SceneStream};

/// Declares the file of each rule and lists it: one line for a rule, in the order of reports.
macro_rules! registry {
    ($($family:ident { $($file:ident,)+ })+) => {
        $(mod $family { $(pub(super) mod $file;)+ })+

        /// Every rule, by family and code.
        pub static ALL: &[&Rule] = &[$($(&$family::$file::RULE,)+)+];
    };
}

registry! {
    cli {
        spec_command_fails,
        command_does_not_end_cleanly,
        failed_read_exits_zero,
        entrypoint_variable_wrong,
        image_runs_as_root,
    }
    line {
        message_spread_over_lines,
        trailing_data,
        line_is_no_message,
        output_not_utf8,
        last_line_cut_off,
        number_not_finite,
        member_stands_twice,
        unpaired_surrogate,
        nul_character,
        message_too_long,
        extreme_json,
        unknown_message_type,
        required_member_missing,
        line_end_unusual,
        message_out_of_place,
    }
    log {
        log_level_unknown,
        error_log_in_success,
    }
    spec {
        no_single_spec,
        spec_schema_invalid,
        spec_root_not_an_object,
        required_property_undeclared,
        default_not_allowed,
        example_not_allowed,
        pattern_unusable,
        pattern_refuses_own_values,
        date_format_without_pattern,
        title_or_description_missing,
        order_not_unique,
        group_misplaced,
        form_keyword_wrong,
        secret_not_marked,
        secret_not_a_single_value,
        multiline_missing,
        url_not_absolute,
        protocol_version_unusable,
        config_violates_spec,
        image_labels_wrong,
    }
    check {
        good_config_refused,
        wrong_config_not_refused,
        succeeded_beside_error,
    }
    discover {
        no_single_catalog,
        empty_catalog,
        duplicate_stream,
        stream_names_collide,
        stream_name_unusable,
        stream_schema_not_an_object,
        sync_modes_invalid,
        no_possible_cursor,
        default_cursor_missing,
        cursor_not_in_schema,
        cursor_without_order,
        primary_key_not_in_schema,
        primary_key_not_scalar,
        no_primary_key,
        resumable_without_cursor_flag,
        incremental_not_resumable,
        namespaces_mixed,
        files_announced_not_sent,
        additional_properties_closed,
        data_during_discover,
        failed_discover_unclear,
        name_not_text,
        reserved_field_name,
        field_names_differ_in_case,
    }
    schema {
        stream_schema_invalid,
    }
    read {
        stream_not_configured,
        record_namespace_wrong,
        record_data_empty,
        emitted_at_wrong,
        emitted_at_off_the_clock,
        record_violates_schema,
        undeclared_field,
        nested_field_undeclared,
        record_of_another_level,
        field_never_filled,
        primary_key_empty,
        primary_key_repeated,
        long_silence,
        changes_wrong,
        change_of_another,
        cdc_fields_wrong,
        records_behind_checkpoint,
    }
    types {
        not_a_boolean,
        not_a_date,
        timestamp_lacks_zone_or_form,
        timestamp_has_zone,
        time_malformed,
        zones_mixed,
        integer_with_fraction,
        integer_too_large,
        number_beyond_double,
        not_a_number,
        null_undeclared,
        not_base64,
        text_damaged,
        type_changes,
        union_unmatched,
    }
    state {
        state_misshapen,
        legacy_state,
        state_types_mixed,
        state_of_unknown_stream,
        stream_listed_twice,
        stream_not_in_global_state,
        state_not_an_object,
        state_empty,
        stream_without_state,
        records_after_last_state,
        state_does_not_move,
        state_repeated,
        record_count_missing,
        record_count_wrong,
        record_count_form,
        record_counts_do_not_add_up,
        platform_members_invented,
        state_too_large,
        checkpoints_far_apart,
        secret_in_state,
        cursor_in_the_future,
        cursor_goes_back,
        namespace_emptiness,
    }
    status {
        no_stream_status,
        status_order_wrong,
        running_comes_late,
        output_after_terminal_status,
        complete_before_last_state,
        failed_stream_not_told,
        stream_not_complete,
        failure_with_all_complete,
        complete_of_unknown_stream,
        status_namespace_wrong,
        empty_stream_not_running,
        reasons_misshapen,
    }
    trace {
        failure_without_error_trace,
        trace_incomplete,
        error_trace_in_successful_read,
        estimates_mixed,
    }
    sec {
        secret_in_output,
        encoded_secret_in_output,
        secret_in_command_line,
        secret_in_record,
    }
}

/// The rule of that code or name, in whatever case.
pub fn find(word: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(word) || rule.name.eq_ignore_ascii_case(word))
}
