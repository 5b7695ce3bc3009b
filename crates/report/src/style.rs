//! How series are told apart: by colour and by the shape of their markers.

use crate::view::arm;

/// The style and marker of an arm, the same in every figure.
pub fn style(arm: &str) -> Style {
    let (class, shape) = match arm {
        arm::FROZEN => ("c-frozen", Shape::Circle),
        arm::ZERO => ("c-zero", Shape::Circle),
        arm::RESELECTED => ("c-reselected", Shape::Diamond),
        arm::ROLLOUT => ("c-rollout", Shape::Square),
        arm::STALE => ("c-stale", Shape::Triangle),
        arm::RESELECTED_STALE => ("c-rollout", Shape::Square),
        _ => ("c-other", Shape::Cross),
    };
    Style { class, shape }
}

/// Styles of series that stand in one figure: an arm's own where it has one, and no two alike (up to 36).
pub fn styles(names: &[&str]) -> Vec<Style> {
    const CLASSES: [&str; 6] = ["c-zero", "c-reselected", "c-rollout", "c-stale", "c-other", "c-frozen"];
    const SHAPES: [Shape; 6] =
        [Shape::Square, Shape::Diamond, Shape::Triangle, Shape::Cross, Shape::Down, Shape::Circle];
    let own = |name: &str| Some(style(name)).filter(|s| s.class != "c-other");
    let mut taken: Vec<Style> = Vec::new();
    let fixed: Vec<Option<Style>> = names
        .iter()
        .map(|name| {
            let style = own(name).filter(|s| !taken.contains(s))?;
            taken.push(style);
            Some(style)
        })
        .collect();
    let mut free = (0..36)
        .map(|i| Style { class: CLASSES[i % 6], shape: SHAPES[(i + i / 6) % 6] })
        // A colour that an arm of the figure owns is used again only when all are.
        .filter(|s| !taken.contains(s))
        .collect::<Vec<_>>();
    free.sort_by_key(|s| taken.iter().any(|t| t.class == s.class));
    let mut free = free.into_iter().cycle();
    let other = Style { class: "c-other", shape: Shape::Cross };
    fixed.into_iter().map(|style| style.or_else(|| free.next()).unwrap_or(other)).collect()
}

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
