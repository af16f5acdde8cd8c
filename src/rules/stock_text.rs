//! The stock texts of the documentation that Airbyte's acceptance tests compare pages with, as far as it takes to know them
//! again.

use sha2::{Digest, Sha256};

/// A line of a stock text: how many bytes lie before, between and after the places of the connector's name, and what
/// SHA-256 over those, a NUL in place of each name, begins with. The texts are Airbyte's own, and are not kept here.
pub(super) type Line = (&'static [usize], u64);

const BLANK: Line = (&[0], 0xe3b0_c442_98fc_1c14);
/// `<HideInUI>` and its end.
const HIDDEN: Line = (&[10], 0xf2e1_47f3_0614_cec6);
const SHOWN: Line = (&[11], 0xeb92_e65a_f9e2_e89c);
/// By heading, where None is the connector's name: the file of the template, and its lines.
pub(super) const SECTIONS: [(Option<&str>, &str, &[Line]); 5] = [
    (None, "source.txt", &[BLANK, HIDDEN, BLANK, (&[70, 19], 0xf314_9050_b0ad_170f), BLANK, SHOWN]),
    (
        Some("For Airbyte Cloud:"),
        "for_airbyte_cloud.txt",
        &[
            BLANK,
            (&[79], 0xe680_28af_c471_15ff),
            (&[57], 0xe59f_b5e1_9876_18c6),
            (&[41, 31], 0x2350_f6bc_ee6f_0869),
            (&[24, 11], 0xeaf1_c67c_4ebe_b13c),
        ],
    ),
    (Some("For Airbyte Open Source:"), "for_airbyte_open_source.txt", &[BLANK, (&[49], 0x1c04_5860_eeda_7607)]),
    (Some("Supported sync modes"), "supported_sync_modes.txt", &[BLANK, (&[4, 123], 0x7bfe_469b_47d3_b14e)]),
    (Some("Tutorials"), "tutorials.txt", &[BLANK, (&[29, 43, 11], 0x57c7_7494_5d05_d902)]),
];
/// Whether a line is that of the template, with the connector's name, and with a link wherever the name has one.
pub(super) fn is_stock(line: &str, name: &str, (lengths, digest): &Line) -> bool {
    let whole: usize = lengths.iter().sum::<usize>() + name.len() * (lengths.len() - 1);
    let linked = line.split_once("](").and_then(|(before, rest)| Some((before, rest.split_once(')')?.1)));
    let without_link = linked.map(|(before, after)| format!("{before}]{after}"));
    let candidate = if line.len() == whole { Some(line) } else { without_link.as_deref() };
    let Some(mut rest) = candidate.filter(|line| line.len() == whole) else { return false };
    let mut hash = Sha256::new();
    for (at, length) in lengths.iter().enumerate() {
        if at > 0 {
            hash.update(b"\0");
            let Some(behind) = rest.strip_prefix(name) else { return false };
            rest = behind;
        }
        let Some((literal, behind)) = rest.split_at_checked(*length) else { return false };
        hash.update(literal);
        rest = behind;
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)) == *digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_again_with_its_names_and_links() {
        let digest = Sha256::digest(b"Read the [\0] guide.");
        let begins = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        let stock: Line = (&[10, 8], begins);
        assert!(is_stock("Read the [Orders](https://orders.example/a) guide.", "Orders", &stock));
        assert!(is_stock("Read the [\u{c9}tat](https://x.example) guide.", "\u{c9}tat", &stock));
        for other in [
            "",
            "Read the [Orders] guide!",
            "Read the [Refund](https://orders.example/a) guide.",
            "Read the [Orders](https://orders.example/a) guide. More.",
            "Read the [\u{c9}\u{c9}\u{c9}](https://orders.example/a) guide.",
        ] {
            assert!(!is_stock(other, "Orders", &stock), "{other}");
        }
        let tags = SECTIONS[0].2;
        assert!(is_stock("", "Orders", &tags[0]) && is_stock("<HideInUI>", "Orders", &tags[1]));
        assert!(is_stock("</HideInUI>", "Orders", &tags[5]) && !is_stock("<HideInUI>", "Orders", &tags[5]));
    }
}
