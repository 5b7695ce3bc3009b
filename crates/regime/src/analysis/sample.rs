//! An estimator applied to a table: an effect that is a sum over shifts of smooth functions of block means.
//!
//! Every estimator but the association comes down to one form. Blocks are averaged to *nodes* (cell, x, shift); nodes, equally weighted by
//! block, to *points*: where shifts are a population a point is a node, where they are fixed it is the mean over all of them. Per shift,
//! `y = sum over points of coefficient * g(mean)`, g being the identity or the logit. The effect is the mean of y over the shifts of
//! each class, summed over classes, less a constant. There is one class, unless cells cover disjoint sets of shifts.

use std::collections::{BTreeMap, BTreeSet};

use libm::{log, log2};

use super::table::{Block, Table};
use super::{Invalid, Place};
use crate::suite::{Axis, FLOOR, Population, Scale};

/// How the points of a cell's curve are weighed against each other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Curve {
    /// All blocks alike, whatever their x.
    Pooled,
    /// The least squares slope.
    Slope(Axis),
    /// The area by trapezoids, over the width.
    Area(Axis),
    /// One point less another (places in [`Table::xs`]).
    Between {
        /// The point that counts up.
        plus: u32,
        /// The point that counts down.
        minus: u32,
    },
}

/// How a table becomes an effect.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// Weight of each cell.
    pub weights: Vec<f64>,
    /// Weights of another contrast of the cells, the covariate of an association; else empty.
    pub covariate: Vec<f64>,
    /// How x enters.
    pub curve: Curve,
    /// What the means of points are compared on.
    pub scale: Scale,
    /// What is taken from the sum.
    pub constant: f64,
    /// Cells whose shifts are fixed.
    pub reference: Vec<usize>,
    /// Whether shifts that lack a cell are left out.
    pub drop_incomplete: bool,
    /// Whether shifts are a population.
    pub random_shifts: bool,
}

/// Blocks that share cell, x and shift.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// The first of its blocks.
    pub first: usize,
    /// One past its last block.
    pub end: usize,
    /// The point that it is part of.
    pub point: usize,
    /// Its cell.
    pub cell: u32,
    /// Place of its shift in the table.
    pub shift: u32,
    /// Its blocks, as a share of those of the point.
    pub share: f64,
    /// Mean of its blocks.
    pub mean: f64,
}

/// Nodes that are averaged before the scale is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    /// The shift that it counts in.
    pub group: usize,
    /// Its weight in y.
    pub coefficient: f64,
    /// Its weight in the covariate.
    pub covariate: f64,
    /// Mean of its nodes.
    pub mean: f64,
}

/// A shift, or all of them where they are fixed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// Label of the shift; none where all are one.
    pub label: Option<usize>,
    /// Its class.
    pub class: usize,
}

/// Shifts that are covered by the same cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class {
    /// The sum of its cells' weights, or if that is 0 the sign of the first cell's: it takes the values of two classes to one scale.
    pub weight: f64,
    /// How many shifts it has.
    pub size: usize,
    /// Whether its shifts are not drawn from a population.
    pub fixed: bool,
}

/// The nodes of each point of a cell's curve, by the place of its x.
type Points = BTreeMap<u32, Vec<usize>>;

/// An estimator applied to a table.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub blocks: Vec<Block>,
    pub nodes: Vec<Node>,
    pub points: Vec<Point>,
    pub groups: Vec<Group>,
    pub classes: Vec<Class>,
    pub weights: Vec<f64>,
    pub scale: Scale,
    pub constant: f64,
    /// Labels of shifts that were left out.
    pub dropped: Vec<usize>,
}

/// x as its axis has it.
pub(crate) fn along(axis: Axis, x: f64) -> Result<f64, Invalid> {
    match axis {
        Axis::Linear => Ok(x),
        Axis::Log if x > 0.0 => Ok(log2(x)),
        Axis::Log => Err(Invalid::NoLogarithm { x }),
    }
}

/// Resampled means are held this far from 0 and 1 before their logit is taken.
const NEAREST: f64 = 0.001;

impl Scale {
    /// The value on the scale.
    pub(crate) fn of(self, mean: f64) -> f64 {
        match self {
            Scale::Score => mean,
            Scale::Logit => {
                let mean = mean.clamp(NEAREST, 1.0 - NEAREST);
                log(mean / (1.0 - mean))
            }
        }
    }

