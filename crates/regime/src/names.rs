//! Names of weight files in suites: lists with ranges, curves with points.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Weight files of one arm, one per independent selection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Files(pub Vec<String>);

/// Weight files along a curve: by games of training, or by units of the hidden layer. Written as a table, or as one name with the points
/// in braces: `a-{3..5}-{1500,4500}.safetensors`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PointsText", into = "BTreeMap<String, Files>")]
pub struct Points(pub BTreeMap<u32, Files>);

#[derive(Deserialize)]
#[serde(untagged)]
enum PointsText {
    Pattern(String),
    Table(BTreeMap<String, Files>),
}

impl From<Points> for BTreeMap<String, Files> {
    fn from(points: Points) -> Self {
        points.0.into_iter().map(|(point, files)| (point.to_string(), files)).collect()
    }
}

impl TryFrom<PointsText> for Points {
    type Error = String;

    fn try_from(text: PointsText) -> Result<Points, String> {
        let number =
            |point: &str| point.parse::<u32>().map_err(|_| format!("`{point}` is not a number of games or units"));
        let points: Result<BTreeMap<u32, Files>, String> = match text {
            PointsText::Table(table) => table.into_iter().map(|(p, files)| Ok((number(&p)?, files))).collect(),
            PointsText::Pattern(pattern) => {
                let group = pattern.rsplit_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
                let Some((before, (list, after))) = group else {
                    return Err(format!("`{pattern}`: points in braces, as {{1500,4500}}, were expected at its end"));
                };
                let files = |point: &str| {
                    let files = Files::try_from(vec![format!("{before}{point}{after}")])?;
                    Ok((number(point)?, files))
                };
                list.split(',').map(files).collect()
            }
        };
        points.map(Points)
    }
}

impl std::ops::Deref for Files {
    type Target = Vec<String>;

    fn deref(&self) -> &Vec<String> {
        &self.0
    }
}

impl From<Files> for Vec<String> {
    fn from(files: Files) -> Vec<String> {
        files.0
    }
}

/// The most files that a range in braces may stand for.
const MAX_RANGE: u32 = 1000;

impl TryFrom<Vec<String>> for Files {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Files, String> {
        let mut files = Vec::new();
        for name in names {
            let Some((before, rest)) = name.split_once('{') else {
                files.push(name);
                continue;
            };
            let range = rest.split_once('}').and_then(|(range, after)| {
                let (first, last) = range.split_once("..")?;
                Some((first.parse::<u32>().ok()?, last.parse::<u32>().ok()?, after))
            });
            match range {
                Some((first, last, after)) if first <= last && last - first < MAX_RANGE => {
                    files.extend((first..=last).map(|i| format!("{before}{i}{after}")));
                }
                _ => return Err(format!("`{name}`: a range like {{3..5}} was expected in the braces")),
            }
        }
        Ok(Files(files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Result<Vec<String>, String> {
        Files::try_from(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).map(|f| f.0)
    }

    #[test]
    fn ranges_stand_for_files_in_order() {
        assert_eq!(files(&["a-{9..11}.x", "b.x"]).unwrap(), ["a-9.x", "a-10.x", "a-11.x", "b.x"]);
        for wrong in ["a-{3}.x", "a-{3..2}.x", "a-{1..2", "a-{1..5000}.x", "a-{x..y}.x", "a-{1..99999999999}.x"] {
            assert!(files(&[wrong]).unwrap_err().contains("range"), "{wrong}");
        }
    }

    #[test]
    fn points_are_a_pattern_or_a_table() {
        #[derive(Deserialize)]
        struct Text {
            curve: Points,
        }
        let read = |text: &str| toml::from_str::<Text>(text).map(|t| t.curve);
        let curve = read("curve = 'a-{1..2}-{500,1500}.x'").unwrap();
        assert_eq!(curve, read("curve = { 500 = ['a-{1..2}-500.x'], 1500 = ['a-1-1500.x', 'a-2-1500.x'] }").unwrap());
        assert_eq!(curve.0.keys().copied().collect::<Vec<_>>(), [500, 1500]);
        for wrong in ["curve = 'a.x'", "curve = 'a-{x}.x'", "curve = { x = ['a'] }"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
