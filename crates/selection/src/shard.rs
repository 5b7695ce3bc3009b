//! Shards: the games of a generation as a Parquet file. The README describes the columns.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use parquet::basic::Compression;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, FloatType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;
use rules::{Move, MoveList, Word};

use crate::regimes::Regime;
use crate::samples::Samples;
use crate::self_play::Row;
use crate::{SelectionError, disk, pages};

/// The largest shard that is read back, in bytes.
const MAX_SHARD_BYTES: u64 = 1 << 30;
/// The error for a file on which the `parquet` crate panics.
const UNSOUND: &str = "is not a sound Parquet file";

/// The columns that all shards have.
const COLUMNS: &str = "
        required binary variant (UTF8);
        required binary rules (UTF8);
        required binary weights (UTF8);
        required int32 generation;
        required int32 game;
        required int32 ply;
        required binary fen (UTF8);
        required binary played (UTF8);
        required int32 playouts;
        required boolean target;
        required group moves (LIST) { repeated group list { required binary element (UTF8); } }
        required group visits (LIST) { repeated group list { required int32 element; } }
        optional float value;
        required int32 outcome;
";
/// The last column of shards whose games may have worths other than -1, 0 and 1.
const WORTH: &str = "required float worth;";

/// The format of a shard, which depends on the payoffs that its games were played under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// All worths are -1, 0 or 1, so the column of outcomes holds them.
    Outcomes,
    /// Worths may be any numbers from -1 to 1 and have a column of their own.
    Worths,
}

static OUTCOMES: LazyLock<TypePtr> = LazyLock::new(|| parsed(COLUMNS));
static WORTHS: LazyLock<TypePtr> = LazyLock::new(|| parsed(&[COLUMNS, WORTH].concat()));

fn parsed(columns: &str) -> TypePtr {
    Arc::new(parse_message_type(&format!("message position {{ {columns} }}")).expect("a valid schema"))
}

impl Format {
    fn of<W: Word>(regimes: &[Regime<W>]) -> Format {
        let ternary = regimes.iter().all(|regime| regime.rules.payoff().is_ternary());
        if ternary { Format::Outcomes } else { Format::Worths }
    }

    fn schema(self) -> &'static TypePtr {
        match self {
            Format::Outcomes => &OUTCOMES,
            Format::Worths => &WORTHS,
        }
    }
}

/// Definition and repetition levels (of the Parquet format) of a column of lists with these lengths, whose elements are required.
fn list_levels(lengths: impl Iterator<Item = usize>) -> (Vec<i16>, Vec<i16>) {
    let (mut defined, mut repeated) = (Vec::new(), Vec::new());
    for length in lengths {
        defined.extend(std::iter::repeat_n(i16::from(length > 0), length.max(1)));
        repeated.push(0);
        repeated.extend(std::iter::repeat_n(1, length.saturating_sub(1)));
    }
    (defined, repeated)
}

/// Writes the columns of a row group, in the order of the schema.
struct Columns<'a, 'b>(&'a mut SerializedRowGroupWriter<'b, Vec<u8>>);

impl Columns<'_, '_> {
    fn put<T: DataType>(
        &mut self,
        values: &[T::T],
        levels: Option<(&[i16], Option<&[i16]>)>,
    ) -> Result<(), ParquetError> {
        let mut column = self.0.next_column()?.expect("a column of the schema");
        let (defined, repeated) = levels.map_or((None, None), |(d, r)| (Some(d), r));
        column.typed::<T>().write_batch(values, defined, repeated)?;
        column.close()
    }

    fn texts<'t>(&mut self, texts: impl Iterator<Item = &'t str>) -> Result<(), ParquetError> {
        let values: Vec<ByteArray> = texts.map(ByteArray::from).collect();
        self.put::<ByteArrayType>(&values, None)
    }

    fn numbers(&mut self, numbers: impl Iterator<Item = u32>) -> Result<(), ParquetError> {
        let values: Vec<i32> = numbers.map(|n| n as i32).collect();
        self.put::<Int32Type>(&values, None)
    }
}

