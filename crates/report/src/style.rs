//! How series are told apart: by colour and by the shape of their markers.

use std::collections::BTreeSet;

/// Colour classes of the style sheet.
const CLASSES: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];
const SHAPES: [Shape; 6] = [Shape::Circle, Shape::Square, Shape::Diamond, Shape::Triangle, Shape::Cross, Shape::Down];
/// Styles that differ in colour or shape.
const STYLES: usize = CLASSES.len() * SHAPES.len();

/// Colour class and marker of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub class: &'static str,
    pub shape: Shape,
}

/// Marker shapes, so that no figure depends on colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Diamond,
    Square,
    Triangle,
    /// A triangle that stands on its tip.
    Down,
    Cross,
}

/// The style of that number: the first six differ in both colour and shape, the first 36 in one of them.
pub fn nth(i: usize) -> Style {
    Style { class: CLASSES[i % CLASSES.len()], shape: SHAPES[(i + i / CLASSES.len()) % SHAPES.len()] }
}

/// Styles of series that stand in one figure: that of the preferred number where it is free, and no two alike (up to 36).
pub fn distinct(preferred: &[usize]) -> Vec<Style> {
    let mut taken = BTreeSet::new();
    let own: Vec<Option<usize>> =
        preferred.iter().map(|p| Some(p % STYLES).filter(|number| taken.insert(*number))).collect();
    let mut free: Vec<usize> = (0..STYLES).filter(|number| !taken.contains(number)).rev().collect();
    own.into_iter().map(|number| nth(number.or_else(|| free.pop()).unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_series_of_a_figure_look_alike() {
        let styles = distinct(&[2, 2, 0, 38, 1, 2]);
        assert_eq!((styles[0], styles[2], styles[4]), (nth(2), nth(0), nth(1)));
        for (i, style) in styles.iter().enumerate() {
            assert!(!styles[..i].contains(style), "{style:?} twice");
        }
        assert_eq!(distinct(&(0..50).collect::<Vec<_>>()).len(), 50);
    }
}
