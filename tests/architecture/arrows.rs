//! Which station may use which.

/// What one station may use of another; everything that is public where the list is empty.
pub struct Arrow {
    pub from: &'static str,
    pub to: &'static str,
    pub only: &'static [&'static str],
}

const fn arrow(from: &'static str, to: &'static str) -> Arrow {
    Arrow { from, to, only: &[] }
}

const fn some(from: &'static str, to: &'static str, only: &'static [&'static str]) -> Arrow {
    Arrow { from, to, only }
}

/// The arrows, each station below those that it may use. Nothing else is allowed, and nothing here is unused.
pub const ARROWS: &[Arrow] = &[
    // Snapshots of streams, by name; and rules beside them in YAML, of which the suite has the reader.
    arrow("baseline", "text"),
    // What the columns of a stored row are called.
    some("suite", "feed", &["Columns"]),
    // Streams, by name, and the modes in which they are written.
    some(
        "feed",
        "protocol",
        &["ConfiguredStream", "Descriptor", "DestinationSyncMode", "items", "members", "pick", "scan"],
    ),
    arrow("suite", "protocol"),
    arrow("suite", "text"),
    // How an experiment wants a launch to be treated.
    some("plan", "launch", &["Handling"]),
    // What it is sent.
    some("plan", "feed", &["Script"]),
    arrow("plan", "protocol"),
    arrow("plan", "suite"),
    // Which command it launches, for its arguments. Of messages a launcher knows nothing.
    some("launch", "protocol", &["Command"]),
    // What goes into stdin, as bytes and waits.
    some("launch", "feed", &["Act", "Pieces", "Script", "Supply"]),
    arrow("launch", "text"),
    // The bytes and the facts, whoever launched: a launcher itself is out of reach of all that judges.
    some("capture", "launch", &["Channel", "Chunk", "Ended", "ExitFacts", "ImageFacts", "Subject"]),
    // What a destination was sent stands with what it was given.
    some("capture", "feed", &["Sent"]),
    arrow("capture", "protocol"),
    arrow("capture", "text"),
    // The decoded output, not the store: a rule reads no transcript from disk.
    some(
        "rules",
        "capture",
        &[
            "Broken",
            "Decoded",
            "Inputs",
            "Line",
            "REDACTED",
            "Secrets",
            "Summary",
            "Watcher",
            "hide_credentials",
            "holds_a_message",
            "is_credential",
        ],
    ),
    // Where a verdict needs all records of a stream: on disk past a budget.
    arrow("rules", "duplicates"),
    some("rules", "launch", &["Channel", "Ended", "ExitFacts", "FolderAccess", "ImageFacts", "Subject"]),
    // The states that were sent, and JSON compared to the last digit.
    some("rules", "feed", &["Exact", "Sent"]),
    arrow("rules", "protocol"),
    arrow("rules", "text"),
    // Two schemas or catalogs, and nothing else.
    arrow("compat", "protocol"),
    // The decoded output of one launch, and what must not get into a file.
    some("baseline", "capture", &["Decoded", "Line", "REDACTED", "Secrets"]),
    some("baseline", "launch", &["ExitFacts"]),
    arrow("baseline", "protocol"),
    // What a statement of baselines is.
    some("baseline", "rules", &["Authority", "Level", "Statement"]),
    // What of a record is made alike.
    some(
        "baseline",
        "suite",
        &["Baselines", "FieldPath", "NormaliseRule", "Normalising", "StreamExceptions", "ValueForm", "plain_yaml"],
    ),
    some("experiments", "capture", &["Decoded", "Line", "REDACTED", "Summary"]),
    // Its statements, which are listed and explained with those of rules and experiments.
    some("experiments", "baseline", &["STATEMENTS"]),
    // Which changes there are, and what they break.
    arrow("experiments", "compat"),
    // How a launch ended, and how it is to be treated.
    some(
        "experiments",
        "launch",
        &["Arguments", "Blow", "Ended", "ExitFacts", "FileNames", "Handling", "Reader", "RecordedRun", "Subject"],
    ),
    // Keys of records and of rows that are held against each other, past a budget on disk.
    arrow("experiments", "duplicates"),
    // What destinations are sent, and what is stored of it.
    arrow("experiments", "feed"),
    // What it asks for.
    some("experiments", "plan", &["Ask", "ConfigFile", "Instead", "Mark", "configs"]),
    arrow("experiments", "protocol"),
    // An experiment's finding is a rule's finding: one kind of evidence, one kind of page.
    arrow("experiments", "rules"),
    // The scenario, and how deep the suite goes.
    some(
        "experiments",
        "suite",
        &[
            "Behaviours",
            "CatalogSource",
            "CdcDelete",
            "Change",
            "Commits",
            "Compare",
            "CursorFormat",
            "Delivered",
            "Depth",
            "Destination",
            "ExpectedRecords",
            "FieldPath",
            "FileTypes",
            "FutureState",
            "Handled",
            "InvalidValue",
            "Namespaces",
            "OwnData",
            "Part",
            "Scenario",
            "Step",
            "StreamException",
            "StreamExceptions",
            "UndeclaredField",
            "UsageLimits",
            "When",
        ],
    ),
    arrow("experiments", "text"),
    // How launches ended and what was launched are part of the results as they are.
    // What several runs come to together is an exit code.
    some("verdict", "exit", &["Exit"]),
    some("verdict", "launch", &["Ended", "ExitFacts", "Subject"]),
    arrow("verdict", "protocol"),
    arrow("verdict", "rules"),
    // What the suite says about levels and waivers, which only verdicts are about.
    some("verdict", "suite", &["Depth", "LevelSetting", "Shard", "Waiver"]),
    arrow("verdict", "text"),
    // The live view alone: results do not exist yet while a run goes on.
    some("report", "engine", &["Event", "Progress"]),
    some("report", "exit", &["Exit"]),
    // A launch that we ended is no pass, whatever was found in it.
    some("report", "launch", &["Ended", "ExitFacts", "MemoryAt"]),
    arrow("report", "protocol"),
    // What is known of a rule and how a finding is told; never what judges.
    some("report", "rules", &["Evidence", "Finding", "Level", "Page", "Statement"]),
    arrow("report", "text"),
    arrow("report", "verdict"),
    // Snapshots of what it saw are compared at the end of a run.
    arrow("engine", "baseline"),
    arrow("engine", "capture"),
    // An interruption, and what a run comes to, are exit codes; the results state them.
    some("engine", "exit", &["Exit"]),
    arrow("engine", "experiments"),
    // What is sent is written beside a case, and what is stored is read.
    arrow("engine", "feed"),
    arrow("engine", "launch"),
    arrow("engine", "plan"),
    arrow("engine", "protocol"),
    arrow("engine", "rules"),
    arrow("engine", "suite"),
    // What a connector says of itself, where no rule judges it.
    arrow("engine", "text"),
    arrow("engine", "verdict"),
    // `judge` reads what is stored or written by hand; the pass over it is the engine's.
    arrow("cli", "baseline"),
    some("cli", "capture", &["Inputs", "StoredTranscript", "TranscriptFile"]),
    arrow("cli", "demo"),
    arrow("cli", "engine"),
    arrow("cli", "exit"),
    arrow("cli", "experiments"),
    // The daemon for `doctor` and `clean`, the sweep and the private folder around a run, and replays.
    arrow("cli", "launch"),
    // `list` shows what would be launched.
    arrow("cli", "plan"),
    some("cli", "protocol", &["Command", "Expect"]),
    arrow("cli", "report"),
    some("cli", "rules", &["Level", "Statement"]),
    arrow("cli", "suite"),
    arrow("cli", "text"),
    arrow("cli", "verdict"),
];
