//! Keywords that say more about a value than its type does.

use super::vocabulary::CONSTRAINTS;

/// Whether a keyword constrains values beyond their type. Airbyte's types do not: a destination has no place for it.
///
/// `dependencies` says which members an object has, as `required` does, and is no such keyword.
pub fn constrains(keyword: &str) -> bool {
    keyword == "contentMediaType" || (keyword != "dependencies" && CONSTRAINTS.contains(&keyword))
}
