//! The arithmetic of a judgement in three implementations: plain Rust, AVX2, and AVX-512 with VNNI. All three give the same bits,
//! because everything up to the last division is on integers that cannot overflow (see [`crate::Network`]).
//!
//! The only unsafe code of the crate is here: vectors loaded from and stored to arrays of their size, and the call of a function
//! compiled for instructions that the processor was just asked for.

#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use rules::{Color, Move, Position, Rules, Word};

use crate::fixed;
use crate::frame::MAX_SQUARES;
use crate::network::Network;
use crate::shape::{Binding, MAX_ACTIVE, MAX_HIDDEN, MAX_MOVES};
use crate::tensors::Parts;

/// An implementation of inference. All give the same results, to the bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain Rust.
    Scalar,
    /// 256-bit vectors on x86-64 (AVX2 and BMI). Where the processor lacks them, [`Kernel::Scalar`] stands in.
    Avx2,
    /// 512-bit vectors on x86-64 (AVX-512 F, BW, VL and VNNI). Where the processor lacks them, [`Kernel::Scalar`] stands in.
    Avx512,
}

/// A network, and how a variant's men, squares and moves are its features and addresses.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    pub(crate) network: &'a Network,
    pub(crate) binding: &'a Binding,
}

/// Buffers of a judgement, kept from call to call. All numbers in them are of one network.
#[repr(C, align(64))]
#[derive(Clone, Debug)]
pub(crate) struct Room {
    activation: [u8; MAX_HIDDEN],
    logits: [i32; MAX_MOVES],
    /// Terms of the softmax.
    terms: [f32; MAX_MOVES],
    /// Promotion addresses, each with the number of its move.
    promotions: [(u16, u16); MAX_MOVES],
    active: [u16; MAX_ACTIVE],
    /// Logits of more moves than `logits` holds.
    many: Vec<i32>,
}

impl Room {
    pub(crate) fn new() -> Room {
        Room {
            activation: [0; MAX_HIDDEN],
            logits: [0; MAX_MOVES],
            terms: [0.0; MAX_MOVES],
            promotions: [(0, 0); MAX_MOVES],
            active: [0; MAX_ACTIVE],
            many: Vec::new(),
        }
    }

    /// Writes the features of a position into the buffers. Returns how many are active.
    #[inline(always)]
    fn look<W: Word>(&mut self, binding: &Binding, rules: &Rules<W>, position: &Position<W>) -> usize {
        let mut active = 0;
        binding.active_features(rules, position, |feature| {
            self.active[active & (MAX_ACTIVE - 1)] = feature as u16;
            active += 1;
        });
        active
    }
}

impl Kernel {
    /// The fastest kernel that this machine can run.
    #[must_use]
    pub fn best() -> Kernel {
        [Kernel::Avx512, Kernel::Avx2].into_iter().find(|kernel| kernel.is_available()).unwrap_or(Kernel::Scalar)
    }

    /// Whether this machine can run the kernel.
    #[must_use]
    #[inline]
    pub fn is_available(self) -> bool {
        match self {
            Kernel::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => {
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2")
            }
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512 => {
                Kernel::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vnni")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Kernel::Avx2 | Kernel::Avx512 => false,
        }
    }

    /// This kernel, or where the machine lacks its instructions the plain one. Asking the processor at every judgement would take a twentieth of it.
    pub(crate) fn runnable(self) -> Runnable {
        Runnable(if self.is_available() { self } else { Kernel::Scalar })
    }
}

/// A kernel whose instructions the machine has: nothing but [`Kernel::runnable`] makes one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runnable(Kernel);

impl Runnable {
    /// Probabilities of win, draw and loss for the mover. Computed in plain Rust with every kernel, as they are seldom asked for.
    pub(crate) fn win_draw_loss<W: Word>(
        bound: Bound<'_>,
        rules: &Rules<W>,
        position: &Position<W>,
        room: &mut Room,
    ) -> [f32; 3] {
        let active = room.look(bound.binding, rules, position);
        fixed::win_draw_loss(scalar::hidden(&bound.network.parts, room, active), Network::VALUE_RECIPROCAL)
    }

