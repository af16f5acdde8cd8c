//! What went over the wire in a launch, and a question about a baseline.

use airproof::protocol::Descriptor;
use airproof::verdict::{
    Checkpoint, Course, DifferenceFacts, DifferenceLine, DifferencePiece, QuestionFacts, Wire, WireLine,
};

/// Two lines of stdout with a gap between them and one of stderr; a cursor that goes back; records in three spans.
pub fn wire(stream: &str, text: &str) -> Wire {
    let line = |number, stderr, kind: Option<&str>| WireLine {
        number,
        stderr,
        at: 0.125 * number as f64,
        kind: kind.map(str::to_owned),
        stream: kind.map(|_| Descriptor::named(stream)),
        length: 2_048,
        text: text.to_owned(),
    };
    let point = |message: u64, cursor: &str, goes_back| Checkpoint {
        message,
        at: 2.0,
        stream: Descriptor::named(stream),
        records: message,
        cursor: Some(cursor.to_owned()),
        goes_back,
    };
    Wire {
        lines: vec![line(1, false, Some("RECORD")), line(1, true, None), line(1_042, false, Some("STATE"))],
        checkpoints: vec![point(100, "7", false), point(200, "9", false), point(1_042, "8", true)],
        course: Course { span: 0.5, records: vec![0, 40, 12] },
    }
}

/// A question with one difference.
pub fn question(stream: &str, text: &str) -> QuestionFacts {
    let line = |sign, marked| DifferenceLine {
        sign,
        pieces: vec![
            DifferencePiece { text: "  \"total\": ".to_owned(), marked: false },
            DifferencePiece { text: text.to_owned(), marked },
        ],
    };
    QuestionFacts {
        id: "0a1b2c3d".to_owned(),
        rule: "BASE-001".to_owned(),
        connector: super::CONNECTOR.to_owned(),
        title: format!("a field of `{stream}` has another type"),
        streams: vec![Descriptor::named(stream)],
        places: 14,
        accept: Some("airproof accept --only 0a1b2c3d".to_owned()),
        differences: vec![DifferenceFacts {
            place: format!("shape of {stream}"),
            lines: vec![line(' ', false), line('-', true), line('+', true), line('⋮', false)],
            more: 3,
        }],
    }
}
