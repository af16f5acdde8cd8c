//! What is told of a source that is piped into a destination.

use crate::protocol::Command;
use crate::rules::{Authority, Level, Statement};

macro_rules! statements {
    ($($(#[doc = $line:literal])+ $constant:ident: $code:literal $name:literal;)+) => {
        $(
            $(#[doc = $line])+
            pub(super) const $constant: Statement = Statement {
                code: $code,
                name: $name,
                level: Level::Must,
                commands: &[Command::Write],
                authority: Authority::PlatformBehaviour,
                source: "platform: replication of a source into a destination",
                page: concat!($($line, "\n"),+),
            };
        )+
        /// All of them.
        pub const STATEMENTS: &[Statement] = &[$($constant),+];
    };
}

statements! {
    /// Records that came out of the source are not in the destination.
    ///
    /// # What it checks
    /// `airproof pipe` counts the records of each stream that the source puts out and the destination is given, and the rows that the
    /// suite's reader shows when both have ended: in mode `append` all records of all syncs, in `overwrite` those of the last one, in
    /// `append_dedup` one for each primary key. Streams with deletes, and those of which no key can be compared, are not counted in `append_dedup`.
    ///
    /// # Why it matters
    /// Both connectors ended well and all states came back: on the platform the sync is green, and nobody ever reads these records again.
    ///
    /// # Example
    /// ```text
    /// bad:  `orders` has 1,000 records in mode append, and 999 rows
    /// good: `orders` has 1,000 records in mode append, and 1,000 rows
    /// ```
    ///
    /// # How to mend it
    /// Look at what becomes of the last batch when stdin ends, and of records that the destination takes for broken: none may go without a word.
    /// Where there are too many rows, look for records that are written again after a retry.
    ///
    /// # What Airbyte's tests see
    /// No test puts two connectors together. The platform compares the counts in states, where both sides count.
    RECORDS_LOST: "PIPE-001" "pipe-records-lost";

    /// Keys or values in the destination are not those that came out of the source.
    ///
    /// # What it checks
    /// Of streams with a primary key of whole numbers or plain texts: the set of keys that are stored is the set of keys that came, compared by
    /// digests. A sample of up to a hundred keys is looked at whole: each stored row has the values of a record of its key, in all fields that the
    /// schema declares as text, whole number or boolean without a format. A field that `_airbyte_meta` explains is left.
    ///
    /// # Why it matters
    /// The number of rows is right and the data are wrong: that is found last, by whoever works with them.
    ///
    /// # Example
    /// ```text
    /// bad:  the record of key 7 has "name": "Zoë", its row "Zo?"
    /// good: both have "Zoë"
    /// ```
    ///
    /// # How to mend it
    /// Follow one record on its way: what the source puts out is in the transcript of the read, what is stored is what the reader prints. Text
    /// encodings, numbers beyond 2^53 and names that are cut off are the usual reasons.
    ///
    /// # What Airbyte's tests see
    /// Nothing of it.
    VALUES_DIFFER: "PIPE-002" "pipe-values-differ";

    /// The state that is kept for the next sync is not the last one of the source.
    ///
    /// # What it checks
    /// After each sync that ended well: the last state of each stream that came back from the destination says what the source's last one of that stream
    /// said, to the last digit. What the platform and the destination add (`id`, `destinationStats`) is left out.
    ///
    /// # Why it matters
    /// The next sync begins at another point than the last one ended: it reads again what is stored, or leaves out what is not.
    ///
    /// # Example
    /// ```text
    /// bad:  the source's last state of `orders` has {"id": 1000}, the one that came back last {"id": 900}
    /// good: both have {"id": 1000}
    /// ```
    ///
    /// # How to mend it
    /// Destination: give each state back as it came, in order, the last one before the exit at the latest; DEST-003 and DEST-004 show where.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations compare the last state of a single stream, without a source.
    STATE_DIFFERS: "PIPE-003" "pipe-final-state-differs";

    /// The destination failed on what the source sent, or states did not come back.
    ///
    /// # What it checks
    /// The `write` that is fed by the source ends by itself with exit code 0, and every state that it was given comes back with the `id` that the
    /// platform gave it.
    ///
    /// # Why it matters
    /// Each of the two may conform by itself: the pair is what users run. A sync whose destination fails is red, and one whose states do not come
    /// back begins anew each time.
    ///
    /// # Example
    /// ```text
    /// bad:  the source ended well, the destination with exit code 1: "unknown type: timestamp_without_timezone"
    /// good: both end with exit code 0, and 11 of 11 states came back
    /// ```
    ///
    /// # How to mend it
    /// Read what the destination says in its launch; the messages that it was given stand in the transcript of the read. A status COMPLETE that the
    /// source never sent is a reason for destinations to fail: then mend the source.
    ///
    /// # What Airbyte's tests see
    /// Nothing of it.
    DESTINATION_FAILED: "PIPE-004" "pipe-destination-failed";
}