/// The bytes of a shard with these rows. `weights` is the hash of the network that played the games of the generation.
pub(crate) fn encode<W: Word>(
    rows: &[Row],
    regimes: &[Regime<W>],
    weights: &str,
    generation: u32,
) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let format = Format::of(regimes);
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::clone(format.schema()), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    let mut columns = Columns(&mut group);
    columns.texts(rows.iter().map(|r| regimes[r.regime].rules.name()))?;
    columns.texts(rows.iter().map(|r| regimes[r.regime].rules.hash()))?;
    columns.texts(rows.iter().map(|_| weights))?;
    columns.numbers(rows.iter().map(|_| generation))?;
    columns.numbers(rows.iter().map(|r| r.game))?;
    columns.numbers(rows.iter().map(|r| r.ply))?;
    columns.texts(rows.iter().map(|r| r.fen.as_str()))?;
    columns.texts(rows.iter().map(|r| r.played.as_str()))?;
    columns.numbers(rows.iter().map(|r| r.playouts))?;
    let targets: Vec<bool> = rows.iter().map(|r| r.target).collect();
    columns.put::<BoolType>(&targets, None)?;
    let (defined, repeated) = list_levels(rows.iter().map(|r| r.moves.len()));
    let levels = Some((&defined[..], Some(&repeated[..])));
    let moves: Vec<ByteArray> = rows.iter().flat_map(|r| &r.moves).map(|m| ByteArray::from(m.as_str())).collect();
    columns.put::<ByteArrayType>(&moves, levels)?;
    let visits: Vec<i32> = rows.iter().flat_map(|r| &r.visits).map(|v| *v as i32).collect();
    columns.put::<Int32Type>(&visits, levels)?;
    let values: Vec<f32> = rows.iter().filter_map(|r| r.value).collect();
    let defined: Vec<i16> = rows.iter().map(|r| i16::from(r.value.is_some())).collect();
    columns.put::<FloatType>(&values, Some((&defined, None)))?;
    let outcomes: Vec<i32> = rows.iter().map(|r| r.outcome().into()).collect();
    columns.put::<Int32Type>(&outcomes, None)?;
    if format == Format::Worths {
        let worths: Vec<f32> = rows.iter().map(|r| r.worth).collect();
        columns.put::<FloatType>(&worths, None)?;
    }
    group.close()?;
    file.into_inner()
}

/// The longest FEN, in bytes.
const MAX_FEN: usize = 400;
/// The longest move, in bytes.
const MAX_MOVE: usize = 40;

/// Opens the bytes of a shard. Checks that it has a shard's columns, and that its pages are not too large for a file of its size.
fn open(bytes: Vec<u8>) -> Result<(SerializedFileReader<bytes::Bytes>, Format), String> {
    let bytes = bytes::Bytes::from(bytes);
    let file = SerializedFileReader::new(bytes.clone()).map_err(|e| e.to_string())?;
    let found = file.metadata().file_metadata().schema();
    let format = [Format::Outcomes, Format::Worths].into_iter().find(|format| found == &**format.schema());
    let format = format.ok_or("has other columns than a shard")?;
    pages::check(&bytes, file.metadata())?;
    Ok((file, format))
}

/// What the game was worth to the mover, for each row of a row group: from the column of worths if there is one, else from the outcomes.
fn worths(group: &dyn RowGroupReader, format: Format) -> Result<Vec<f32>, String> {
    let text = |e: ParquetError| e.to_string();
    let (outcomes, ..) = column::<Int32Type>(group, 13).map_err(text)?;
    if let Some(row) = outcomes.iter().position(|outcome| !(-1..=1).contains(outcome)) {
        return Err(format!("row {row}: outcome is not -1, 0 or 1"));
    }
    if format == Format::Outcomes {
        return Ok(outcomes.into_iter().map(|outcome| outcome as f32).collect());
    }
    let (worths, ..) = column::<FloatType>(group, 14).map_err(text)?;
    checked_worths(worths, &outcomes)
}

