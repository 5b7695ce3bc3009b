//! Numbers as text.

/// A finished page in which whatever cannot be seen, or turns the direction of writing, is written out as `\u202e`: that reads the same in text, and means
/// the same in the page's data, which is JSON.
pub fn seen(page: String) -> String {
    // Line ends and tabs are spaces to a browser.
    let shown_as_it_is = |c: char| matches!(c, ' '..='~' | '\n' | '\r' | '\t');
    let escaped = |c: char| {
        !shown_as_it_is(c) && matches!(files::printable(c.encode_utf8(&mut [0; 4])), std::borrow::Cow::Owned(_))
    };
    if !page.contains(escaped) {
        return page;
    }
    let mut shown = String::with_capacity(page.len() + 64);
    for c in page.chars() {
        if escaped(c) { shown += &files::printable_json(c.encode_utf8(&mut [0; 4])) } else { shown.push(c) }
    }
    shown
}

/// A fraction as a percentage with one decimal, without the sign: `34.7`; `n/a` if not a number.
pub fn percent(x: f64) -> String {
    // Adding 0.0 turns a negative zero into a positive one.
    if x.is_finite() { format!("{:.1}", x * 100.0 + 0.0) } else { "n/a".into() }
}

/// A difference of fractions in percentage points, signed with a true minus: `−12.3`, `+0.4`; `n/a` if not a number.
pub fn points(x: f64) -> String {
    if x.is_finite() { signed(format!("{:+.1}", x * 100.0 + 0.0)) } else { "n/a".into() }
}

/// Replaces the hyphen of a formatted number by a minus sign, and drops the sign of zero.
pub fn signed(number: String) -> String {
    let is_zero = number.chars().all(|c| matches!(c, '+' | '-' | '0' | '.'));
    if is_zero { number.replace(['+', '-'], "") } else { number.replace('-', "−") }
}

/// An interval of fractions in %: `31.2 to 38.4`.
pub fn interval(low: f64, high: f64) -> String {
    format!("{} to {}", percent(low), percent(high))
}

/// `1 pair`, `2 pairs`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// At most two decimals, with a true minus; `n/a` if not a number.
pub fn number(x: f64) -> String {
    if !x.is_finite() {
        return "n/a".into();
    }
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.replace('-', "−") }
}

/// A p value: `0.034`, `< 0.001`; a dash where there is none.
pub fn p(p: Option<f64>) -> String {
    match p {
        Some(p) if !p.is_finite() => "n/a".into(),
        Some(p) if p < 0.0005 => "< 0.001".into(),
        Some(p) => format!("{p:.3}"),
        None => "–".into(),
    }
}

/// At most `limit` characters of a label, the last an ellipsis if some were cut.
pub fn shortened(label: &str, limit: usize) -> String {
    if label.chars().count() <= limit {
        return label.to_owned();
    }
    label.chars().take(limit - 1).chain(['…']).collect()
}

/// `a, b and c`, of what is already text.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// How the effects of a claim are told. Shares of 1 are told in points: hundredths.
pub struct Unit {
    factor: f64,
    /// What the told numbers are numbers of.
    pub name: String,
}

impl Unit {
    /// By the name of the unit in a summary.
    pub fn of(unit: &str) -> Unit {
        match unit.strip_prefix("score") {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => {
                Unit { factor: 100.0, name: format!("points of score{rest}") }
            }
            _ => Unit { factor: 1.0, name: unit.to_owned() },
        }
    }

    /// Points of score, as costs are told.
    pub fn points() -> Unit {
        Unit::of("score")
    }

    /// About three digits.
    fn told(&self, x: f64, sign: bool) -> String {
        if !x.is_finite() {
            return "n/a".into();
        }
        let x = x * self.factor + 0.0;
        let decimals = match x.abs() {
            _ if self.factor > 1.0 => 1,
            size if size >= 100.0 => 0,
            size if size >= 10.0 => 1,
            size if size >= 1.0 => 2,
            _ => 3,
        };
        signed(if sign { format!("{x:+.decimals$}") } else { format!("{x:.decimals$}") })
    }

    /// A signed effect.
    pub fn effect(&self, x: f64) -> String {
        self.told(x, true)
    }

    /// The size of an effect; a dash where there is none.
    pub fn size(&self, x: Option<f64>) -> String {
        x.map_or("–".into(), |x| self.told(x.abs(), false))
    }

    /// An effect with its interval: `+12.3 (+9.0 to +15.6)`; a dash where there is none.
    pub fn with_interval(&self, x: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
        match (x, low, high) {
            (Some(x), Some(low), Some(high)) => {
                format!("{} ({} to {})", self.effect(x), self.effect(low), self.effect(high))
            }
            (Some(x), ..) => format!("{} (no interval)", self.effect(x)),
            (None, ..) => "–".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_in_points_and_the_rest_as_it_is() {
        let points = Unit::of("score per doubling");
        assert_eq!(points.name, "points of score per doubling");
        assert_eq!(points.with_interval(Some(-0.1234), Some(-0.2), Some(0.0)), "−12.3 (−20.0 to 0.0)");
        let games = Unit::of("scored games");
        assert_eq!((games.name.as_str(), games.effect(1234.4)), ("scored games", "+1234".to_owned()));
        assert_eq!(games.size(Some(-0.0461)), "0.046");
        assert_eq!(games.with_interval(None, Some(1.0), None), "–");
        assert_eq!(games.with_interval(Some(0.5), None, None), "+0.500 (no interval)");
    }

    #[test]
    fn numbers_have_true_minuses_and_no_negative_zero() {
        assert_eq!((points(-0.123), points(-0.0), points(f64::NAN)), ("−12.3".into(), "0.0".into(), "n/a".into()));
        assert_eq!((number(-1.5), number(-0.001), number(3.0)), ("−1.5".into(), "0".into(), "3".into()));
        assert_eq!((p(Some(0.0001)), p(Some(0.034)), p(None)), ("< 0.001".into(), "0.034".into(), "–".into()));
    }
}
