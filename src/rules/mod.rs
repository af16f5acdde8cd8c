//! The rules: one statement of the protocol each, judged on one transcript.
//!
//! A rule is an observer. It sees the messages that it asked for, keeps O(streams), and concludes once the launch has
//! ended. It neither launches nor renders: it reports violations, and its page, the doc comment of its file, is what
//! `explain` and every report show.

mod absent;
mod conceal;
mod config_form;
mod described;
mod echo;
mod ending;
mod finding;
mod form;
mod judge;
mod keys;
mod last_words;
mod leaks;
mod log_lines;
mod metadata;
mod oauth;
mod oddities;
mod page;
mod rule;
mod scene;
mod stock_text;
mod typed;
mod user_text;
mod violated;

pub use conceal::{conceal, conceal_stream};
pub use described::Described;
pub use ending::Ending;
pub use finding::{Evidence, Finding, Findings, Level, Violation};
pub use form::FormPlace;
pub use judge::{Judge, Judged, Outcome};
pub use page::Page;
pub(crate) use rule::rule;
pub use rule::{About, Applies, Authority, Observer, Rule, Statement, Watch};
pub use scene::{Look, Scene, SceneStream};

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
        message_on_stderr,
    }
    line {
        message_spread_over_lines,
        trailing_data,
        line_is_no_message,
        output_not_utf8,
        last_line_cut_off,
        message_torn,
        number_not_finite,
        member_stands_twice,
        unpaired_surrogate,
        nul_character,
        message_too_long,
        extreme_json,
        unknown_message_type,
        required_member_missing,
        payload_beside,
        line_end_unusual,
        message_out_of_place,
    }
    log {
        log_level_unknown,
        log_as_plain_text,
        records_in_logs,
        log_of_great_size,
        error_log_in_success,
        log_spread_over_lines,
    }
    spec {
        no_single_spec,
        spec_comes_late,
        spec_schema_invalid,
        spec_root_not_an_object,
        reference_not_resolved,
        forbidden_keyword,
        enum_value_repeated,
        one_of_without_object_type,
        branch_without_properties,
        no_single_discriminator,
        discriminator_contradicted,
        discriminator_not_required,
        property_of_several_types,
        object_without_fields,
        array_items_unsupported,
        spec_additional_properties_closed,
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
        destination_sync_modes_invalid,
        destination_flags_in_source,
        old_auth_specification,
        auth_flow_type_unknown,
        oauth_never_applies,
        oauth_path_leads_nowhere,
        oauth_output_not_asked_for,
        oauth_schema_not_flat,
        oauth_input_incomplete,
        oauth_output_not_secret,
        config_violates_spec,
        hidden_property_required,
        bounds_contradict,
        oauth_not_default,
        image_labels_wrong,
    }
    check {
        good_config_refused,
        wrong_config_not_refused,
        refusal_unclear,
        crash_unexplained,
        succeeded_beside_error,
        data_during_check,
    }
    discover {
        no_single_catalog,
        empty_catalog,
        duplicate_stream,
        stream_names_collide,
        stream_name_unusable,
        stream_schema_not_an_object,
        sync_modes_invalid,
        full_refresh_not_offered,
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
        catalog_very_large,
        name_not_text,
        reserved_field_name,
        field_names_differ_in_case,
    }
    schema {
        stream_schema_invalid,
        reference_unresolved,
        keyword_unsupported,
        any_of_for_union,
        field_without_type,
        type_unknown,
        field_of_several_types,
        airbyte_type_unknown,
        airbyte_type_misplaced,
        zone_not_declared,
        date_with_time,
        absent_field_not_nullable,
        array_items_untyped,
        object_without_properties,
        id_beside_keywords,
        constraint_too_tight,
        field_beside_document,
        schema_nested_deeply,
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
        file_not_asked_for,
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
        failed_stream_said_complete,
        secret_in_state,
        cursor_in_the_future,
        cursor_goes_back,
        namespace_emptiness,
        too_few_states,
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
        failure_type_unknown,
        error_message_unclear,
        error_without_stream,
        error_trace_in_successful_read,
        summary_blames_config,
        estimates_mixed,
        estimate_without_numbers,
        estimate_comes_late,
        estimate_far_off,
        analytics_misshapen,
    }
    control {
        control_misshapen,
        control_violates_spec,
        control_incomplete,
        control_changes_nothing,
        control_has_internal_keys,
    }
    sec {
        secret_in_output,
        encoded_secret_in_output,
        session_token_in_output,
        secret_in_command_line,
        secret_in_record,
    }
    meta {
        metadata_incomplete,
        version_not_semantic,
        repository_wrong,
        metadata_word_unknown,
        definition_id_wrong,
        tags_misshapen,
        allowed_hosts_missing,
        allowed_host_misshapen,
        suggested_streams_missing,
        suggested_stream_unknown,
        certified_stream_without_key,
        breaking_change_misshapen,
        major_version_unannounced,
        rollout_contradicts_version,
        base_image_not_pinned,
        documentation_not_found,
        documentation_headings_wrong,
        prerequisites_incomplete,
        changelog_lacks_version,
        icon_missing,
        stock_text_changed,
        documentation_link_dead,
    }
    dest {
        write_fails,
        state_never_sent,
        state_kept_back,
        state_changed,
        destination_count_wrong,
        record_comes_back,
    }
}

/// The rule of that code or name, in whatever case.
pub fn find(word: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(word) || rule.name.eq_ignore_ascii_case(word))
}
