//! Rows as Parquet files (Snappy): a column per field, in the order of the fields.

use std::borrow::Borrow;
use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use regime::results::{PairRow, SummaryRow};

/// Rows of a row group: what is held in memory at once.
const GROUP: usize = 1 << 16;

const CELLS: &str = "message cell {
    required binary experiment (UTF8);
    required binary shift (UTF8);
    required binary arm (UTF8);
    required binary opponent (UTF8);
    required int64 playouts;
    required int64 opponent_playouts;
    required int64 games;
    required double score;
    required double se;
    required double score_low;
    required double score_high;
    optional double elo;
    optional double elo_low;
    optional double elo_high;
    required int64 pairs;
    required int64 seeds;
    optional double confidence;
    required group seed_scores (LIST) { repeated group list { required double element; } }
    optional double error;
    optional double confident_wrong;
    required double material;
    required double illegal_per_game;
}";

const PAIRS: &str = "message pair {
    required binary experiment (UTF8);
    required binary shift (UTF8);
    required binary arm (UTF8);
    required binary opponent (UTF8);
    required int64 playouts;
    required int64 opponent_playouts;
    required int64 games;
    required int64 seed;
    required int64 pair;
    required group opening (LIST) { repeated group list { required binary element (UTF8); } }
    required double score;
    required binary result_as_white (UTF8);
    required binary result_as_black (UTF8);
    required int64 plies_as_white;
    required int64 plies_as_black;
    required int64 illegal;
    optional double confidence;
    optional double error_as_white;
    optional double error_as_black;
    optional double drift_as_white;
    optional double drift_as_black;
    required int64 confident;
    required int64 confident_lost;
    required double material;
    required binary rules (UTF8);
    required binary search_rules (UTF8);
    required binary weights (UTF8);
    required binary opponent_weights (UTF8);
    required binary config (UTF8);
}";

/// Writes the columns of one row group, in the schema's order.
struct Columns<'a, 'b, W: Write, R> {
    group: &'a mut SerializedRowGroupWriter<'b, W>,
    rows: &'a [R],
}

impl<W: Write + Send, R> Columns<'_, '_, W, R> {
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

    fn text(&mut self, of: impl Fn(&R) -> &str) -> Result<(), ParquetError> {
        let values: Vec<ByteArray> = self.rows.iter().map(|r| of(r).into()).collect();
        self.put::<ByteArrayType>(&values, None, None)
    }

    fn whole(&mut self, of: impl Fn(&R) -> u32) -> Result<(), ParquetError> {
        let values: Vec<i64> = self.rows.iter().map(|r| of(r).into()).collect();
        self.put::<Int64Type>(&values, None, None)
    }

    fn number(&mut self, of: impl Fn(&R) -> f64) -> Result<(), ParquetError> {
        let values: Vec<f64> = self.rows.iter().map(of).collect();
        self.put::<DoubleType>(&values, None, None)
    }

    fn optional(&mut self, of: impl Fn(&R) -> Option<f64>) -> Result<(), ParquetError> {
        let values: Vec<f64> = self.rows.iter().filter_map(&of).collect();
        let defined: Vec<i16> = self.rows.iter().map(|r| i16::from(of(r).is_some())).collect();
        self.put::<DoubleType>(&values, Some(&defined), None)
    }

    fn list<T: DataType, I>(
        &mut self,
        of: impl Fn(&R) -> &[I],
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
}

/// A file of one schema, row group by row group.
struct File<W: Write + Send>(SerializedFileWriter<W>);

impl<W: Write + Send> File<W> {
    fn new(out: W, schema: &str) -> Result<File<W>, ParquetError> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let schema = Arc::new(parse_message_type(schema)?);
        Ok(File(SerializedFileWriter::new(out, schema, Arc::new(properties))?))
    }

    fn group<R>(
        &mut self,
        rows: &[R],
        write: impl FnOnce(&mut Columns<'_, '_, W, R>) -> Result<(), ParquetError>,
    ) -> Result<(), ParquetError> {
        let mut group = self.0.next_row_group()?;
        write(&mut Columns { group: &mut group, rows })?;
        group.close().map(|_| ())
    }
}

pub fn cells(rows: &[SummaryRow]) -> Result<Vec<u8>, ParquetError> {
    let mut file = File::new(Vec::new(), CELLS)?;
    file.group(rows, |c| {
        c.text(|r| &r.experiment)?;
        c.text(|r| &r.shift)?;
        c.text(|r| &r.arm)?;
        c.text(|r| &r.opponent)?;
        c.whole(|r| r.playouts)?;
        c.whole(|r| r.opponent_playouts)?;
        c.whole(|r| r.games)?;
        c.number(|r| r.score)?;
        c.number(|r| r.se)?;
        c.number(|r| r.score_low)?;
        c.number(|r| r.score_high)?;
        c.optional(|r| r.elo)?;
        c.optional(|r| r.elo_low)?;
        c.optional(|r| r.elo_high)?;
        c.whole(|r| r.pairs)?;
        c.whole(|r| r.seeds)?;
        c.optional(|r| r.confidence)?;
        c.list::<DoubleType, _>(|r| &r.seed_scores, |s| *s)?;
        c.optional(|r| r.error)?;
        c.optional(|r| r.confident_wrong)?;
        c.number(|r| r.material)?;
        c.number(|r| r.illegal_per_game)
    })?;
    file.0.into_inner()
}

pub fn pairs<W: Write + Send>(out: W, rows: impl IntoIterator<Item = impl Borrow<PairRow>>) -> io::Result<W> {
    let mut file = File::new(out, PAIRS).map_err(io::Error::other)?;
    let mut rows = rows.into_iter();
    loop {
        let group: Vec<_> = rows.by_ref().take(GROUP).collect();
        if group.is_empty() {
            return file.0.into_inner().map_err(io::Error::other);
        }
        let group: Vec<&PairRow> = group.iter().map(Borrow::borrow).collect();
        pair_group(&mut file, &group).map_err(io::Error::other)?;
    }
}

fn pair_group<W: Write + Send>(file: &mut File<W>, rows: &[&PairRow]) -> Result<(), ParquetError> {
    file.group(rows, |c| {
        c.text(|r| &r.experiment)?;
        c.text(|r| &r.shift)?;
        c.text(|r| &r.arm)?;
        c.text(|r| &r.opponent)?;
        c.whole(|r| r.playouts)?;
        c.whole(|r| r.opponent_playouts)?;
        c.whole(|r| r.games)?;
        c.whole(|r| r.seed)?;
        c.whole(|r| r.pair)?;
        c.list::<ByteArrayType, _>(|r| &r.opening, |mv| ByteArray::from(mv.as_str()))?;
        c.number(|r| r.score)?;
        for side in 0..2 {
            c.text(|r| &r.results[side])?;
        }
        for side in 0..2 {
            c.whole(|r| r.plies[side])?;
        }
        c.whole(|r| r.illegal)?;
        c.optional(|r| r.confidence)?;
        for side in 0..2 {
            c.optional(|r| r.errors[side])?;
        }
        for side in 0..2 {
            c.optional(|r| r.drift[side])?;
        }
        for part in 0..2 {
            c.whole(|r| r.confident[part])?;
        }
        c.number(|r| r.material)?;
        c.text(|r| &r.rules)?;
        c.text(|r| &r.search_rules)?;
        c.text(|r| &r.weights)?;
        c.text(|r| &r.opponent_weights)?;
        c.text(|r| &r.config)
    })
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
