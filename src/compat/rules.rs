//! Why a change is breaking, behavioural or cosmetic: a rule for each kind of change, with what it rests on.

use super::change::{Class, Step, What};

/// Why a change has its class.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which stays: `field-removed`.
    pub word: &'static str,
    /// What changed.
    pub what: What,
    /// What that does.
    pub class: Class,
    /// What that demands of the version.
    pub step: Step,
    /// In one sentence.
    pub says: &'static str,
    /// The checks of Airbyte's acceptance tests that fail on it: `BS2`, `BD6`.
    pub cat: &'static [&'static str],
    /// What it rests on.
    pub source: &'static str,
}

/// Airbyte's table of changes and version numbers.
const SEMVER: &str = "Airbyte: semantic versioning for connectors (pull request handbook)";
/// Airbyte's definition of a breaking change.
const BREAKS: &str = "Airbyte: managing breaking changes in connectors";
/// What the platform does with configs.
const CONFIGS: &str = "platform: configs outlive versions, and are validated against the new specification";
/// What the platform does with catalogs.
const CATALOGS: &str = "platform: CatalogDiffHelpers";
/// What the protocol says.
const PROTOCOL: &str = "Airbyte protocol";
/// What forms do.
const FORMS: &str = "platform: forms are made from the specification";

macro_rules! rules {
    ($($name:ident $word:literal $what:ident $class:ident $step:ident [$($cat:literal)*] $source:ident $says:literal;)*) => {
        $(
            #[doc = $says]
            pub(in crate::compat) const $name: &Rule = &Rule {
                word: $word,
                what: What::$what,
                class: Class::$class,
                step: Step::$step,
                says: $says,
                cat: &[$($cat),*],
                source: $source,
            };
        )*
        /// Every rule.
        pub const ALL: &[&Rule] = &[$($name),*];
    };
}