    /// The derivative of the value on the scale by the mean.
    fn slope(self, mean: f64) -> f64 {
        match self {
            Scale::Score => 1.0,
            Scale::Logit => 1.0 / (mean * (1.0 - mean)),
        }
    }
}

impl Sample {
    /// Applies `spec` to a table that holds only cells with a weight.
    ///
    /// # Errors
    /// See [`Invalid`]: cells or points that are missing, curves that cannot be compared, means at the floor of the logit scale.
    pub(crate) fn build(table: &Table, spec: &Spec) -> Result<Sample, Invalid> {
        let complete = Cover::of(table, spec)?;
        let table = table.only(|b| spec.fixes(b.cell) || !complete.dropped.contains(&b.shift));
        let mut sample = Sample {
            nodes: nodes(&table),
            blocks: table.blocks,
            points: Vec::new(),
            groups: Vec::new(),
            classes: complete.classes.clone(),
            weights: spec.weights.clone(),
            scale: spec.scale,
            constant: spec.constant,
            dropped: complete.dropped.iter().map(|s| table.shifts[*s as usize]).collect(),
        };
        sample.add_points(spec, &complete, &table.xs, &table.shifts)?;
        Ok(sample)
    }

    fn add_points(&mut self, spec: &Spec, cover: &Cover, xs: &[f64], shifts: &[usize]) -> Result<(), Invalid> {
        // Nodes by class and shift (one entry where shifts are fixed), then by cell, then by x (one entry where x is pooled).
        let mut pools: BTreeMap<(usize, u32), BTreeMap<u32, Points>> = BTreeMap::new();
        for (i, node) in self.nodes.iter().enumerate() {
            let class = cover.class_of(node);
            let shift = if spec.random_shifts { node.shift } else { 0 };
            let x = if matches!(spec.curve, Curve::Pooled) { 0 } else { self.blocks[node.first].x };
            pools.entry((class, shift)).or_default().entry(node.cell).or_default().entry(x).or_default().push(i);
        }
        for class in &mut self.classes {
            class.size = 0;
        }
        for ((class, shift), cells) in pools {
            let label = spec.random_shifts.then(|| shifts[shift as usize]);
            let group = self.groups.len();
            self.groups.push(Group { label, class });
            self.classes[class].size += 1;
            let mut range = None;
            for (cell, points) in cells {
                let place = Place::of(cell as usize, label);
                if !spec.random_shifts && !matches!(spec.curve, Curve::Pooled) {
                    self.check_grid(&points, place, xs)?;
                }
                let places: Vec<u32> = points.keys().copied().collect();
                let coefficients = coefficients(spec.curve, &places, xs, place)?;
                let ends = places.first().zip(places.last()).map(|(first, last)| (*first, *last));
                if matches!(spec.curve, Curve::Area(_)) && *range.get_or_insert(ends) != ends {
                    return Err(Invalid::DifferentRange { place });
                }
                for (nodes, coefficient) in points.values().zip(coefficients) {
                    self.add_point(nodes, group, coefficient, spec, place)?;
                }
            }
        }
        Ok(())
    }

    fn add_point(
        &mut self,
        nodes: &[usize],
        group: usize,
        coefficient: f64,
        spec: &Spec,
        place: Place,
    ) -> Result<(), Invalid> {
        let blocks: usize = nodes.iter().map(|i| self.nodes[*i].end - self.nodes[*i].first).sum();
        let mut mean = 0.0;
        for i in nodes {
            let node = &mut self.nodes[*i];
            node.point = self.points.len();
            node.share = (node.end - node.first) as f64 / blocks as f64;
            mean += node.share * node.mean;
        }
        if spec.scale == Scale::Logit && coefficient != 0.0 && !(FLOOR..=1.0 - FLOOR).contains(&mean) {
            return Err(Invalid::Floor { place, mean });
        }
        let weight = |weights: &[f64]| weights.get(place.cell).copied().unwrap_or(0.0) * coefficient;
        let point = Point { group, coefficient: weight(&spec.weights), covariate: weight(&spec.covariate), mean };
        self.points.push(point);
        Ok(())
    }

    /// Where shifts are fixed, a curve's points are means over shifts, so all points must have the same shifts; or each shift is one point
    /// of a dial.
    fn check_grid(&self, points: &Points, place: Place, xs: &[f64]) -> Result<(), Invalid> {
        let mut by_shift: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (x, nodes) in points {
            for node in nodes {
                by_shift.entry(self.nodes[*node].shift).or_default().insert(*x);
            }
        }
        if by_shift.values().all(|xs| xs.len() == 1) {
            return Ok(());
        }
        let lacking = by_shift.values().flat_map(|has| points.keys().find(|x| !has.contains(x))).next();
        lacking.map_or(Ok(()), |x| Err(Invalid::MissingPoint { place, x: xs[*x as usize] }))
    }

