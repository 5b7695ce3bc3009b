//! One unit, and the form in which its result travels.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::WorkError;

/// The longest line that seals a result, in bytes.
const MAX_SEAL: usize = 1000;

/// A part of a run's work: a pure function of what stands here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Hash of all other fields: 32 hexadecimal digits.
    pub id: String,
    /// Signature of the program that asks for the unit. One of another signature might find something else.
    pub signature: String,
    /// Hash of the job ([`crate::Job`]) that the unit belongs to.
    pub job: String,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub inputs: Value,
    /// SHA-256 of the files that are needed, 64 hexadecimal digits each.
    pub files: Vec<String>,
}

impl Unit {
    /// A unit with its id.
    ///
    /// # Panics
    /// Never: the fields are plain data.
    #[must_use]
    pub fn new(signature: &str, job: &str, kind: &str, inputs: Value, files: Vec<String>) -> Unit {
        let [signature, job, kind] = [signature, job, kind].map(str::to_owned);
        let mut unit = Unit { id: String::new(), signature, job, kind, inputs, files };
        unit.id = unit.computed_id();
        unit
    }

    /// Whether the id is that of the other fields, and the unit one of this job.
    #[must_use]
    pub fn is_sound(&self, job: &crate::Job) -> bool {
        self.id == self.computed_id() && self.job == crate::folder::job_hash(job)
    }

    /// The hashes of the files that the unit and its job need.
    #[must_use]
    pub fn needs(&self, job: &crate::Job) -> BTreeSet<String> {
        let of_job = crate::job_files(job).map(|(_, hash)| hash.to_owned());
        of_job.chain(self.files.iter().cloned()).collect()
    }

    /// The id that the other fields give.
    pub(crate) fn computed_id(&self) -> String {
        let fields = (&self.signature, &self.job, &self.kind, &self.inputs, &self.files);
        hash_of(&serde_json::to_vec(&fields).expect("plain data"))[..32].to_owned()
    }
}

/// SHA-256 of bytes in 64 hexadecimal digits.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// The first line of a result.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    unit: String,
    signature: String,
    bytes: usize,
    sha256: String,
    /// What it took. No result of a run depends on it.
    seconds: f64,
}

/// A result as it travels: a line that seals it, then its bytes. `seconds` is what it took, which tells the owner how large units should be.
///
/// # Panics
/// Never: the line is plain data.
#[must_use]
pub fn seal(unit: &Unit, result: &[u8], seconds: f64) -> Vec<u8> {
    let (unit, signature) = (unit.id.clone(), unit.signature.clone());
    let seal = Seal { unit, signature, bytes: result.len(), sha256: hash_of(result), seconds };
    let mut bytes = serde_json::to_vec(&seal).expect("plain data");
    bytes.push(b'\n');
    bytes.extend_from_slice(result);
    bytes
}

/// The result that [`seal`] made.
///
/// # Errors
/// If it is damaged, of another unit, or made by a program of another signature.
pub fn open<'a>(unit: &Unit, bytes: &'a [u8]) -> Result<&'a [u8], WorkError> {
    opened(unit, bytes).map(|(result, _)| result)
}

/// [`open`], with the seconds that it took.
pub(crate) fn opened<'a>(unit: &Unit, bytes: &'a [u8]) -> Result<(&'a [u8], f64), WorkError> {
    let refused = |message: String| WorkError::Result { unit: unit.id.clone(), message };
    let damaged = || refused("the result is damaged or cut short".to_owned());
    let end = bytes.iter().take(MAX_SEAL).position(|b| *b == b'\n').ok_or_else(damaged)?;
    let seal: Seal = serde_json::from_slice(&bytes[..end]).map_err(|_| damaged())?;
    if seal.unit != unit.id {
        return Err(refused(format!("the result is of unit {}", files::excerpt(&seal.unit, 40))));
    }
    if seal.signature != unit.signature {
        let found = files::excerpt(&seal.signature, 40);
        return Err(refused(format!(
            "the result was made by a program of signature {found}; this run has {}",
            unit.signature
        )));
    }
    let result = &bytes[end + 1..];
    if seal.bytes != result.len() || seal.sha256 != hash_of(result) {
        return Err(damaged());
    }
    Ok((result, seal.seconds))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_unit_is_decides_its_id() {
        let unit = |signature: &str, of: u32, file: &str| {
            Unit::new(signature, "job", "square", json!({ "of": of }), vec![file.to_owned()]).id
        };
        assert_eq!(unit("a", 1, "x"), unit("a", 1, "x"));
        assert_eq!(unit("a", 1, "x").len(), 32);
        let others = [unit("b", 1, "x"), unit("a", 2, "x"), unit("a", 1, "y")];
        assert!(others.iter().all(|other| *other != unit("a", 1, "x")));
    }

    #[test]
    fn a_result_of_something_else_is_refused_with_the_reason() {
        let unit = |signature: &str, of: u32| Unit::new(signature, "job", "square", json!({ "of": of }), Vec::new());
        let bytes = seal(&unit("a", 12), b"144\n", 0.5);
        assert_eq!(open(&unit("a", 12), &bytes).unwrap(), b"144\n");
        let why = |unit: &Unit, bytes: &[u8]| open(unit, bytes).unwrap_err().to_string();
        assert!(why(&unit("a", 13), &bytes).contains("is of unit"));
        // The signature is part of the id, so only a forged result can show another one.
        let forged = String::from_utf8(bytes.clone()).unwrap().replace("\"signature\":\"a\"", "\"signature\":\"b\"");
        let error = why(&unit("a", 12), forged.as_bytes());
        assert!(error.contains("signature b") && error.contains("has a"), "{error}");
        for cut in 0..bytes.len() {
            assert!(why(&unit("a", 12), &bytes[..cut]).contains("damaged"));
        }
        for place in 0..bytes.len() {
            let mut other = bytes.clone();
            other[place] ^= 1;
            let found = open(&unit("a", 12), &other);
            assert!(found.is_err() || bytes[..place].ends_with(b"\"seconds\":0") || found.unwrap() == b"144\n");
        }
    }
}