rules! {
    // Configs.
    CONFIG_REFUSED "config-refused" Constraint Breaking Major ["BS10"] CONFIGS "a config that was valid is refused";
    STILL_TAKEN "still-taken" Constraint Behavioural Minor [] CONFIGS "every config that was valid still is";
    REQUIRED_FIELD_ADDED "required-field-added" FieldAdded Breaking Major ["BS1" "BS2"] SEMVER "a field is new, and must be given";
    FIELD_ADDED "field-added" FieldAdded Behavioural Minor [] SEMVER "a field is new, and need not be given";
    FIELD_REMOVED "field-removed" FieldRemoved Behavioural Minor ["BS11"] CONFIGS "a field is gone";
    FIELD_REFUSED "field-refused" FieldRemoved Breaking Major ["BS11"] CONFIGS "a field is gone, and no other than the declared ones may be given";
    FIELD_RENAMED "field-renamed" FieldRenamed Behavioural Minor ["BS11"] CONFIGS "a field has another name than before";
    REQUIRED_FIELD_RENAMED "required-field-renamed" FieldRenamed Breaking Major ["BS2" "BS11"] SEMVER "a field that must be given has another name";
    BECAME_REQUIRED "became-required" Required Breaking Major ["BS1" "BS2"] SEMVER "a field must be given that need not be given before";
    NO_LONGER_REQUIRED "no-longer-required" Required Behavioural Minor [] FORMS "a field need not be given any more";
    TYPE_CHANGED "type-changed" Type Breaking Major ["BS3" "BS6"] BREAKS "a field takes other types than before";
    TYPE_NARROWED "type-narrowed" Type Breaking Major ["BS6" "BS7"] BREAKS "a field takes fewer types than before";
    TYPE_WIDENED "type-widened" Type Behavioural Minor [] CONFIGS "a field takes more types than before";
    TYPE_REPLACED "type-replaced" Type Behavioural Minor ["BS3" "BS6"] CONFIGS "a field has another type, which takes all that the former one took";
    VALUES_NARROWED "values-narrowed" Values Breaking Major ["BS8" "BS9"] CONFIGS "a field takes fewer values than before";
    VALUES_WIDENED "values-widened" Values Behavioural Minor [] FORMS "a field takes more values than before";
    PATTERN_NARROWED "pattern-narrowed" Pattern Breaking Major ["BS10"] CONFIGS "a field has a pattern that refuses what was valid before";
    PATTERN_WIDENED "pattern-widened" Pattern Behavioural Minor [] FORMS "a field has a pattern that takes more than before";
    PATTERN_CHANGED "pattern-changed" Pattern Behavioural Minor [] FORMS "a field has another pattern than before";
    BOUNDS_NARROWED "bounds-narrowed" Bounds Breaking Major ["BS10"] CONFIGS "a field has a tighter bound than before";
    BOUNDS_WIDENED "bounds-widened" Bounds Behavioural Minor [] FORMS "a field has a looser bound than before";
    FORMAT_NARROWED "format-narrowed" Format Breaking Major ["BS5"] CONFIGS "a field has a format that refuses what was valid before";
    FORMAT_CHANGED "format-changed" Format Behavioural Minor ["BS5"] FORMS "a field has another format than before, which refuses nothing";
    AIRBYTE_TYPE_CHANGED "airbyte-type-changed" AirbyteType Cosmetic Patch ["BS4"] PROTOCOL "a field of a config has another airbyte_type, which nothing reads there";
    DEFAULT_CHANGED "default-changed" Default Behavioural Minor [] FORMS "a field that is left out means something else than before";
    SECRET_ADDED "secret-added" Secret Behavioural Patch [] PROTOCOL "a field is secret now";
    SECRET_REMOVED "secret-removed" Secret Behavioural Minor [] PROTOCOL "a field is no longer secret: what was hidden is shown";
    BRANCH_REMOVED "branch-removed" Choice Breaking Major ["BS10"] CONFIGS "a branch of a choice is gone";
    BRANCH_ADDED "branch-added" Choice Behavioural Minor [] SEMVER "a choice has a branch more";
    BECAME_CHOICE "became-choice" Choice Breaking Major ["BS10"] SEMVER "a field became a choice, or a choice a field, that does not take what was valid before";
    CHOICE_WIDENED "choice-widened" Choice Behavioural Minor [] CONFIGS "a field became a choice, or a choice a field, that takes what was valid before";
    CLOSED "closed" OtherFields Behavioural Minor [] FORMS "no other fields than the declared ones may be given any more";
    OPENED "opened" OtherFields Cosmetic Patch [] FORMS "other fields than the declared ones may be given now";
    OPEN_SAID "open-said" OtherFields Cosmetic Patch [] FORMS "that other fields may be given is said, or no longer, and true as before";
    CONSTRAINT_NARROWED "constraint-narrowed" Constraint Breaking Major ["BS10"] CONFIGS "a condition refuses what was valid before";
    CONSTRAINT_CHANGED "constraint-changed" Constraint Behavioural Minor [] CONFIGS "a condition is another, and refuses nothing that is known";
    DESCRIPTION "description" Description Cosmetic Patch [] FORMS "a description is another";
    TITLE "title" Title Cosmetic Patch [] FORMS "a title is another";
    ORDER "order" Order Cosmetic Patch [] FORMS "a field stands elsewhere in the form";
    ANNOTATION "annotation" Annotation Cosmetic Patch [] FORMS "a keyword that says nothing about values is another";
    // What a specification says besides.
    OAUTH_ADDED "oauth-added" Oauth Behavioural Minor [] PROTOCOL "OAuth is offered now";
    OAUTH_REMOVED "oauth-removed" Oauth Breaking Major [] BREAKS "OAuth is no longer offered: who used it can't authenticate again";
    OAUTH_CHANGED "oauth-changed" Oauth Behavioural Minor [] PROTOCOL "OAuth works otherwise";
    DESTINATION_MODE_REMOVED "destination-mode-removed" DestinationModes Breaking Major [] PROTOCOL "a destination no longer writes in a mode";
    DESTINATION_MODE_ADDED "destination-mode-added" DestinationModes Behavioural Minor [] PROTOCOL "a destination writes in another mode, too";
    ABILITY_REMOVED "ability-removed" Ability Breaking Major [] PROTOCOL "a connector says that it can no longer do something";
    ABILITY_CHANGED "ability-changed" Ability Behavioural Minor [] PROTOCOL "a connector says something else of what it can do";
    // Streams.
    STREAM_ADDED "stream-added" StreamAdded Behavioural Minor [] SEMVER "a stream is new";
    STREAM_REMOVED "stream-removed" StreamRemoved Breaking Major ["BD1"] SEMVER "a stream is gone";
    STREAM_RENAMED "stream-renamed" StreamRenamed Breaking Major ["BD1"] SEMVER "a stream has another name than before";
    NAMESPACE_CHANGED "namespace-changed" Namespace Breaking Major [] CATALOGS "a stream has another namespace than before";
    COLUMN_ADDED "column-added" FieldAdded Behavioural Minor [] SEMVER "a field of a stream is new";
    COLUMN_REMOVED "column-removed" FieldRemoved Breaking Major ["BD6"] SEMVER "a field of a stream is gone";
    COLUMN_RENAMED "column-renamed" FieldRenamed Breaking Major ["BD6"] SEMVER "a field of a stream has another name than before";
    COLUMN_RETYPED "column-retyped" Type Breaking Major ["BD2" "BD3"] SEMVER "a field of a stream has another type than before";
    COLUMN_SAME_TYPE "column-same-type" Type Behavioural Patch ["BD2" "BD3"] CATALOGS "a field of a stream has another type than before, which comes to the same column";
    NULLABILITY "nullability" Type Behavioural Patch [] CATALOGS "null came or went beside the types of a field; columns take null in any case";
    COLUMN_FORMAT "column-format" Format Breaking Major ["BD4"] SEMVER "a field of a stream has another format than before";
    COLUMN_SAME_FORMAT "column-same-format" Format Behavioural Patch ["BD4"] CATALOGS "a field of a stream has another format than before, which comes to the same column";
    COLUMN_AIRBYTE_TYPE "column-airbyte-type" AirbyteType Breaking Major ["BD5"] SEMVER "a field of a stream has another airbyte_type than before";
    COLUMN_SAME_AIRBYTE_TYPE "column-same-airbyte-type" AirbyteType Behavioural Patch ["BD5"] CATALOGS "a field of a stream has another airbyte_type than before, which comes to the same column";
    RECORDS_CONSTRAINED "records-constrained" Constraint Behavioural Patch [] PROTOCOL "a keyword that destinations do not build columns by is another";
    SYNC_MODE_REMOVED "sync-mode-removed" SyncModes Breaking Major [] CATALOGS "a stream can no longer be read in a mode";
    SYNC_MODE_ADDED "sync-mode-added" SyncModes Behavioural Minor [] SEMVER "a stream can be read in another mode, too";
    KEY_CHANGED "primary-key-changed" PrimaryKey Breaking Major [] CATALOGS "a stream has another primary key than before";
    KEY_REMOVED "primary-key-removed" PrimaryKey Breaking Major [] CATALOGS "a stream no longer has a primary key";
    KEY_SET "primary-key-set" PrimaryKey Behavioural Minor [] CATALOGS "a stream has a primary key now";
    CURSOR_BECAME_USERS "source-defined-cursor-dropped" SourceDefinedCursor Breaking Major [] PROTOCOL "a source no longer chooses the cursor by itself, and names none";
    SOURCE_CURSOR_CHANGED "source-defined-cursor-changed" SourceDefinedCursor Behavioural Minor [] PROTOCOL "whether a source chooses the cursor by itself is otherwise";
    CURSOR_MOVED "default-cursor-changed" DefaultCursor Breaking Major ["BD7"] CATALOGS "a stream has another default cursor than before";
    CURSOR_SET "default-cursor-set" DefaultCursor Behavioural Minor [] CATALOGS "a stream has a default cursor now";
    NOT_RESUMABLE "no-longer-resumable" Resumable Behavioural Minor [] PROTOCOL "a stream can no longer be resumed";
    RESUMABLE "resumable" Resumable Behavioural Minor [] PROTOCOL "a stream can be resumed now";
    FILE_BASED "file-based" FileBased Behavioural Minor [] PROTOCOL "whether a stream delivers files is otherwise";
    STREAM_MEMBER "stream-member" StreamMember Cosmetic Patch [] PROTOCOL "a stream says something else that the protocol does not know";
}