    /// The means of all nodes.
    pub(crate) fn node_means(&self) -> Vec<f64> {
        self.nodes.iter().map(|n| n.mean).collect()
    }

    /// y of each group, from the means of nodes.
    pub(crate) fn values(&self, node_means: &[f64]) -> Vec<f64> {
        self.values_of(node_means, |point| point.coefficient)
    }

    /// The covariate contrast of each group, from the means of nodes.
    pub(crate) fn covariates(&self, node_means: &[f64]) -> Vec<f64> {
        self.values_of(node_means, |point| point.covariate)
    }

    fn values_of(&self, node_means: &[f64], coefficient: impl Fn(&Point) -> f64) -> Vec<f64> {
        let mut means = vec![0.0; self.points.len()];
        for (node, mean) in self.nodes.iter().zip(node_means) {
            means[node.point] += node.share * mean;
        }
        let mut values = vec![0.0; self.groups.len()];
        for (point, mean) in self.points.iter().zip(means) {
            values[point.group] += coefficient(point) * self.scale.of(mean);
        }
        values
    }

    /// What a group's y is multiplied with in the effect.
    pub(crate) fn group_share(&self, group: usize) -> f64 {
        1.0 / self.classes[self.groups[group].class].size as f64
    }

    /// The effect, from the y of each group.
    pub(crate) fn effect(&self, values: &[f64]) -> f64 {
        let shares = values.iter().enumerate().map(|(group, y)| self.group_share(group) * y);
        shares.sum::<f64>() - self.constant
    }

    /// Mean of y in each class.
    pub(crate) fn class_means(&self, values: &[f64]) -> Vec<f64> {
        let mut means = vec![0.0; self.classes.len()];
        for (group, y) in values.iter().enumerate() {
            means[self.groups[group].class] += self.group_share(group) * y;
        }
        means
    }

    /// What the effect changes by when a block's mean changes, per unit.
    pub(crate) fn derivative(&self, node: &Node) -> f64 {
        let point = &self.points[node.point];
        let blocks = (node.end - node.first) as f64;
        self.group_share(point.group) * point.coefficient * self.scale.slope(point.mean) * node.share / blocks
    }
}

impl Spec {
    fn fixes(&self, cell: u32) -> bool {
        self.random_shifts && self.reference.contains(&(cell as usize))
    }

    fn weight(&self, cells: &BTreeSet<u32>) -> f64 {
        class_weight(&self.weights, cells)
    }
}

/// The sum of weights, or if that is 0 the sign of the first cell's.
pub(crate) fn class_weight(weights: &[f64], cells: &BTreeSet<u32>) -> f64 {
    let weight = |cell: &u32| weights.get(*cell as usize).copied().unwrap_or(0.0);
    let sum: f64 = cells.iter().map(weight).sum();
    let size: f64 = cells.iter().map(|cell| weight(cell).abs()).sum();
    if sum.abs() > 1e-9 * size { sum } else { cells.first().map_or(1.0, |cell| weight(cell).signum()) }
}

/// Which shifts are covered by which cells.
struct Cover {
    classes: Vec<Class>,
    /// Cells of each class.
    cells: Vec<BTreeSet<u32>>,
    /// Shifts that are left out.
    dropped: BTreeSet<u32>,
}