    /// Writes the hidden layer of a position into `room`, and returns the expected result.
    #[inline]
    pub(crate) fn value<W: Word>(
        self,
        bound: Bound<'_>,
        rules: &Rules<W>,
        position: &Position<W>,
        room: &mut Room,
    ) -> f32 {
        #[cfg(target_arch = "x86_64")]
        match self.0 {
            Kernel::Scalar => {}
            // SAFETY: the processor has the instructions, which was asked when this kernel was made.
            Kernel::Avx2 => return unsafe { avx2::value(bound, rules, position, room) },
            // SAFETY: as above.
            Kernel::Avx512 => return unsafe { avx512::value(bound, rules, position, room) },
        }
        let active = room.look(bound.binding, rules, position);
        fixed::expected_result(scalar::hidden(&bound.network.parts, room, active), Network::VALUE_RECIPROCAL)
    }

    /// Writes the priors of `moves` of `turn`, by the hidden layer that [`Runnable::value`] has left in `room`.
    ///
    /// # Panics
    /// If there is not one prior per move.
    #[inline]
    pub(crate) fn priors(self, bound: Bound<'_>, turn: Color, moves: &[Move], room: &mut Room, priors: &mut [f32]) {
        assert!(moves.len() == priors.len(), "one prior per move");
        if moves.len() > bound.binding.most_moves() {
            priors_of_many(bound, turn, moves, room, priors);
            return;
        }
        #[cfg(target_arch = "x86_64")]
        match self.0 {
            Kernel::Scalar => {}
            // SAFETY: the processor has the instructions, which was asked when this kernel was made.
            Kernel::Avx2 => return unsafe { avx2::priors(bound, turn, moves, room, priors) },
            // SAFETY: as above.
            Kernel::Avx512 => return unsafe { avx512::priors(bound, turn, moves, room, priors) },
        }
        let activation = &room.activation[..bound.network.parts.bias.len()];
        for (logit, mv) in room.logits.iter_mut().zip(moves) {
            *logit = scalar::logit_of_man(&bound.network.parts, activation, bound.binding.address(*mv, turn));
        }
        fixed::softmax(&room.logits[..moves.len()], Network::POLICY_RECIPROCAL, priors);
    }
}

/// The policy addresses of at most four moves, the first of which has this number; 0 for those that are missing. Promotions are noted, each with the
/// number of its move. Addresses are returned and not written to a buffer: a vector that is read back just after its parts were written
/// makes the processor wait.
#[inline(always)]
fn addresses_of_four(
    binding: &Binding,
    turn: Color,
    (first, moves): (usize, &[Move]),
    promotions: &mut [(u16, u16); MAX_MOVES],
    noted: &mut usize,
) -> [usize; 4] {
    let mut from_to = [0; 4];
    for (i, (from_to, mv)) in from_to.iter_mut().zip(moves).enumerate() {
        let address = binding.address(*mv, turn);
        *from_to = address.from_to;
        if let Some(promotion) = address.promotion {
            promotions[*noted] = ((first + i) as u16, promotion as u16);
            *noted += 1;
        }
    }
    from_to
}

/// [`Runnable::priors`] in plain Rust for more moves than the buffers hold, and for moves that build walls: of those, many share all of their
/// address but the wall, whose logit is then added to a known one.
#[cold]
#[inline(never)]
fn priors_of_many(bound: Bound<'_>, turn: Color, moves: &[Move], room: &mut Room, priors: &mut [f32]) {
    let activation = &room.activation[..bound.network.parts.bias.len()];
    let mut last = None;
    let mut walls = [None; MAX_SQUARES];
    room.many.clear();
    room.many.extend(moves.iter().map(|mv| {
        let address = bound.binding.address(*mv, turn);
        let of_man = (address.from_to, address.promotion);
        let man = match last {
            Some((known, logit)) if known == of_man => logit,
            _ => scalar::logit_of_man(&bound.network.parts, activation, address),
        };
        last = Some((of_man, man));
        let wall = address.wall.map(|wall| {
            *walls[wall & (MAX_SQUARES - 1)]
                .get_or_insert_with(|| scalar::logit_of_wall(&bound.network.parts, activation, wall))
        });
        man + wall.unwrap_or(0)
    }));
    fixed::softmax(&room.many, Network::POLICY_RECIPROCAL, priors);
}
