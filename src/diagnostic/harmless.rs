//! What authors wrote, so that it can be shown without doing harm: nothing hides, moves or reorders what stands around it.

/// A character without meaning, which is shown of no text, so that the renderer of excerpts can hold a place with it.
pub(super) const PLACEHOLDER: char = '\u{e000}';

/// The text with a visible sign for each character that could hide or reorder what stands around it. Characters that
/// the renderer of excerpts deals with itself, and joiners, without which some scripts cannot be read, stay.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

/// Text for a message: harmless, and on one line.
pub(super) fn harmless_line(text: &str) -> String {
    let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    harmless(text).replace(['\n', '\t'], " ").chars().map(visible).collect()
}

/// JSON with an escape for each character that could do harm to who reads it as text. What a program reads is the same,
/// so that a file can be found by its name, however odd.
pub(super) fn harmless_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        // Such characters stand within strings only. All are of the basic plane, so that one escape is enough.
        if is_unsafe(c) || c == '\u{7f}' {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn is_unsafe(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | PLACEHOLDER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_without_signs_that_are_not_seen() {
        let check = |text: &str, expected: &str| assert_eq!(harmless_line(text), expected);
        check("a\tb\nc", "a b c");
        check("\u{1b}[31m\u{202e}red\u{7f}\r", "\u{fffd}[31m\u{fffd}red\u{fffd}\u{fffd}");
        check(
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        );
    }

    #[test]
    fn json_keeps_what_it_says() {
        let odd = "a\u{202e}b\u{1b}\u{85}\u{7f}\u{feff}\u{1f469}";
        let json = serde_json::to_string(odd).unwrap_or_default();
        assert_eq!(harmless_json(&json), "\"a\\u202eb\\u001b\\u0085\\u007f\\ufeff\u{1f469}\"");
        assert_eq!(serde_json::from_str::<String>(&harmless_json(&json)).ok().as_deref(), Some(odd));
    }
}