impl Cover {
    fn of(table: &Table, spec: &Spec) -> Result<Cover, Invalid> {
        let mut cells: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for block in table.blocks.iter().filter(|b| !spec.fixes(b.cell)) {
            cells.entry(block.shift).or_default().insert(block.cell);
        }
        let all: BTreeSet<u32> = cells.values().flatten().copied().collect();
        let mut kinds: Vec<BTreeSet<u32>> = cells.values().cloned().collect();
        kinds.sort_unstable();
        kinds.dedup();
        let disjoint = (0..kinds.len()).all(|i| kinds[..i].iter().all(|other| other.is_disjoint(&kinds[i])));
        let mut dropped = BTreeSet::new();
        if !disjoint {
            for (shift, has) in &cells {
                let Some(cell) = all.difference(has).next() else { continue };
                if !spec.drop_incomplete {
                    let place = Place::of(*cell as usize, Some(table.shifts[*shift as usize]));
                    return Err(Invalid::MissingCell { place });
                }
                dropped.insert(*shift);
            }
            if dropped.len() == cells.len() {
                return Err(Invalid::TooFewUnits { population: Population::Shifts, units: 0, wanted: 1 });
            }
            kinds = vec![all.clone()];
        }
        if !spec.random_shifts {
            let class = Class { weight: spec.weight(&all), size: 1, fixed: true };
            return Ok(Cover { classes: vec![class], cells: vec![all], dropped });
        }
        let random = |kind: &BTreeSet<u32>| Class { weight: spec.weight(kind), size: 0, fixed: false };
        let mut classes: Vec<Class> = kinds.iter().map(random).collect();
        if kinds.len() > 1 {
            let sizes = |kind: &BTreeSet<u32>| cells.values().filter(|has| *has == kind).count();
            let smallest = kinds.iter().map(sizes).min().unwrap_or(0);
            check_classes(&classes, smallest, spec.constant)?;
        }
        let fixed: BTreeSet<u32> = table.blocks.iter().map(|b| b.cell).filter(|cell| spec.fixes(*cell)).collect();
        if !fixed.is_empty() {
            classes.push(Class { weight: spec.weight(&fixed), size: 0, fixed: true });
            kinds.push(fixed);
        }
        Ok(Cover { classes, cells: kinds, dropped })
    }

    fn class_of(&self, node: &Node) -> usize {
        self.cells.iter().position(|cells| cells.contains(&node.cell)).unwrap_or(0)
    }
}

fn check_classes(classes: &[Class], smallest: usize, constant: f64) -> Result<(), Invalid> {
    let sum: f64 = classes.iter().map(|c| c.weight).sum();
    let size: f64 = classes.iter().map(|c| c.weight.abs()).sum();
    if sum.abs() > 1e-9 * size {
        let message = "the cells cover disjoint sets of shifts, but their weights do not add to 0".to_owned();
        return Err(Invalid::Groups { message });
    }
    if constant != 0.0 {
        let message = "a difference between groups of shifts has no constant".to_owned();
        return Err(Invalid::Groups { message });
    }
    if smallest < 2 {
        return Err(Invalid::TooFewUnits { population: Population::Shifts, units: smallest, wanted: 2 });
    }
    Ok(())
}

fn nodes(table: &Table) -> Vec<Node> {
    let same = |a: &Block, b: &Block| (a.cell, a.x, a.shift) == (b.cell, b.x, b.shift);
    let mut first = 0;
    let of = |blocks: &[Block]| {
        let node = Node {
            first,
            end: first + blocks.len(),
            point: 0,
            cell: blocks[0].cell,
            shift: blocks[0].shift,
            share: 1.0,
            mean: blocks.iter().map(|b| b.mean).sum::<f64>() / blocks.len() as f64,
        };
        first = node.end;
        node
    };
    table.blocks.chunk_by(same).map(of).collect()
}

/// The weight of each point of a curve, given the places of its xs in rising order.
fn coefficients(curve: Curve, places: &[u32], xs: &[f64], place: Place) -> Result<Vec<f64>, Invalid> {
    let on = |axis: Axis| -> Result<Vec<f64>, Invalid> {
        if places.len() < 2 {
            return Err(Invalid::TooFewPoints { place, points: places.len() });
        }
        places.iter().map(|p| along(axis, xs[*p as usize])).collect()
    };
    match curve {
        Curve::Pooled => Ok(vec![1.0; places.len()]),
        Curve::Slope(axis) => {
            let x = on(axis)?;
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            let squares: f64 = x.iter().map(|x| (x - mean) * (x - mean)).sum();
            Ok(x.iter().map(|x| (x - mean) / squares).collect())
        }
        Curve::Area(axis) => {
            let x = on(axis)?;
            let width = x[x.len() - 1] - x[0];
            let beside = |i: usize| x[(i + 1).min(x.len() - 1)] - x[i.saturating_sub(1)];
            Ok((0..x.len()).map(|i| beside(i) / 2.0 / width).collect())
        }
        Curve::Between { plus, minus } => {
            if let Some(lacking) = [plus, minus].iter().find(|p| !places.contains(p)) {
                return Err(Invalid::MissingPoint { place, x: xs[*lacking as usize] });
            }
            Ok(places.iter().map(|p| f64::from(u8::from(*p == plus)) - f64::from(u8::from(*p == minus))).collect())
        }
    }
}
