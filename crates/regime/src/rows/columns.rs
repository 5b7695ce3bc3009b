//! Rows of pairs as a Parquet file: a column per field, in the order of the fields. Values repeat so much that a pair takes a few bytes.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, GzipLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::PairRow;
use super::log::last_link;
use crate::error::RegimeError;
use crate::suite::check_rows;

/// Rows of a row group: what is held in memory at once.
const GROUP: usize = 1 << 17;
/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 29;

/// The entry of the file's metadata with the hash that the rows end with.
const CHAIN: &str = "chain";

const SCHEMA: &str = "message pair {
    required binary experiment (UTF8);
    required binary shift (UTF8);
    required binary agent (UTF8);
    required binary opponent (UTF8);
    required int32 playouts (UINT_32);
    required int32 opponent_playouts (UINT_32);
    required int32 point (UINT_32);
    required int32 evaluator (UINT_32);
    required int32 rival (UINT_32);
    required int32 pair (UINT_32);
    required binary opening (UTF8);
    required double score;
    required binary result_as_white (UTF8);
    required binary result_as_black (UTF8);
    required binary ending_as_white (UTF8);
    required binary ending_as_black (UTF8);
    required float worth_as_white;
    required float worth_as_black;
    optional float old_worth_as_white;
    optional float old_worth_as_black;
    required int32 plies_as_white (UINT_32);
    required int32 plies_as_black (UINT_32);
    required int32 illegal (UINT_32);
    optional double confidence;
    optional double error_as_white;
    optional double error_as_black;
    optional double drift_as_white;
    optional double drift_as_black;
    required int32 confident (UINT_32);
    required int32 confident_lost (UINT_32);
    required double material;
    required binary rules (UTF8);
    required binary search_rules (UTF8);
    required binary weights (UTF8);
    required binary opponent_weights (UTF8);
}";

/// Writes the columns of one row group, in the schema's order.
struct ColumnsOut<'a, 'b> {
    group: &'a mut SerializedRowGroupWriter<'b, Vec<u8>>,
    rows: &'a [PairRow],
}

impl ColumnsOut<'_, '_> {
    fn put<T: DataType>(&mut self, values: &[T::T], defined: Option<&[i16]>) -> Result<(), ParquetError> {
        let mut column = self.group.next_column()?.expect("as many columns as the schema has");
        column.typed::<T>().write_batch(values, defined, None)?;
        column.close()
    }

    fn text(&mut self, of: impl Fn(&PairRow) -> &str) -> Result<(), ParquetError> {
        let values: Vec<ByteArray> = self.rows.iter().map(|r| of(r).into()).collect();
        self.put::<ByteArrayType>(&values, None)
    }

    fn whole(&mut self, of: impl Fn(&PairRow) -> u32) -> Result<(), ParquetError> {
        let values: Vec<i32> = self.rows.iter().map(|r| of(r).cast_signed()).collect();
        self.put::<Int32Type>(&values, None)
    }

    fn number<T: DataType>(&mut self, of: impl Fn(&PairRow) -> T::T) -> Result<(), ParquetError> {
        let values: Vec<T::T> = self.rows.iter().map(of).collect();
        self.put::<T>(&values, None)
    }

    fn optional<T: DataType>(&mut self, of: impl Fn(&PairRow) -> Option<T::T>) -> Result<(), ParquetError> {
        let values: Vec<T::T> = self.rows.iter().filter_map(&of).collect();
        let defined: Vec<i16> = self.rows.iter().map(|r| i16::from(of(r).is_some())).collect();
        self.put::<T>(&values, Some(&defined))
    }

