//! Cells as a Parquet file (Snappy): a column per field, in the order of the fields.

use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use regime::analysis::SummaryRow;

const SCHEMA: &str = "message cell {
    required binary experiment (UTF8);
    required binary shift (UTF8);
    required binary agent (UTF8);
    required binary opponent (UTF8);
    required int64 playouts;
    required int64 opponent_playouts;
    required int64 point;
    required double score;
    required double se;
    required double score_low;
    required double score_high;
    optional double elo;
    optional double elo_low;
    optional double elo_high;
    required int64 pairs;
    required int64 seeds;
    required int64 rivals;
    optional double old_score;
    required int64 both;
    required int64 new_alone;
    required int64 old_alone;
    required int64 neither;
    required group endings (LIST) { repeated group list { required binary element (UTF8); } }
    required group ending_games (LIST) { repeated group list { required int64 element; } }
    optional double confidence;
    required group seed_scores (LIST) { repeated group list { required double element; } }
    optional double error;
    optional double confident_wrong;
    required double material;
    required double illegal_per_game;
}";

/// Writes the columns of a row group, in the schema's order.
struct Columns<'a, 'b> {
    group: &'a mut SerializedRowGroupWriter<'b, Vec<u8>>,
    rows: &'a [SummaryRow],
}

impl Columns<'_, '_> {
    fn put<T: DataType>(
        &mut self,
        values: &[T::T],
        defined: Option<&[i16]>,
        repeated: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let mut column = self.group.next_column()?.expect("as many columns as the schema has");
        column.typed::<T>().write_batch(values, defined, repeated)?;
        column.close()
    }

    fn text(&mut self, of: impl Fn(&SummaryRow) -> &str) -> Result<(), ParquetError> {
        let values: Vec<ByteArray> = self.rows.iter().map(|r| of(r).into()).collect();
        self.put::<ByteArrayType>(&values, None, None)
    }

    fn whole(&mut self, of: impl Fn(&SummaryRow) -> u32) -> Result<(), ParquetError> {
        let values: Vec<i64> = self.rows.iter().map(|r| of(r).into()).collect();
        self.put::<Int64Type>(&values, None, None)
    }

    fn number(&mut self, of: impl Fn(&SummaryRow) -> f64) -> Result<(), ParquetError> {
        let values: Vec<f64> = self.rows.iter().map(of).collect();
        self.put::<DoubleType>(&values, None, None)
    }

    fn optional(&mut self, of: impl Fn(&SummaryRow) -> Option<f64>) -> Result<(), ParquetError> {
        let values: Vec<f64> = self.rows.iter().filter_map(&of).collect();
        let defined: Vec<i16> = self.rows.iter().map(|r| i16::from(of(r).is_some())).collect();
        self.put::<DoubleType>(&values, Some(&defined), None)
    }

    fn list<T: DataType, I>(
        &mut self,
        of: impl Fn(&SummaryRow) -> &[I],
        value: impl Fn(&I) -> T::T,
    ) -> Result<(), ParquetError> {
        let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for items in self.rows.iter().map(of) {
            values.extend(items.iter().map(&value));
            defined.extend(std::iter::repeat_n(i16::from(!items.is_empty()), items.len().max(1)));
            repeated.push(0);
            repeated.extend(std::iter::repeat_n(1, items.len().saturating_sub(1)));
        }
        self.put::<T>(&values, Some(&defined), Some(&repeated))
    }

    fn all(&mut self) -> Result<(), ParquetError> {
        self.text(|r| &r.experiment)?;
        self.text(|r| &r.shift)?;
        self.text(|r| &r.agent)?;
        self.text(|r| &r.opponent)?;
        self.whole(|r| r.playouts)?;
        self.whole(|r| r.opponent_playouts)?;
        self.whole(|r| r.point)?;
        self.number(|r| r.score)?;
        self.number(|r| r.se)?;
        self.number(|r| r.score_low)?;
        self.number(|r| r.score_high)?;
        self.optional(|r| r.elo)?;
        self.optional(|r| r.elo_low)?;
        self.optional(|r| r.elo_high)?;
        self.whole(|r| r.pairs)?;
        self.whole(|r| r.seeds)?;
        self.whole(|r| r.rivals)?;
        self.optional(|r| r.old_score)?;
        for quadrant in 0..4 {
            self.whole(|r| r.quadrants[quadrant])?;
        }
        self.list::<ByteArrayType, _>(|r| &r.endings, |(name, _)| ByteArray::from(name.as_str()))?;
        self.list::<Int64Type, _>(|r| &r.endings, |(_, games)| i64::from(*games))?;
        self.optional(|r| r.confidence)?;
        self.list::<DoubleType, _>(|r| &r.seed_scores, |score| *score)?;
        self.optional(|r| r.error)?;
        self.optional(|r| r.confident_wrong)?;
        self.number(|r| r.material)?;
        self.number(|r| r.illegal_per_game)
    }
}

pub fn cells(rows: &[SummaryRow]) -> Result<Vec<u8>, ParquetError> {
    let properties =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("interregnum".to_owned());
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    let mut group = file.next_row_group()?;
    Columns { group: &mut group, rows }.all()?;
    group.close()?;
    file.into_inner()
}

/// Base64 (RFC 4648, padded): how bytes stand in the page.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= chunk.len() { digit.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(super::base64(plain.as_bytes()), coded);
        }
    }
}
