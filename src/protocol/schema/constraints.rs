//! Keywords that say more about a value than its type does.

/// Whether a keyword constrains values beyond their type. Airbyte's types do not: a destination has no place for it.
pub fn constrains(keyword: &str) -> bool {
    matches!(
        keyword,
        "pattern"
            | "enum"
            | "const"
            | "minLength"
            | "maxLength"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
            | "contains"
            | "minProperties"
            | "maxProperties"
            | "propertyNames"
            | "contentMediaType"
    )
}
