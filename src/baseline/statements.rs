//! What is told of baselines in results: statements like those of rules, though no single launch is judged by them.

use crate::protocol::Command;
use crate::rules::{Authority, Level, Statement};

macro_rules! statements {
    ($($(#[doc = $line:literal])+ $constant:ident: $code:literal $name:literal $level:ident;)+) => {
        $(
            $(#[doc = $line])+
            pub const $constant: Statement = Statement {
                code: $code,
                name: $name,
                level: Level::$level,
                commands: &[Command::Spec, Command::Discover, Command::Read],
                authority: Authority::SuiteAuthor,
                source: "the baselines that the connector's author accepted",
                page: concat!($($line, "\n"),+),
            };
        )+
        /// All of them.
        pub const STATEMENTS: &[Statement] = &[$($constant),+];
    };
}

statements! {
    /// The connector differs from its baseline.
    ///
    /// # What it checks
    /// Where the suite has `baselines`, what each scenario shows is held against what was accepted before: the specification, each stream of
    /// the catalog, some of its records, the fields of all of them, the form of its state, the order of messages, how launches end. Changes of one
    /// shape are one finding, however many streams and records they touch. What the suite normalises makes no difference.
    ///
    /// # Why it matters
    /// A connector that conforms can still have changed under its users. Somebody has to have looked at it.
    ///
    /// # Example
    /// The shape of a stream, where the baseline has `{"type":["integer"]}` for `total`:
    /// ```json
    /// bad:  {"type":["string"]}
    /// good: {"type":["integer"]}
    /// ```
    ///
    /// # How to mend it
    /// Mend the connector; or, where the change is meant, accept it: `airproof review` shows each question with its difference and takes a key,
    /// `airproof accept --only ID` takes one without asking. `--locked` accepts nothing and exits with 5.
    ///
    /// # What Airbyte's tests see
    /// Nothing is kept. Expected records that somebody has written down are compared, field by field.
    DIFFERS: "BASE-001" "baseline-differs" Should;

    /// There is no baseline of something yet.
    ///
    /// # What it checks
    /// Where the suite has `baselines`, each subject that a scenario shows has an accepted one. What is missing is written beside, as pending, and waits for
    /// an answer.
    ///
    /// # Why it matters
    /// Without one nothing is compared: that the run is green says nothing about changes.
    ///
    /// # Example
    /// ```text
    /// bad:  baselines/sandbox/streams/orders/catalog.pending.json, and no catalog.json beside it
    /// good: baselines/sandbox/streams/orders/catalog.json
    /// ```
    ///
    /// # How to mend it
    /// `airproof review`, look at it, accept it, and commit the files.
    ///
    /// # What Airbyte's tests see
    /// Nothing.
    MISSING: "BASE-002" "baseline-missing" Info;

    /// There is a baseline of what is no longer there.
    ///
    /// # What it checks
    /// Each accepted baseline of a scenario that was run as a whole is of something that the scenario shows; and each is of a scenario of the suite.
    ///
    /// # Why it matters
    /// A stream that is gone, a state that no longer comes: that is the greatest change of all.
    ///
    /// # Example
    /// ```text
    /// bad:  baselines/sandbox/streams/refunds/, and `refunds` is no stream of the catalog
    /// good: a folder for each stream that is there
    /// ```
    ///
    /// # How to mend it
    /// Mend the connector, or let it go: `airproof review`, or `airproof accept --stale`.
    ///
    /// # What Airbyte's tests see
    /// Nothing.
    STALE: "BASE-003" "baseline-stale" Should;

    /// A field differs from read to read, and nothing in the suite says so.
    ///
    /// # What it checks
    /// Where the suite has `baselines` and reads twice, records that came in both reads are compared field by field. What differs in at least a tenth
    /// of them is proposed as a rule of `normalize`, with what was seen. Nothing is normalised until the proposal is accepted.
    ///
    /// # Why it matters
    /// A baseline with such a field in it differs in each run, and whoever sees that each time stops looking.
    ///
    /// # Example
    /// ```text
    /// bad:  `exported_at` differed in 1,000 of 1,000 records, and no rule masks it
    /// good: normalize: [{ stream: orders, path: /exported_at, form: date-time }]
    /// ```
    ///
    /// # How to mend it
    /// `airproof review` asks for each; what is accepted is written to `normalize.yml` beside the baselines.
    ///
    /// # What Airbyte's tests see
    /// Nothing: fields have to be named by hand, after a run that failed.
    VOLATILE: "BASE-004" "volatile-field-unmasked" Info;

    /// A secret stands in what would be a baseline.
    ///
    /// # What it checks
    /// No value of the config's secret fields is in a snapshot. Where one is, that snapshot is not made, and nothing of it is written.
    ///
    /// # Why it matters
    /// Baselines are committed.
    ///
    /// # Example
    /// ```text
    /// bad:  a record has the API key in its field `url`
    /// good: no record has it
    /// ```
    ///
    /// # How to mend it
    /// Take it out of what the connector puts out, or name the field under `normalize` with `replace: true`.
    ///
    /// # What Airbyte's tests see
    /// Nothing.
    SECRET: "BASE-005" "secret-in-baseline" Should;
}
