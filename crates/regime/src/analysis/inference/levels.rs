//! The populations of a claim as units of a sample, and what each unit adds to the effect.
//!
//! A unit's *influence* is what the effect would change by, to first order, if the unit's observations had been the mean of the units like it. In a
//! balanced linear design the influences are the deviations of unit effects from the effect, divided by the number of units. Influences of evaluators and
//! rivals are taken within a shift, those of shifts between them.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::sample::{Sample, class_weight};
use crate::suite::Population;

/// The influence of each block and of each shift on the effect.
#[derive(Clone, Debug)]
pub(crate) struct Influences {
    /// One per block, within its node.
    pub blocks: Vec<f64>,
    /// One per group, within its class.
    pub groups: Vec<f64>,
    /// The size of the values that influences are deviations of. Influences below a trillionth of it are rounding.
    pub size: f64,
}

impl Influences {
    pub(crate) fn of(sample: &Sample) -> Influences {
        let mut blocks = vec![0.0; sample.blocks.len()];
        let mut size = 0.0;
        for node in &sample.nodes {
            let derivative = sample.derivative(node);
            let of_node = blocks[node.first..node.end].iter_mut().zip(&sample.blocks[node.first..node.end]);
            for (influence, block) in of_node {
                *influence = derivative * (block.mean - node.mean);
                size += (derivative * block.mean).abs();
            }
        }
        let values = sample.values(&sample.node_means());
        let means = sample.class_means(&values);
        let deviation = |(group, y): (usize, &f64)| sample.group_share(group) * (y - means[sample.groups[group].class]);
        Influences { blocks, groups: values.iter().enumerate().map(deviation).collect(), size }
    }
}

/// Units that could be exchanged: they occur in the same cells and shifts, directly or through others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Component {
    /// Number of its units.
    pub units: usize,
    /// The sum of its cells' weights, or if that is 0 the sign of the first cell's.
    pub weight: f64,
    /// What its cells add to the effect.
    pub share: f64,
}

/// One population of the claim.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub population: Population,
    /// The unit of each block; [`NO_UNIT`] for blocks of fixed shifts on the level of shifts.
    pub unit_of: Vec<u32>,
    /// The component of each unit.
    pub component_of: Vec<u32>,
    pub components: Vec<Component>,
    /// The influence of each unit.
    pub influence: Vec<f64>,
}

/// Marks a block that belongs to no unit of the level.
pub(crate) const NO_UNIT: u32 = u32::MAX;

impl Level {
    /// Units of components with several units. A unit that is alone in its component cannot vary.
    pub(crate) fn active(&self) -> impl Iterator<Item = usize> {
        (0..self.influence.len()).filter(|unit| self.components[self.component_of[*unit] as usize].units > 1)
    }

    /// How many independent units there are, at least 1.
    pub(crate) fn units(&self) -> usize {
        self.active().count().max(1)
    }

    /// Whether units fall into components that the effect sets against each other, so that labels can be permuted between them.
    pub(crate) fn is_contrast(&self, constant: f64) -> bool {
        let varying: Vec<&Component> = self.components.iter().filter(|c| c.units > 1).collect();
        let sum: f64 = varying.iter().map(|c| c.weight).sum();
        let size: f64 = varying.iter().map(|c| c.weight.abs()).sum();
        varying.len() > 1 && sum.abs() <= 1e-9 * size && constant == 0.0
    }

    /// The variance of the effect that comes of this population alone.
    pub(crate) fn variance(&self) -> Variance {
        let mut squares = vec![0.0; self.components.len()];
        for (influence, component) in self.influence.iter().zip(&self.component_of) {
            squares[*component as usize] += influence * influence;
        }
        let varying = self.components.iter().zip(squares).filter(|(component, _)| component.units > 1);
        let terms: Vec<Variance> = varying
            .map(|(component, squares)| {
                let n = component.units as f64;
                Variance { value: squares * n / (n - 1.0), df: n - 1.0 }
            })
            .collect();
        Variance::sum(&terms)
    }
}

/// An estimated variance and its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Variance {
    pub value: f64,
    pub df: f64,
}

impl Variance {
    /// The sum of independent variances, with Satterthwaite's (1946) degrees of freedom. A negative value is subtracted from the sum.
    pub(crate) fn sum(terms: &[Variance]) -> Variance {
        let value: f64 = terms.iter().map(|t| t.value).sum();
        let below: f64 = terms.iter().map(|t| t.value * t.value / t.df).sum();
        let least = terms.iter().map(|t| t.df).fold(f64::INFINITY, f64::min);
        let df = if below > 0.0 { (value * value / below).max(1.0) } else { least };
        Variance { value, df: if df.is_finite() { df } else { 1.0 } }
    }
}