    fn all(&mut self) -> Result<(), ParquetError> {
        self.text(|r| &r.experiment)?;
        self.text(|r| &r.shift)?;
        self.text(|r| &r.agent)?;
        self.text(|r| &r.opponent)?;
        self.whole(|r| r.playouts)?;
        self.whole(|r| r.opponent_playouts)?;
        self.whole(|r| r.point)?;
        self.whole(|r| r.evaluator)?;
        self.whole(|r| r.rival)?;
        self.whole(|r| r.pair)?;
        self.text(|r| &r.opening)?;
        self.number::<DoubleType>(|r| r.score)?;
        for side in 0..2 {
            self.text(|r| &r.results[side])?;
        }
        for side in 0..2 {
            self.text(|r| &r.endings[side])?;
        }
        for side in 0..2 {
            self.number::<FloatType>(|r| r.worth[side])?;
        }
        for side in 0..2 {
            self.optional::<FloatType>(|r| r.old_worth[side])?;
        }
        for side in 0..2 {
            self.whole(|r| r.plies[side])?;
        }
        self.whole(|r| r.illegal)?;
        self.optional::<DoubleType>(|r| r.confidence)?;
        for side in 0..2 {
            self.optional::<DoubleType>(|r| r.errors[side])?;
        }
        for side in 0..2 {
            self.optional::<DoubleType>(|r| r.drift[side])?;
        }
        for part in 0..2 {
            self.whole(|r| r.confident[part])?;
        }
        self.number::<DoubleType>(|r| r.material)?;
        self.text(|r| &r.rules)?;
        self.text(|r| &r.search_rules)?;
        self.text(|r| &r.weights)?;
        self.text(|r| &r.opponent_weights)
    }
}

/// The rows of a run as a Parquet file (columns with dictionaries, gzip), with the hash that chains them to its identity. The same rows give
/// the same bytes.
#[must_use]
pub fn write_pairs(rows: &[PairRow], identity: &str) -> Vec<u8> {
    let chain = vec![KeyValue::new(CHAIN.to_owned(), last_link(identity, rows))];
    let write = || -> Result<Vec<u8>, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(GzipLevel::try_new(9)?))
            .set_dictionary_page_size_limit(1 << 22)
            .set_created_by("interregnum".to_owned())
            .set_key_value_metadata(Some(chain.clone()))
            .build();
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
        for rows in rows.chunks(GROUP) {
            let mut group = file.next_row_group()?;
            ColumnsOut { group: &mut group, rows }.all()?;
            group.close()?;
        }
        file.into_inner()
    };
    write().expect("nothing fails in memory")
}

/// Reads the columns of one row group, in the schema's order.
struct ColumnsIn<'a> {
    group: Box<dyn RowGroupReader + 'a>,
    next: usize,
    rows: usize,
}

impl ColumnsIn<'_> {
    fn optional<T: DataType>(&mut self) -> Result<Vec<Option<T::T>>, ParquetError>
    where
        T::T: Clone,
    {
        let optional = self.group.metadata().column(self.next).column_descr().max_def_level() > 0;
        let column = self.group.get_column_reader(self.next)?;
        self.next += 1;
        let mut reader = get_typed_column_reader::<T>(column);
        let (mut defined, mut values) = (Vec::new(), Vec::new());
        let mut read = 0;
        while read < self.rows {
            let levels = optional.then_some(&mut defined);
            let (records, ..) = reader.read_records(self.rows - read, levels, None, &mut values)?;
            if records == 0 {
                return Err(ParquetError::General("a column is cut short".to_owned()));
            }
            read += records;
        }
        let mut values = values.into_iter();
        let all: Vec<Option<T::T>> = if optional {
            defined.iter().map(|level| if *level > 0 { values.next() } else { None }).collect()
        } else {
            values.map(Some).collect()
        };
        if all.len() == self.rows { Ok(all) } else { Err(ParquetError::General("a column is cut short".to_owned())) }
    }

    fn number<T: DataType>(&mut self) -> Result<Vec<T::T>, ParquetError>
    where
        T::T: Clone,
    {
        let all = self.optional::<T>()?;
        all.into_iter().map(|v| v.ok_or_else(|| ParquetError::General("a value is missing".to_owned()))).collect()
    }

    fn whole(&mut self) -> Result<Vec<u32>, ParquetError> {
        Ok(self.number::<Int32Type>()?.into_iter().map(i32::cast_unsigned).collect())
    }

    fn text(&mut self) -> Result<Vec<String>, ParquetError> {
        let all = self.number::<ByteArrayType>()?;
        let text = |bytes: ByteArray| bytes.as_utf8().map(str::to_owned);
        all.into_iter().map(text).collect()
    }
}

