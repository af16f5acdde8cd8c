//! A badge: `badge.svg` to be shown as it is, `badge.json` for whoever draws it (shields.io's endpoint).

use super::headline::{Tone, headline};
use super::junit::escaped;
use super::wording::line;
use crate::verdict::Results;
use serde_json::json;

/// What stands on the left.
const LABEL: &str = "airproof";

/// How far text is from the edges of its field, in pixels.
const MARGIN: f64 = 6.0;

/// The picture: no font is loaded, and each text is fitted into the width that is estimated for it.
pub fn svg(results: &Results) -> String {
    let (tone, message) = headline(results);
    let message = line(&message, 60);
    let (left, right) = (width(LABEL), width(&message));
    let (split, whole) = (left + 2.0 * MARGIN, left + right + 4.0 * MARGIN);
    let label = text(LABEL, split / 2.0, left);
    let told = text(&message, split + MARGIN + right / 2.0, right);
    let title = escaped(&format!("{LABEL}: {message}"));
    let colour = colour(tone).1;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole:.0}\" height=\"20\" role=\"img\" \
         aria-label=\"{title}\">\n<title>{title}</title>\n<clipPath id=\"r\"><rect width=\"{whole:.0}\" height=\"20\" \
         rx=\"3\"/></clipPath>\n<g clip-path=\"url(#r)\"><rect width=\"{split:.1}\" height=\"20\" fill=\"#444\"/><rect \
         x=\"{split:.1}\" width=\"{:.1}\" height=\"20\" fill=\"{colour}\"/></g>\n<g fill=\"#fff\" text-anchor=\"middle\" \
         font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\n{label}\n{told}\n</g>\n</svg>\n",
        whole - split
    )
}

fn text(text: &str, middle: f64, width: f64) -> String {
    format!("<text x=\"{middle:.1}\" y=\"14\" textLength=\"{width:.1}\">{}</text>", escaped(text))
}

/// What shields.io's endpoint badge reads.
pub fn endpoint(results: &Results) -> String {
    let (tone, message) = headline(results);
    let badge = json!({
        "schemaVersion": 1,
        "label": LABEL,
        "message": line(&message, 60),
        "color": colour(tone).0,
    });
    format!("{badge:#}\n")
}

/// The colour's name for shields.io, and one that white text can be read on.
fn colour(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Good => ("brightgreen", "#217a37"),
        Tone::Mixed => ("yellow", "#8a6100"),
        Tone::Bad => ("red", "#b3261e"),
        Tone::Unknown => ("lightgrey", "#6a6a6a"),
    }
}

/// About how wide a text is in Verdana at 11 pixels.
fn width(text: &str) -> f64 {
    text.chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | ' ' | '.' | ',' | ':' | '\'' => 3.9,
            'f' | 'r' | 't' | '(' | ')' | '-' | '/' => 4.9,
            'm' | 'w' | 'M' | 'W' => 9.9,
            'A'..='Z' => 7.8,
            letter if letter.is_ascii() => 6.8,
            _ => 11.0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_texts_have_more_room() {
        assert!(width("illicit") < width("airproof") && width("airproof") < width("incomplete run"));
    }
}
