//! The table: fault, what it is to break, what fired.

use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::io::Write;

pub struct Row {
    pub name: String,
    pub expected: BTreeSet<String>,
    pub fired: BTreeSet<String>,
}

impl Row {
    fn holds(&self) -> bool {
        self.expected == self.fired
    }

    fn is_healthy(&self) -> bool {
        self.name.starts_with("healthy")
    }

    /// A fault that no rule sees is one that an experiment must catch.
    fn word(&self) -> &'static str {
        match (self.holds(), self.expected.is_empty() && !self.is_healthy()) {
            (false, _) => "NOT SO",
            (true, true) => "unseen",
            (true, false) => "ok",
        }
    }
}

/// Prints the table, those rows last that are not as expected, and fails if there are any.
pub fn judge(rows: Vec<Row>) -> Result<(), Failed> {
    let (good, bad): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.holds());
    let mut text = format!("\n{:<8}{:<48}{:<26}{}\n", "", "fault", "expected", "fired");
    for row in good.iter().chain(&bad) {
        text += &format!("{:<8}{:<48}{:<26}{}\n", row.word(), row.name, listed(&row.expected), listed(&row.fired));
    }
    let healthy = rows.iter().filter(|row| row.is_healthy()).count();
    text += &format!(
        "\n{} faults and {healthy} sources that are healthy: {} as expected, {} not\n",
        rows.len() - healthy,
        good.len(),
        bad.len()
    );
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    match bad.len() {
        0 => Ok(()),
        count => Err(format!("{count} not as expected: see the end of the table").into()),
    }
}

fn listed(codes: &BTreeSet<String>) -> String {
    if codes.is_empty() { "-".to_owned() } else { codes.iter().map(String::as_str).collect::<Vec<_>>().join(" ") }
}
