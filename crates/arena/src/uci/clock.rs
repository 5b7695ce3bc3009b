//! Time controls: how they are written, and the clock that runs by one.

use std::fmt;
use std::time::Duration;

/// What a time control looks like, for error messages.
pub(crate) const EXPECTED: &str = "BASE+INCREMENT in seconds, together more than 0 (10+0.1, 0+0.5), BASE perhaps as minutes:seconds (1:30+1) or \
                                   for a number of moves (40/10), or inf for no clock";
/// The longest times that can be asked for, in seconds.
const MAX_SECONDS: f64 = 1e6;
/// The most moves of one time control.
const MAX_MOVES: u32 = 10_000;

/// A clock for the game, or for some moves of it, with an increment for each (Fischer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeControl {
    /// Moves after which the time is given again, at least 1; `None` if the time is for the whole game.
    pub moves: Option<u32>,
    /// Milliseconds for the game, or for that many moves. A clock of 0 begins with the increment.
    pub base: u64,
    /// Milliseconds gained with each move.
    pub increment: u64,
}

/// A number of seconds, to the millisecond: digits, and perhaps a decimal point.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let seconds = text.parse::<f64>().ok().filter(|s| plain && (0.0..=MAX_SECONDS).contains(s))?;
    Some(Duration::from_millis((1000.0 * seconds).round() as u64))
}

/// [`seconds`], or minutes, a colon, and seconds.
pub(crate) fn minutes(text: &str) -> Option<Duration> {
    let Some((minutes, rest)) = text.split_once(':') else { return seconds(text) };
    let minutes: u32 = Some(minutes).filter(|m| m.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let time = Duration::from_secs(60 * u64::from(minutes)) + seconds(rest)?;
    (time.as_secs_f64() <= MAX_SECONDS).then_some(time)
}

impl TimeControl {
    /// Reads a time control as cutechess and fastchess write it ([`EXPECTED`]). `Some(None)` stands for a game without a clock,
    /// `None` for text that is no time control.
    pub(crate) fn read(text: &str) -> Option<Option<TimeControl>> {
        if matches!(text, "inf" | "infinite") {
            return Some(None);
        }
        let (moves, rest) = match text.split_once('/') {
            Some((moves, rest)) => {
                let digits = moves.bytes().all(|b| b.is_ascii_digit());
                (Some(moves.parse().ok().filter(|n| digits && (1..=MAX_MOVES).contains(n))?), rest)
            }
            None => (None, text),
        };
        let (base, increment) = rest.split_once('+').unwrap_or((rest, "0"));
        let [base, increment] = [minutes(base)?, seconds(increment)?].map(|time| time.as_millis() as u64);
        (base + increment > 0).then_some(Some(TimeControl { moves, base, increment }))
    }
}

/// Writes a time control in the form in which it is read, in seconds.
impl fmt::Display for TimeControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(moves) = self.moves {
            write!(f, "{moves}/")?;
        }
        let seconds = |ms: u64| ms as f64 / 1000.0;
        write!(f, "{}+{}", seconds(self.base), seconds(self.increment))
    }
}

/// A clock during a game.
#[derive(Clone, Copy, Debug)]
pub(super) struct EngineClock {
    pub(super) control: TimeControl,
    /// Time for the moves to come.
    pub(super) left: Duration,
    /// Moves until the time is given again, the next one included.
    pub(super) moves_to_go: Option<u32>,
}

impl EngineClock {
    /// The clock at the beginning of a game.
    pub(super) fn new(control: TimeControl) -> EngineClock {
        let first = if control.base == 0 { control.increment } else { control.base };
        EngineClock { control, left: Duration::from_millis(first), moves_to_go: control.moves }
    }

    /// Takes the time of a move from the clock.
    pub(super) fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time) + Duration::from_millis(self.control.increment);
        let Some(moves) = &mut self.moves_to_go else { return };
        *moves -= 1;
        if *moves == 0 {
            self.left += Duration::from_millis(self.control.base);
            self.moves_to_go = self.control.moves;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_controls_are_read_as_people_write_them() {
        for (text, moves, base, increment, canonical) in [
            ("10", None, 10_000, 0, "10+0"),
            ("10+0.1", None, 10_000, 100, "10+0.1"),
            ("8+0.08", None, 8000, 80, "8+0.08"),
            ("0+0.5", None, 0, 500, "0+0.5"),
            ("1:30+1", None, 90_000, 1000, "90+1"),
            ("0:30", None, 30_000, 0, "30+0"),
            ("40/10", Some(40), 10_000, 0, "40/10+0"),
            ("40/1:30+0.5", Some(40), 90_000, 500, "40/90+0.5"),
            ("40/0.5", Some(40), 500, 0, "40/0.5+0"),
            ("1/0+1", Some(1), 0, 1000, "1/0+1"),
        ] {
            let control = TimeControl { moves, base, increment };
            assert_eq!(TimeControl::read(text), Some(Some(control)), "{text}");
            assert_eq!(control.to_string(), canonical);
            assert_eq!(TimeControl::read(canonical), Some(Some(control)));
        }
        assert_eq!([TimeControl::read("inf"), TimeControl::read("infinite")], [Some(None), Some(None)]);
        for text in [
            "",
            "0",
            "0+0",
            "40/0",
            "0/10",
            "/10",
            "40/",
            "x",
            "-1",
            "+1",
            "1+",
            "1++1",
            "1+-1",
            "1e3",
            "NaN",
            "1:",
            ":30",
            "1:2:3",
            "1:x",
            "0.5:30",
            "+1:30",
            "40/40/10",
            "-40/10",
            "+40/10",
            "10/5/3",
            "10 + 1",
            "10s",
            "10hg",
            "1+1:30",
            "inf+1",
            "99999999",
            "9999999:0",
            "40000/10",
            "0.0001",
            "10,5",
        ] {
            assert_eq!(TimeControl::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_clock_gives_the_time_again_after_its_moves() {
        let ms = Duration::from_millis;
        let mut clock = EngineClock::new(TimeControl { moves: Some(2), base: 1000, increment: 10 });
        let mut seen = Vec::new();
        for _ in 0..5 {
            seen.push((clock.left, clock.moves_to_go));
            clock.spend(ms(100));
        }
        let expected = [(1000, 2), (910, 1), (1820, 2), (1730, 1), (2640, 2)];
        assert_eq!(seen, expected.map(|(left, moves)| (ms(left), Some(moves))));
        let mut clock = EngineClock::new(TimeControl { moves: None, base: 0, increment: 500 });
        assert_eq!((clock.left, clock.moves_to_go), (ms(500), None));
        // A move may take longer than the time that is left, by the margin.
        clock.spend(ms(550));
        assert_eq!(clock.left, ms(500));
    }
}