/// Checks that every worth lies in -1 to 1 and has the sign that its outcome states.
fn checked_worths(worths: Vec<f32>, outcomes: &[i32]) -> Result<Vec<f32>, String> {
    if worths.len() != outcomes.len() {
        return Err("has columns of different lengths".to_owned());
    }
    for (row, (worth, outcome)) in worths.iter().zip(outcomes).enumerate() {
        if !(-1.0..=1.0).contains(worth) {
            return Err(format!("row {row}: worth is not in -1 to 1"));
        }
        if i32::from(*worth > 0.0) - i32::from(*worth < 0.0) != *outcome {
            return Err(format!("row {row}: outcome is {outcome}, but worth is {worth}"));
        }
    }
    Ok(worths)
}

/// The text of a cell. Texts of more than `limit` bytes are refused.
fn cell(bytes: &ByteArray, limit: usize) -> Result<String, String> {
    if bytes.len() > limit {
        return Err(format!("has a text of {} bytes; at most {limit} were expected", bytes.len()));
    }
    bytes.as_utf8().map(str::to_owned).map_err(|_| "has a text that is not UTF-8".to_owned())
}

/// A column as it was read: its values, their definition levels and their repetition levels.
type Column<T> = (Vec<T>, Vec<i16>, Vec<i16>);

fn column<T: DataType>(group: &dyn RowGroupReader, index: usize) -> Result<Column<T::T>, ParquetError> {
    let rows = group.metadata().num_rows() as usize;
    let found = group.metadata().column(index).column_type();
    if found != T::get_physical_type() {
        return Err(ParquetError::General(format!("column {index} is of type {found}")));
    }
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index)?);
    let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    let mut read = 0;
    while read < rows {
        let (records, ..) = reader.read_records(rows - read, Some(&mut defined), Some(&mut repeated), &mut values)?;
        if records == 0 {
            return Err(ParquetError::General(format!("column {index} ends after {read} of {rows} rows")));
        }
        read += records;
    }
    Ok((values, defined, repeated))
}

/// For each row of a column of lists, the index of the value behind the row's last one.
fn list_ends(defined: &[i16], repeated: &[i16]) -> Vec<usize> {
    let (mut ends, mut end) = (Vec::new(), 0);
    for (definition, repetition) in defined.iter().zip(repeated) {
        // A repetition level of 0 begins a new row.
        if *repetition == 0 {
            ends.push(end);
        }
        end += usize::from(*definition > 0);
        if let Some(last) = ends.last_mut() {
            *last = end;
        }
    }
    ends
}

/// Reads the positions that are learnt from out of the bytes of a shard.
fn decode<W: Word>(bytes: Vec<u8>, regimes: &[Regime<W>]) -> Result<Samples, String> {
    samples_of(&decode_rows(bytes, regimes)?, regimes)
}