/// The levels of a sample: the named populations, without those each of whose units belongs to one unit of another named population. The variation of the
/// former is part of that of the latter.
pub(crate) fn levels(sample: &Sample, influences: &Influences, populations: &[Population]) -> Vec<Level> {
    let mut named: Vec<Population> = populations.to_vec();
    named.sort_unstable();
    let units: Vec<Vec<u32>> = named.iter().map(|population| units_of(sample, *population)).collect();
    let mut kept: Vec<usize> = (0..named.len()).collect();
    // Where evaluators and rivals go one to one, evaluators are the level that stays.
    for inner in (0..named.len()).rev() {
        let outer = kept.iter().any(|outer| *outer != inner && nested(&units[inner], &units[*outer]));
        if outer && kept.contains(&inner) && named[inner] != Population::Shifts {
            kept.retain(|level| *level != inner);
        }
    }
    kept.into_iter().map(|i| Level::of(sample, influences, named[i], &units[i])).collect()
}

/// The unit of each block, by number from 0 in rising order of labels.
fn units_of(sample: &Sample, population: Population) -> Vec<u32> {
    let labels: Vec<u32> = match population {
        Population::Evaluators | Population::OpeningSets => sample.blocks.iter().map(|b| b.evaluator).collect(),
        Population::Rivals => sample.blocks.iter().map(|b| b.rival).collect(),
        Population::Shifts => {
            let mut labels = vec![NO_UNIT; sample.blocks.len()];
            for node in &sample.nodes {
                let group = sample.points[node.point].group;
                if !sample.classes[sample.groups[group].class].fixed {
                    labels[node.first..node.end].fill(group as u32);
                }
            }
            labels
        }
    };
    let mut distinct: Vec<u32> = labels.iter().copied().filter(|label| *label != NO_UNIT).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let number = |label: u32| if label == NO_UNIT { NO_UNIT } else { distinct.partition_point(|d| *d < label) as u32 };
    labels.into_iter().map(number).collect()
}

/// Whether each unit of one population occurs with one unit of the other only, and there are several of both.
fn nested(inner: &[u32], outer: &[u32]) -> bool {
    let mut of: BTreeMap<u32, u32> = BTreeMap::new();
    let pairs = inner.iter().zip(outer).filter(|(inner, outer)| **inner != NO_UNIT && **outer != NO_UNIT);
    for (inner, outer) in pairs {
        if *of.entry(*inner).or_insert(*outer) != *outer {
            return false;
        }
    }
    of.values().collect::<BTreeSet<_>>().len() > 1
}

impl Level {
    fn of(sample: &Sample, influences: &Influences, population: Population, unit_of: &[u32]) -> Level {
        let units = unit_of.iter().filter(|u| **u != NO_UNIT).max().map_or(0, |last| *last as usize + 1);
        let mut influence = vec![0.0; units];
        let component_of = if population == Population::Shifts {
            let mut class = vec![0; units];
            for node in &sample.nodes {
                let unit = unit_of[node.first];
                if unit != NO_UNIT {
                    let group = sample.points[node.point].group;
                    class[unit as usize] = sample.groups[group].class as u32;
                    influence[unit as usize] = influences.groups[group];
                }
            }
            class
        } else {
            for (unit, of_block) in unit_of.iter().zip(&influences.blocks) {
                influence[*unit as usize] += of_block;
            }
            connected(sample, unit_of, units)
        };
        let components = components(sample, unit_of, &component_of);
        Level { population, unit_of: unit_of.to_vec(), component_of, components, influence }
    }
}

/// The component of each unit, numbered from 0: units are joined that share a cell under a shift.
fn connected(sample: &Sample, unit_of: &[u32], units: usize) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..units as u32).collect();
    let mut first: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for node in &sample.nodes {
        let with = *first.entry((node.cell, node.shift)).or_insert(unit_of[node.first]);
        for unit in &unit_of[node.first..node.end] {
            let (a, b) = (root(&mut parent, with), root(&mut parent, *unit));
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    let roots: Vec<u32> = (0..units as u32).map(|unit| root(&mut parent, unit)).collect();
    let mut distinct = roots.clone();
    distinct.sort_unstable();
    distinct.dedup();
    roots.into_iter().map(|r| distinct.partition_point(|d| *d < r) as u32).collect()
}

fn root(parent: &mut [u32], unit: u32) -> u32 {
    let mut unit = unit;
    while parent[unit as usize] != unit {
        parent[unit as usize] = parent[parent[unit as usize] as usize];
        unit = parent[unit as usize];
    }
    unit
}

fn components(sample: &Sample, unit_of: &[u32], component_of: &[u32]) -> Vec<Component> {
    let count = component_of.iter().max().map_or(0, |last| *last as usize + 1);
    let mut components = vec![Component { units: 0, weight: 0.0, share: 0.0 }; count];
    let mut cells: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); count];
    for component in component_of {
        components[*component as usize].units += 1;
    }
    for node in &sample.nodes {
        let unit = unit_of[node.first];
        if unit == NO_UNIT {
            continue;
        }
        let component = component_of[unit as usize] as usize;
        let point = &sample.points[node.point];
        cells[component].insert(node.cell);
        components[component].share +=
            sample.group_share(point.group) * point.coefficient * node.share * sample.scale.of(point.mean);
    }
    for (component, cells) in components.iter_mut().zip(cells) {
        component.weight = class_weight(&sample.weights, &cells);
    }
    components
}
