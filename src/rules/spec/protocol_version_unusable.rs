use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// `protocol_version` is no version of the protocol.
    ///
    /// # What it checks
    /// `protocol_version`, where the SPEC has it, is a text of three numbers (`0.2.0`), the first of them 0. What may follow
    /// by the rules of SemVer (`-rc.1`, `+build`) passes. Without it the platform takes 0.2.0.
    ///
    /// # Why it matters
    /// The platform picks by it how to read the connector's messages. What it can't read as a version, or what is outside
    /// of the versions that it supports, keeps the connector from being set up. There has never been a version 1 on the
    /// wire.
    ///
    /// # Example
    /// ```json
    /// bad:  {"protocol_version":"1.0"}
    /// good: {"protocol_version":"0.2.0"}
    /// ```
    ///
    /// # How to mend it
    /// Leave it out, or write `0.2.0`, in quotes. It is neither the connector's version nor that of the library with the
    /// protocol's models.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at it.
    ProtocolVersionUnusable {
        code: "SPEC-031",
        name: "protocol-version-unusable",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification.protocol_version; protocol: versioning",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct ProtocolVersionUnusable;

impl Observer for ProtocolVersionUnusable {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let version = look.specification().and_then(|specification| specification.get("protocol_version"));
        let Some(version) = version.filter(|version| !version.is_null()) else { return };
        let what = match version.as_str().map(major) {
            Some(Some("0")) => return,
            Some(Some(_)) => "is no version that there is",
            Some(None) => "is not of three numbers",
            None => "is no text",
        };
        findings.report("version", || {
            let found = text::json(version, 60);
            Violation::new(format!("`protocol_version` {what}"), format!("`protocol_version` {what}: {found}"))
                .part(look.line, "/spec/protocol_version", version)
                .expected("a text like 0.2.0", found)
        });
    }
}

/// The first number of a version by the rules of SemVer, without zeros before it. None where it is no such version.
fn major(version: &str) -> Option<&str> {
    let (core, rest) = version.split_at(version.find(['-', '+']).unwrap_or(version.len()));
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers: Vec<&str> = core.split('.').take(4).filter(is_number).collect();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-+.".contains(letter);
    let [major, _, _] = numbers[..] else { return None };
    let is_whole = core.split('.').take(4).count() == 3 && rest.chars().all(is_plain);
    is_whole.then(|| major.trim_start_matches('0')).map(|major| if major.is_empty() { "0" } else { major })
}