/// Reads all rows of a shard, in their order. FENs and moves are not checked against the rules.
fn decode_rows<W: Word>(bytes: Vec<u8>, regimes: &[Regime<W>]) -> Result<Vec<Row>, String> {
    let text = |e: ParquetError| e.to_string();
    let (file, format) = open(bytes)?;
    if format != Format::of(regimes) {
        return Err(
            "was played under another payoff: only one of file and run may have games that are worth fractions"
                .to_owned(),
        );
    }
    let mut found = Vec::new();
    for number in 0..file.num_row_groups() {
        let group = file.get_row_group(number).map_err(text)?;
        let group = group.as_ref();
        let numbers = |index| column::<Int32Type>(group, index).map(|(values, ..)| values).map_err(text);
        let texts = |index| column::<ByteArrayType>(group, index).map(|(values, ..)| values).map_err(text);
        let (hashes, fens, played) = (texts(1)?, texts(6)?, texts(7)?);
        let (games, plies, playouts) = (numbers(4)?, numbers(5)?, numbers(8)?);
        let (targets, ..) = column::<BoolType>(group, 9).map_err(text)?;
        let (moves, defined, repeated) = column::<ByteArrayType>(group, 10).map_err(text)?;
        let (visits, ..) = column::<Int32Type>(group, 11).map_err(text)?;
        let (values, value_defined, _) = column::<FloatType>(group, 12).map_err(text)?;
        let worths = worths(group, format)?;
        let ends = list_ends(&defined, &repeated);
        let rows = fens.len();
        let lengths = [hashes.len(), played.len(), games.len(), plies.len(), playouts.len(), targets.len(), ends.len()];
        if lengths != [rows; 7] || [value_defined.len(), worths.len()] != [rows; 2] || visits.len() != moves.len() {
            return Err("has columns of different lengths".to_owned());
        }
        let mut values = values.into_iter();
        for row in 0..rows {
            let list = if row == 0 { 0 } else { ends[row - 1] }..ends[row];
            let at = |what: String| format!("row {row}: {what}");
            let whole =
                |number: i32| u32::try_from(number).map_err(|_| at(format!("{number}: 0 or more was expected")));
            let hash = cell(&hashes[row], MAX_FEN).map_err(at)?;
            let regime = regimes.iter().position(|r| r.rules.hash() == hash);
            found.push(Row {
                regime: regime.ok_or_else(|| at(format!("belongs to rules {hash}, not to this run")))?,
                game: whole(games[row])?,
                ply: whole(plies[row])?,
                fen: cell(&fens[row], MAX_FEN).map_err(at)?,
                played: cell(&played[row], MAX_MOVE).map_err(at)?,
                playouts: whole(playouts[row])?,
                target: targets[row],
                moves: moves[list.clone()].iter().map(|mv| cell(mv, MAX_MOVE).map_err(at)).collect::<Result<_, _>>()?,
                visits: visits[list].iter().map(|visits| whole(*visits)).collect::<Result<_, _>>()?,
                value: (value_defined[row] > 0).then(|| values.next()).flatten(),
                worth: worths[row],
            });
        }
    }
    Ok(found)
}

/// The positions among rows that are learnt from, each checked against its rules.
fn samples_of<W: Word>(rows: &[Row], regimes: &[Regime<W>]) -> Result<Samples, String> {
    let mut samples = Samples::default();
    for (number, row) in rows.iter().enumerate().filter(|(_, row)| row.target) {
        let at = |what: String| format!("row {number}: {what}");
        let value = row.value.filter(|v| v.abs() <= 1.0).ok_or_else(|| at("value is not in -1 to 1".to_owned()))?;
        let regime = &regimes[row.regime];
        let position = regime.rules.parse_fen(&row.fen).map_err(|e| at(e.to_string()))?;
        let mut legal = MoveList::new();
        regime.rules.legal_moves(&position, &mut legal);
        let mut names: Vec<(String, Move)> = legal.iter().map(|mv| (regime.rules.uci(&position, *mv), *mv)).collect();
        names.sort();
        let visited: Vec<(Move, u32)> = row
            .moves
            .iter()
            .zip(&row.visits)
            .map(|(name, visits)| {
                let found = names.binary_search_by(|(known, _)| known.cmp(name));
                let (_, mv) = &names[found.map_err(|_| at(format!("{name} is not legal")))?];
                Ok((*mv, *visits))
            })
            .collect::<Result<_, String>>()?;
        samples.push(regime, &position, &visited, row.worth, value);
    }
    Ok(samples)
}

/// The rows of a shard, and the positions among them that are learnt from.
///
/// # Errors
/// If the bytes are no shard with positions and moves of these rules.
pub(crate) fn rows_and_samples<W: Word>(bytes: Vec<u8>, regimes: &[Regime<W>]) -> Result<(Vec<Row>, Samples), String> {
    let attempt = std::panic::AssertUnwindSafe(|| {
        let rows = decode_rows(bytes, regimes)?;
        let samples = samples_of(&rows, regimes)?;
        Ok((rows, samples))
    });
    std::panic::catch_unwind(attempt).unwrap_or_else(|_| Err(UNSOUND.to_owned()))
}

