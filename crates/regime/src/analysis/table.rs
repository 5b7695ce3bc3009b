//! From observations to block means: everything after this works on a few thousand numbers, however many games were played.

use super::{Invalid, Observation, Place};

/// The observations of one cell at one x under one shift by one evaluator against one rival.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Number of the cell in its claim.
    pub cell: u32,
    /// Place in [`Table::xs`].
    pub x: u32,
    /// Place in [`Table::shifts`].
    pub shift: u32,
    /// Place among the evaluators.
    pub evaluator: u32,
    /// Place among the rivals.
    pub rival: u32,
    /// Mean of the values.
    pub mean: f64,
    /// Variance of that mean when as many values are drawn from these with replacement.
    pub variance: f64,
}

/// Blocks in the order of cell, x, shift, evaluator, rival. Places stand for the labels that occur, in rising order.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The values of x.
    pub xs: Vec<f64>,
    /// Labels of shifts.
    pub shifts: Vec<usize>,
    /// The blocks, in the order of the table.
    pub blocks: Vec<Block>,
}

/// The order of [`Table::blocks`], and within a block by value, so that sums do not depend on the order of rows.
fn order(a: &Observation, b: &Observation) -> std::cmp::Ordering {
    let labels = |o: &Observation| (o.shift, o.evaluator, o.rival);
    a.cell
        .cmp(&b.cell)
        .then(a.x.total_cmp(&b.x))
        .then_with(|| labels(a).cmp(&labels(b)))
        .then(a.value.total_cmp(&b.value))
}

/// The distinct labels in rising order.
fn distinct(labels: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut labels: Vec<usize> = labels.collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// Place of a label that is known to occur.
fn place(labels: &[usize], label: usize) -> u32 {
    labels.partition_point(|l| *l < label) as u32
}

impl Table {
    /// Reduces the observations of a claim with `cells` cells, of which those with `used` are wanted.
    ///
    /// # Errors
    /// An observation is no finite number or belongs to no cell; a wanted cell has none, or all of its observations are equal.
    pub(crate) fn reduce(observations: &[Observation], cells: usize, used: &[bool]) -> Result<Table, Invalid> {
        let mut sorted = Vec::with_capacity(observations.len());
        for o in observations {
            if o.cell >= cells {
                let message = format!("an observation names cell {}; the claim has {cells}", o.cell);
                return Err(Invalid::Description { message });
            }
            if !o.value.is_finite() || !o.x.is_finite() {
                return Err(Invalid::NotFinite { place: Place::of(o.cell, Some(o.shift)) });
            }
            if used[o.cell] {
                // Adding 0 turns -0 into 0, so that equal numbers have equal bits.
                sorted.push(Observation { x: o.x + 0.0, value: o.value + 0.0, ..*o });
            }
        }
        sorted.sort_unstable_by(order);
        for cell in (0..cells).filter(|cell| used[*cell]) {
            let from = sorted.partition_point(|o| o.cell < cell);
            let of_cell = &sorted[from..sorted.partition_point(|o| o.cell <= cell)];
            match of_cell {
                [] => return Err(Invalid::MissingCell { place: Place::of(cell, None) }),
                [first, rest @ ..] if !rest.is_empty() && rest.iter().all(|o| o.value == first.value) => {
                    return Err(Invalid::Constant { place: Place::of(cell, None), value: first.value });
                }
                _ => {}
            }
        }
        let mut xs: Vec<f64> = sorted.iter().map(|o| o.x).collect();
        xs.sort_unstable_by(f64::total_cmp);
        xs.dedup();
        let shifts = distinct(sorted.iter().map(|o| o.shift));
        let evaluators = distinct(sorted.iter().map(|o| o.evaluator));
        let rivals = distinct(sorted.iter().map(|o| o.rival));
        let same = |a: &Observation, b: &Observation| {
            (a.cell, a.x, a.shift, a.evaluator, a.rival) == (b.cell, b.x, b.shift, b.evaluator, b.rival)
        };
        let blocks = sorted.chunk_by(same).map(|values| {
            let (first, count) = (&values[0], values.len() as f64);
            let mean = values.iter().map(|o| o.value).sum::<f64>() / count;
            let squares: f64 = values.iter().map(|o| (o.value - mean) * (o.value - mean)).sum();
            Block {
                cell: first.cell as u32,
                x: xs.partition_point(|x| *x < first.x) as u32,
                shift: place(&shifts, first.shift),
                evaluator: place(&evaluators, first.evaluator),
                rival: place(&rivals, first.rival),
                mean,
                variance: squares / (count * count),
            }
        });
        let blocks = blocks.collect();
        Ok(Table { xs, shifts, blocks })
    }

    /// The table without the blocks that `keep` refuses. Places of labels stay as they are.
    pub(crate) fn only(&self, keep: impl Fn(&Block) -> bool) -> Table {
        let blocks = self.blocks.iter().copied().filter(keep).collect();
        Table { xs: self.xs.clone(), shifts: self.shifts.clone(), blocks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(cell: usize, evaluator: usize, value: f64) -> Observation {
        Observation { cell, x: 0.0, shift: 7, evaluator, rival: 3, value }
    }

    #[test]
    fn blocks_are_means_of_what_shares_all_labels() {
        let observations = [(0, 9, 1.0), (0, 4, 0.5), (0, 9, 0.0), (0, 9, 0.5)].map(|(c, e, v)| observation(c, e, v));
        let table = Table::reduce(&observations, 1, &[true]).unwrap();
        assert_eq!((table.shifts, table.blocks.len()), (vec![7], 2));
        let (one, three) = (table.blocks[0], table.blocks[1]);
        assert_eq!((one.evaluator, one.mean, one.variance), (0, 0.5, 0.0));
        assert_eq!((three.evaluator, three.mean), (1, 0.5));
        assert!((three.variance - 0.5 / 9.0).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_reduced_says_why() {
        let reduce = |rows: &[(usize, f64)]| {
            let rows: Vec<_> = rows.iter().enumerate().map(|(i, (c, v))| observation(*c, i, *v)).collect();
            Table::reduce(&rows, 2, &[true, true]).unwrap_err()
        };
        assert_eq!(reduce(&[(0, 0.1), (0, 0.2)]), Invalid::MissingCell { place: Place::of(1, None) });
        assert_eq!(
            reduce(&[(0, 0.1), (0, 0.2), (1, 1.0), (1, 1.0)]),
            Invalid::Constant { place: Place::of(1, None), value: 1.0 }
        );
        assert_eq!(reduce(&[(0, 0.1), (1, f64::NAN)]), Invalid::NotFinite { place: Place::of(1, Some(7)) });
        assert!(matches!(reduce(&[(2, 0.1)]), Invalid::Description { .. }));
    }
}
