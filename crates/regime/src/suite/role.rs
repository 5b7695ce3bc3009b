//! Roles of weight files, and the files that a suite binds to them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What weight files are for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Name, unique among the roles of the suite and the shipped ones.
    pub name: String,
    /// One sentence on what it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Where a suite names the files.
    pub bound_by: BoundBy,
    /// Which rules the cards of the files must show.
    pub selected_under: SelectedUnder,
    /// The files must be of evaluators that see the rules.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_rules: bool,
    /// What the files are a curve over, if they are: `games`, `hidden units` (then checked against the networks), or any other word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
    /// The role whose next independent selection stands in where the new rules are the old ones and no file is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub where_unchanged: Option<String>,
}

/// The unit of points that is checked against the width of networks.
pub(crate) const HIDDEN_UNITS: &str = "hidden units";

/// Where files of a role are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoundBy {
    /// In `[files]` of the suite, or `files` of a `[[base]]`: for all shifts of a variant.
    Base,
    /// In `files` of a `[[shift]]`.
    Shift,
}

/// Under which rules files of a role must have been selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectedUnder {
    /// The rules of the base, before the change.
    Base,
    /// The rules of the shift that names the files.
    Shift,
    /// The rules that the suite states where it names the files.
    Stated,
}

/// Weight files of a role, one per independent selection, along a curve if the role is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Binding {
    /// Names of the files by point of the curve. A role that is no curve has the single point 0.
    pub points: BTreeMap<u32, Vec<String>>,
    /// Name of the shift, or of the base's variant, under whose rules the files were selected, where that is not what the role says.
    pub selected_under: Option<String>,
}

impl Binding {
    /// All files, in order.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.points.values().flatten().map(String::as_str)
    }
}

impl Serialize for Binding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            points: &'a BTreeMap<u32, Vec<String>>,
            selected_under: &'a Option<String>,
        }
        Written { points: &self.points, selected_under: &self.selected_under }.serialize(serializer)
    }
}

/// The most files that a range in braces may stand for.
const MAX_RANGE: u32 = 1000;

/// The files that a name stands for: `a-{3..5}.safetensors` is three.
pub(crate) fn expand(name: &str) -> Result<Vec<String>, String> {
    let Some((before, rest)) = name.split_once('{') else { return Ok(vec![name.to_owned()]) };
    let range = rest.split_once('}').and_then(|(range, after)| {
        let (first, last) = range.split_once("..")?;
        Some((first.parse::<u32>().ok()?, last.parse::<u32>().ok()?, after))
    });
    match range {
        Some((first, last, after)) if first <= last && last - first < MAX_RANGE => {
            Ok((first..=last).map(|i| format!("{before}{i}{after}")).collect())
        }
        _ => Err(format!("found `{}`; a range like {{3..5}} is allowed in the braces", files::excerpt(name, 80))),
    }
}

fn point(text: &str) -> Result<u32, String> {
    let wrong = || format!("found `{}`; a point of a curve is a whole number", files::excerpt(text, 40));
    text.trim().parse().map_err(|_| wrong())
}

/// The files of one name by point. The last braces may list the points of a curve, `a-{3..5}-{1500,4500}.safetensors`; a name without such a list has
/// the single point 0.
fn pattern(name: &str) -> Result<BTreeMap<u32, Vec<String>>, String> {
    let group = name.rsplit_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match group {
        Some((before, (list, after))) if !list.contains("..") => list
            .split(',')
            .map(|p| Ok((point(p)?, expand(&format!("{before}{}{after}", p.trim()))?)))
            .try_fold(BTreeMap::new(), |mut points, next: Result<(u32, Vec<String>), String>| {
                let (point, files) = next?;
                match points.insert(point, files) {
                    None => Ok(points),
                    Some(_) => Err(format!("found the point {point} twice; each point once is allowed")),
                }
            }),
        _ => Ok(BTreeMap::from([(0, expand(name)?)])),
    }
}

impl<'de> Deserialize<'de> for Binding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Binding, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Binding;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("weight files: a name, a list of names, or a table of points with lists of names")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Binding, E> {
                Ok(Binding { points: pattern(name).map_err(E::custom)?, selected_under: None })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Binding, A::Error> {
                let mut files = Vec::new();
                while let Some(name) = seq.next_element::<String>()? {
                    files.extend(expand(&name).map_err(A::Error::custom)?);
                }
                Ok(Binding { points: BTreeMap::from([(0, files)]), selected_under: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Binding, A::Error> {
                let mut binding = Binding::default();
                let (mut whole, mut numbered) = (false, false);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "selected_under" => binding.selected_under = Some(map.next_value()?),
                        "files" => {
                            whole = true;
                            binding.points = map.next_value::<Binding>()?.points;
                        }
                        key => {
                            numbered = true;
                            let files: Vec<String> = map.next_value()?;
                            let mut all = Vec::new();
                            for name in files {
                                all.extend(expand(&name).map_err(A::Error::custom)?);
                            }
                            binding.points.insert(point(key).map_err(A::Error::custom)?, all);
                        }
                    }
                }
                if whole && numbered {
                    return Err(A::Error::custom("found both `files` and points; one of them is allowed"));
                }
                Ok(binding)
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Binding, String> {
        #[derive(Deserialize)]
        struct Text {
            role: Binding,
        }
        toml::from_str::<Text>(text).map(|t| t.role).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn ranges_stand_for_files_in_order() {
        let binding = read("role = ['a-{9..11}.x', 'b.x']").unwrap();
        assert_eq!(binding.files().collect::<Vec<_>>(), ["a-9.x", "a-10.x", "a-11.x", "b.x"]);
        for wrong in ["a-{3}.x", "a-{3..2}.x", "a-{1..2", "a-{1..5000}.x", "a-{x..y}.x", "a-{1..99999999999}.x"] {
            assert!(read(&format!("role = ['{wrong}']")).unwrap_err().contains("range"), "{wrong}");
        }
    }

    #[test]
    fn points_are_a_pattern_or_a_table() {
        let curve = read("role = 'a-{1..2}-{500,1500}.x'").unwrap();
        assert_eq!(curve, read("role = { 500 = ['a-{1..2}-500.x'], 1500 = ['a-1-1500.x', 'a-2-1500.x'] }").unwrap());
        assert_eq!(curve.points.keys().copied().collect::<Vec<_>>(), [500, 1500]);
        let stated = read("role = { files = 'a-{1..2}-{500,1500}.x', selected_under = 'hill' }").unwrap();
        assert_eq!((stated.points, stated.selected_under.as_deref()), (curve.points, Some("hill")));
        for wrong in ["role = 'a-{x}.x'", "role = { x = ['a'] }", "role = 'a-{5,5}.x'", "role = 3", "role = [3]"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