fn group(group: Box<dyn RowGroupReader + '_>) -> Result<Vec<PairRow>, ParquetError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
    check_rows(rows).map_err(ParquetError::General)?;
    let mut c = ColumnsIn { group, next: 0, rows };
    let [experiment, shift, agent, opponent] = [c.text()?, c.text()?, c.text()?, c.text()?];
    let [playouts, opponent_playouts, point] = [c.whole()?, c.whole()?, c.whole()?];
    let [evaluator, rival, pair] = [c.whole()?, c.whole()?, c.whole()?];
    let opening = c.text()?;
    let score = c.number::<DoubleType>()?;
    let [results, endings] = [[c.text()?, c.text()?], [c.text()?, c.text()?]];
    let worth = [c.number::<FloatType>()?, c.number::<FloatType>()?];
    let old_worth = [c.optional::<FloatType>()?, c.optional::<FloatType>()?];
    let plies = [c.whole()?, c.whole()?];
    let illegal = c.whole()?;
    let confidence = c.optional::<DoubleType>()?;
    let errors = [c.optional::<DoubleType>()?, c.optional::<DoubleType>()?];
    let drift = [c.optional::<DoubleType>()?, c.optional::<DoubleType>()?];
    let confident = [c.whole()?, c.whole()?];
    let material = c.number::<DoubleType>()?;
    let [rules, search_rules, weights, opponent_weights] = [c.text()?, c.text()?, c.text()?, c.text()?];
    let row = |i: usize| PairRow {
        experiment: experiment[i].clone(),
        shift: shift[i].clone(),
        agent: agent[i].clone(),
        opponent: opponent[i].clone(),
        playouts: playouts[i],
        opponent_playouts: opponent_playouts[i],
        point: point[i],
        evaluator: evaluator[i],
        rival: rival[i],
        pair: pair[i],
        opening: opening[i].clone(),
        score: score[i],
        results: results.each_ref().map(|side| side[i].clone()),
        endings: endings.each_ref().map(|side| side[i].clone()),
        worth: worth.each_ref().map(|side| side[i]),
        old_worth: old_worth.each_ref().map(|side| side[i]),
        plies: plies.each_ref().map(|side| side[i]),
        illegal: illegal[i],
        confidence: confidence[i],
        errors: errors.each_ref().map(|side| side[i]),
        drift: drift.each_ref().map(|side| side[i]),
        confident: confident.each_ref().map(|part| part[i]),
        material: material[i],
        rules: rules[i].clone(),
        search_rules: search_rules[i].clone(),
        weights: weights[i].clone(),
        opponent_weights: opponent_weights[i].clone(),
    };
    Ok((0..rows).map(row).collect())
}

/// Number of rows that a file of [`write_pairs`] states; `None` if there is no such file.
#[must_use]
pub fn count_pairs(path: &Path) -> Option<u64> {
    let bytes = files::read(path, MAX_BYTES).ok()?;
    let file = SerializedFileReader::new(Bytes::from(bytes)).ok()?;
    u64::try_from(file.metadata().file_metadata().num_rows()).ok()
}

/// Reads what [`write_pairs`] wrote for the run of that identity.
///
/// # Errors
/// If the file cannot be read, is no such file, or holds rows that were changed or belong to another run.
pub fn read_pairs(path: &Path, identity: &str) -> Result<Vec<PairRow>, RegimeError> {
    let bytes = files::read(path, MAX_BYTES).map_err(|e| files::FileError::new(path, "read", e))?;
    let wrong = |e: ParquetError| RegimeError::damaged(path, format!("is no Parquet file of pairs: {e}"));
    let file = SerializedFileReader::new(Bytes::from(bytes)).map_err(wrong)?;
    let expected = parse_message_type(SCHEMA).expect("our own schema");
    if file.metadata().file_metadata().schema() != &expected {
        return Err(RegimeError::damaged(path, "is a Parquet file of other columns than those of pairs"));
    }
    let mut rows = Vec::new();
    for i in 0..file.num_row_groups() {
        rows.extend(group(file.get_row_group(i).map_err(wrong)?).map_err(wrong)?);
        check_rows(rows.len()).map_err(|message| RegimeError::damaged(path, message))?;
    }
    let metadata = file.metadata().file_metadata().key_value_metadata();
    let found = metadata.and_then(|all| all.iter().find(|pair| pair.key == CHAIN)).and_then(|pair| pair.value.clone());
    if found.as_deref() != Some(last_link(identity, &rows).as_str()) {
        return Err(RegimeError::damaged(path, "holds rows that were changed, or that are of another run"));
    }
    Ok(rows)
}
