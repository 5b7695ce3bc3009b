//! Small dense symmetric matrices.

/// A square matrix by rows.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    pub(super) size: usize,
    cells: Vec<f64>,
}

/// Pivots of a Cholesky factor below this share of the diagonal count as zero: the matrix is singular.
const SINGULAR: f64 = 1e-11;

impl Matrix {
    pub(super) fn zero(size: usize) -> Matrix {
        Matrix { size, cells: vec![0.0; size * size] }
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    pub(super) fn add(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.size + column] += value;
    }

    /// Adds `weight` v v^T for a vector v with few entries other than zero, which are pairs of an index and a value. Each index
    /// comes once.
    pub(super) fn add_outer(&mut self, vector: &[(usize, f64)], weight: f64) {
        for (i, a) in vector {
            for (j, b) in vector {
                self.add(*i, *j, weight * a * b);
            }
        }
    }

    pub(super) fn scale(&mut self, factor: f64) {
        self.cells.iter_mut().for_each(|cell| *cell *= factor);
    }

    /// v^T M v.
    pub(super) fn quadratic(&self, v: &[f64]) -> f64 {
        (0..self.size).map(|i| v[i] * (0..self.size).map(|j| self.at(i, j) * v[j]).sum::<f64>()).sum()
    }

    pub(super) fn times(&self, v: &[f64]) -> Vec<f64> {
        (0..self.size).map(|i| (0..self.size).map(|j| self.at(i, j) * v[j]).sum()).collect()
    }

    fn product(&self, other: &Matrix) -> Matrix {
        let mut result = Matrix::zero(self.size);
        for i in 0..self.size {
            for k in 0..self.size {
                let factor = self.at(i, k);
                for j in 0..self.size {
                    result.cells[i * self.size + j] += factor * other.at(k, j);
                }
            }
        }
        result
    }

    /// M F M for M this matrix and F the filling: the form of a sandwich covariance.
    pub(super) fn around(&self, filling: &Matrix) -> Matrix {
        self.product(&filling.product(self))
    }

    /// The inverse of a positive definite matrix by its Cholesky factor; `None` if it is singular.
    pub(super) fn inverse(&self) -> Option<Matrix> {
        let n = self.size;
        let mut factor = Matrix::zero(n);
        for i in 0..n {
            for j in 0..=i {
                let rest = self.at(i, j) - (0..j).map(|k| factor.at(i, k) * factor.at(j, k)).sum::<f64>();
                if i != j {
                    factor.cells[i * n + j] = rest / factor.at(j, j);
                } else if rest > SINGULAR * self.at(i, i) && rest.is_finite() {
                    factor.cells[i * n + i] = rest.sqrt();
                } else {
                    return None;
                }
            }
        }
        let mut inverse = Matrix::zero(n);
        for column in 0..n {
            let mut x = vec![0.0; n];
            for i in 0..n {
                let rest = f64::from(u8::from(i == column)) - (0..i).map(|k| factor.at(i, k) * x[k]).sum::<f64>();
                x[i] = rest / factor.at(i, i);
            }
            for i in (0..n).rev() {
                let rest = x[i] - (i + 1..n).map(|k| factor.at(k, i) * x[k]).sum::<f64>();
                x[i] = rest / factor.at(i, i);
            }
            for (i, value) in x.into_iter().enumerate() {
                inverse.cells[i * n + column] = value;
            }
        }
        Some(inverse)
    }
}
