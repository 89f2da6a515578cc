//! In which windows a part of a sheet holds.

use cssparser::{ParseError, Parser, Token};

use super::Truth;

/// Whether a list of media is that of screens: for sure, for some windows only, or not.
pub(super) fn read(input: &mut Parser<'_>) -> Truth {
    if input.is_exhausted() {
        return Truth::Yes;
    }
    let each = input.parse_comma_separated_ignoring_errors(|input| Ok::<_, ParseError<()>>(one(input)));
    each.into_iter().max().unwrap_or(Truth::No)
}

fn one(input: &mut Parser<'_>) -> Truth {
    let mut holds = Truth::Yes;
    let mut is_negated = false;
    let mut is_first = true;
    while let Ok(token) = input.next().cloned() {
        match token {
            Token::Ident(word) => match &*word.to_ascii_lowercase() {
                "not" => is_negated = true,
                "only" | "and" => {}
                "all" | "screen" if is_first => is_first = false,
                _ if is_first => {
                    holds = Truth::No;
                    is_first = false;
                }
                _ => holds = holds.min(Truth::Perhaps),
            },
            Token::ParenthesisBlock | Token::Function(_) => {
                is_first = false;
                holds = holds.min(Truth::Perhaps);
            }
            _ => holds = holds.min(Truth::Perhaps),
        }
    }
    if is_negated { holds.not() } else { holds }
}

/// Whether `@supports` asks for what browsers have, which they are taken to if it asks whether they do.
pub(super) fn supports(input: &mut Parser<'_>) -> Truth {
    let mut holds = Truth::Yes;
    while let Ok(token) = input.next().cloned() {
        match token {
            // What only some browsers have is asked for to tell them apart.
            Token::Ident(word) if word.eq_ignore_ascii_case("not") || word.starts_with('-') => holds = Truth::Perhaps,
            Token::ParenthesisBlock | Token::Function(_) => {
                let inner = input.parse_nested_block(|input| Ok::<_, ParseError<()>>(supports(input)));
                holds = holds.min(inner.unwrap_or(Truth::Perhaps));
            }
            _ => {}
        }
    }
    holds
}
