//! The three loops that inference spends its time in, for AVX2 and in plain Rust. Both give the same bits: all arithmetic is on
//! integers that cannot overflow (see [`crate::Network`]).

#![allow(unsafe_code)]

/// An implementation of the loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain Rust.
    Scalar,
    /// 256-bit vectors on x86-64.
    Avx2,
}

impl Kernel {
    /// The fastest that this machine can run.
    #[must_use]
    pub fn best() -> Kernel {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Kernel::Avx2;
        }
        Kernel::Scalar
    }

    /// Whether this machine can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        self == Kernel::Scalar || Kernel::best() == self
    }

    /// Sums the active rows of `weights` onto `bias` and applies the squared clipped ReLU: `c = clamp(sum, 0, 255)`, `c * c >> 9`.
    /// `weights` holds rows as long as `bias` and `activation`, whose length is a multiple of 32.
    #[inline]
    pub(crate) fn hidden(self, weights: &[i16], bias: &[i16], active: &[u32], activation: &mut [u8]) {
        let width = bias.len();
        assert!(width.is_multiple_of(32) && activation.len() == width);
        assert!(active.iter().all(|row| (*row as usize + 1) * width <= weights.len()));
        match self {
            Kernel::Scalar => scalar::hidden(weights, bias, active, activation),
            // SAFETY: `Avx2` networks are only made where AVX2 was detected; the lengths were checked above.
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => unsafe { avx2::hidden(weights, bias, active, activation) },
            #[cfg(not(target_arch = "x86_64"))]
            Kernel::Avx2 => scalar::hidden(weights, bias, active, activation),
        }
    }

    /// Dot product of activations (0 to 127) with 8-bit weights of the same length, a multiple of 32.
    #[inline]
    pub(crate) fn dot_i8(self, activation: &[u8], weights: &[i8]) -> i32 {
        assert!(activation.len() == weights.len() && activation.len().is_multiple_of(32));
        match self {
            Kernel::Scalar => scalar::dot_i8(activation, weights),
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => unsafe { avx2::dot_i8(activation, weights) },
            #[cfg(not(target_arch = "x86_64"))]
            Kernel::Avx2 => scalar::dot_i8(activation, weights),
        }
    }

    /// Dot product of activations (0 to 127) with 16-bit weights of the same length, a multiple of 32.
    #[inline]
    pub(crate) fn dot_i16(self, activation: &[u8], weights: &[i16]) -> i32 {
        assert!(activation.len() == weights.len() && activation.len().is_multiple_of(32));
        match self {
            Kernel::Scalar => scalar::dot_i16(activation, weights),
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => unsafe { avx2::dot_i16(activation, weights) },
            #[cfg(not(target_arch = "x86_64"))]
            Kernel::Avx2 => scalar::dot_i16(activation, weights),
        }
    }
}

mod scalar {
    pub(super) fn hidden(weights: &[i16], bias: &[i16], active: &[u32], activation: &mut [u8]) {
        let width = bias.len();
        for (block, out) in activation.chunks_exact_mut(32).enumerate() {
            let mut sums = [0i16; 32];
            sums.copy_from_slice(&bias[32 * block..32 * (block + 1)]);
            for row in active {
                let start = *row as usize * width + 32 * block;
                for (sum, weight) in sums.iter_mut().zip(&weights[start..start + 32]) {
                    *sum = sum.wrapping_add(*weight);
                }
            }
            for (a, sum) in out.iter_mut().zip(sums) {
                let clipped = u32::from(sum.clamp(0, 255) as u16);
                *a = ((clipped * clipped) >> 9) as u8;
            }
        }
    }

    pub(super) fn dot_i8(activation: &[u8], weights: &[i8]) -> i32 {
        activation.iter().zip(weights).map(|(a, w)| i32::from(*a) * i32::from(*w)).sum()
    }

    pub(super) fn dot_i16(activation: &[u8], weights: &[i16]) -> i32 {
        activation.iter().zip(weights).map(|(a, w)| i32::from(*a) * i32::from(*w)).sum()
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    /// # Safety
    /// AVX2; `bias` and `activation` of equal length, a multiple of 32; `weights` holding every active row of that length.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn hidden(weights: &[i16], bias: &[i16], active: &[u32], activation: &mut [u8]) {
        let width = bias.len();
        let mut block = 0;
        // As many sums as fit the registers are carried through all rows at once.
        while block + 128 <= width {
            unsafe { hidden_block::<8>(weights, bias, active, activation, block) };
            block += 128;
        }
        while block < width {
            unsafe { hidden_block::<2>(weights, bias, active, activation, block) };
            block += 32;
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn hidden_block<const N: usize>(
        weights: &[i16],
        bias: &[i16],
        active: &[u32],
        activation: &mut [u8],
        block: usize,
    ) {
        let width = bias.len();
        // SAFETY: the caller vouches for lengths; `block + 16 * N <= width`.
        unsafe {
            let mut sums: [__m256i; N] =
                std::array::from_fn(|i| _mm256_loadu_si256(bias.as_ptr().add(block + 16 * i).cast()));
            for row in active {
                let start = weights.as_ptr().add(*row as usize * width + block);
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = _mm256_add_epi16(*sum, _mm256_loadu_si256(start.add(16 * i).cast()));
                }
            }
            let (zero, top) = (_mm256_setzero_si256(), _mm256_set1_epi16(255));
            for i in 0..N / 2 {
                let squared = |sum| {
                    let clipped = _mm256_min_epi16(_mm256_max_epi16(sum, zero), top);
                    _mm256_srli_epi16::<9>(_mm256_mullo_epi16(clipped, clipped))
                };
                let packed = _mm256_packus_epi16(squared(sums[2 * i]), squared(sums[2 * i + 1]));
                let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(packed);
                _mm256_storeu_si256(activation.as_mut_ptr().add(block + 32 * i).cast(), ordered);
            }
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn sum_lanes(sum: __m256i) -> i32 {
        let half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let quarter = _mm_add_epi32(half, _mm_shuffle_epi32::<0b01_00_11_10>(half));
        _mm_cvtsi128_si32(_mm_add_epi32(quarter, _mm_shuffle_epi32::<0b10_11_00_01>(quarter)))
    }

    /// # Safety
    /// AVX2; equal lengths, a multiple of 32.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn dot_i8(activation: &[u8], weights: &[i8]) -> i32 {
        let ones = _mm256_set1_epi16(1);
        let mut sum = _mm256_setzero_si256();
        for i in (0..activation.len()).step_by(32) {
            // SAFETY: 32 bytes from `i` lie within both slices. 127 * 127 * 2 fits 16 bits, so nothing saturates.
            let products = unsafe {
                let a = _mm256_loadu_si256(activation.as_ptr().add(i).cast());
                _mm256_maddubs_epi16(a, _mm256_loadu_si256(weights.as_ptr().add(i).cast()))
            };
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(products, ones));
        }
        sum_lanes(sum)
    }

    /// # Safety
    /// AVX2; equal lengths, a multiple of 32.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn dot_i16(activation: &[u8], weights: &[i16]) -> i32 {
        let mut sum = _mm256_setzero_si256();
        for i in (0..activation.len()).step_by(16) {
            // SAFETY: 16 elements from `i` lie within both slices.
            let products = unsafe {
                let a = _mm256_cvtepu8_epi16(_mm_loadu_si128(activation.as_ptr().add(i).cast()));
                _mm256_madd_epi16(a, _mm256_loadu_si256(weights.as_ptr().add(i).cast()))
            };
            sum = _mm256_add_epi32(sum, products);
        }
        sum_lanes(sum)
    }
}