/// Reads the positions of a shard that are learnt from.
///
/// # Errors
/// If the file cannot be read, its bytes do not have the hash `sha256`, or it does not hold positions and moves of these rules.
pub(crate) fn read<W: Word>(path: &Path, sha256: &str, regimes: &[Regime<W>]) -> Result<Samples, SelectionError> {
    let bytes = disk::read(path, MAX_SHARD_BYTES)?;
    let help = "remove the file and run again with --resume, which plays its games again and keeps everything else";
    let damaged = |what: String| SelectionError::damaged(path, format!("{what}; {help}"));
    let found = disk::sha256(&bytes);
    if found != sha256 {
        return Err(damaged(format!(
            "is damaged or cut short: its {} bytes have another hash than was noted",
            bytes.len()
        )));
    }
    decode_any(bytes, regimes).map_err(damaged)
}

/// A move of a game in a shard, as programs that show games need it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedMove {
    /// Number of the game in its generation, from 0.
    pub game: i32,
    /// Plies of the game before the move.
    pub ply: i32,
    /// The position before the move as a FEN.
    pub fen: String,
    /// The move, in UCI notation.
    pub played: String,
    /// Playouts of the search that found the move; 0 if the move was random.
    pub playouts: i32,
    /// Mean value of the search for the mover, -1 to 1; `None` if there was no search.
    pub value: Option<f32>,
    /// What the game was worth to the mover, -1 to 1. Without a payoff this is the game's result.
    pub worth: f32,
}

/// Reads all moves of a shard, in the order of games and plies. The moves are not checked against the rules.
///
/// # Errors
/// If the file cannot be read, or is no shard.
pub fn read_moves(path: &Path) -> Result<Vec<PlayedMove>, SelectionError> {
    let bytes = disk::read(path, MAX_SHARD_BYTES)?;
    let attempt = std::panic::AssertUnwindSafe(|| decode_moves(bytes));
    let moves = std::panic::catch_unwind(attempt).unwrap_or_else(|_| Err(UNSOUND.to_owned()));
    moves.map_err(|what| SelectionError::damaged(path, what))
}

fn decode_moves(bytes: Vec<u8>) -> Result<Vec<PlayedMove>, String> {
    let text = |e: ParquetError| e.to_string();
    let (file, format) = open(bytes)?;
    let mut moves = Vec::new();
    for number in 0..file.num_row_groups() {
        let group = file.get_row_group(number).map_err(text)?;
        let numbers = |index| column::<Int32Type>(group.as_ref(), index).map(|(values, ..)| values).map_err(text);
        let texts = |index| column::<ByteArrayType>(group.as_ref(), index).map(|(values, ..)| values).map_err(text);
        let (games, plies, playouts) = (numbers(4)?, numbers(5)?, numbers(8)?);
        let worths = worths(group.as_ref(), format)?;
        let (fens, played) = (texts(6)?, texts(7)?);
        let (values, defined, _) = column::<FloatType>(group.as_ref(), 12).map_err(text)?;
        let rows = fens.len();
        if [games.len(), plies.len(), playouts.len(), worths.len(), played.len(), defined.len()] != [rows; 6] {
            return Err("has columns of different lengths".to_owned());
        }
        let mut values = values.into_iter();
        for row in 0..rows {
            moves.push(PlayedMove {
                game: games[row],
                ply: plies[row],
                fen: cell(&fens[row], MAX_FEN)?,
                played: cell(&played[row], MAX_MOVE)?,
                playouts: playouts[row],
                value: (defined[row] > 0).then(|| values.next()).flatten(),
                worth: worths[row],
            });
        }
    }
    Ok(moves)
}

/// Reads a shard as [`decode`] does, and turns panics into errors. Bytes may be forged together with their hash, and the `parquet` crate
/// panics on some malformed files.
fn decode_any<W: Word>(bytes: Vec<u8>, regimes: &[Regime<W>]) -> Result<Samples, String> {
    let attempt = std::panic::AssertUnwindSafe(|| decode(bytes, regimes));
    std::panic::catch_unwind(attempt).unwrap_or_else(|_| Err(UNSOUND.to_owned()))
}

#[cfg(test)]
mod tests;
