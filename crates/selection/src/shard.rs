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
use rules::{Move, MoveList};

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
    fn of(regimes: &[Regime]) -> Format {
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
pub(crate) fn encode(
    rows: &[Row],
    regimes: &[Regime],
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
fn decode(bytes: Vec<u8>, regimes: &[Regime]) -> Result<Samples, String> {
    let text = |e: ParquetError| e.to_string();
    let (file, format) = open(bytes)?;
    if format != Format::of(regimes) {
        return Err(
            "was played under another payoff: only one of file and run may have games that are worth fractions"
                .to_owned(),
        );
    }
    let mut samples = Samples::default();
    for number in 0..file.num_row_groups() {
        let group = file.get_row_group(number).map_err(text)?;
        let group = group.as_ref();
        let (hashes, ..) = column::<ByteArrayType>(group, 1).map_err(text)?;
        let (fens, ..) = column::<ByteArrayType>(group, 6).map_err(text)?;
        let (targets, ..) = column::<BoolType>(group, 9).map_err(text)?;
        let (moves, defined, repeated) = column::<ByteArrayType>(group, 10).map_err(text)?;
        let (visits, ..) = column::<Int32Type>(group, 11).map_err(text)?;
        let (values, value_defined, _) = column::<FloatType>(group, 12).map_err(text)?;
        let worths = worths(group, format)?;
        let ends = list_ends(&defined, &repeated);
        let rows = fens.len();
        if [hashes.len(), targets.len(), ends.len(), value_defined.len(), worths.len()] != [rows; 5]
            || visits.len() != moves.len()
        {
            return Err("has columns of different lengths".to_owned());
        }
        let mut values = values.iter();
        for row in 0..rows {
            let value = (value_defined[row] > 0).then(|| values.next()).flatten();
            if !targets[row] {
                continue;
            }
            let list = if row == 0 { 0 } else { ends[row - 1] }..ends[row];
            let at = |what: String| format!("row {row}: {what}");
            let value = value.filter(|v| v.abs() <= 1.0).ok_or_else(|| at("value is not in -1 to 1".to_owned()))?;
            let utf8 = |bytes: &ByteArray, limit| cell(bytes, limit).map_err(at);
            let hash = utf8(&hashes[row], MAX_FEN)?;
            let regime = regimes.iter().find(|r| r.rules.hash() == hash);
            let regime = regime.ok_or_else(|| at(format!("belongs to rules {hash}, not to this run")))?;
            let position = regime.rules.parse_fen(&utf8(&fens[row], MAX_FEN)?).map_err(|e| at(e.to_string()))?;
            let mut legal = MoveList::new();
            regime.rules.legal_moves(&position, &mut legal);
            let mut names: Vec<(String, Move)> =
                legal.iter().map(|mv| (regime.rules.uci(&position, *mv), *mv)).collect();
            names.sort();
            let visited: Vec<(Move, u32)> = moves[list.clone()]
                .iter()
                .zip(&visits[list])
                .map(|(name, visits)| {
                    let name = utf8(name, MAX_MOVE)?;
                    let found = names.binary_search_by(|(known, _)| known.cmp(&name));
                    let (_, mv) = &names[found.map_err(|_| at(format!("{name} is not legal")))?];
                    Ok((*mv, u32::try_from(*visits).map_err(|_| at(format!("{visits} visits; visits are 0 or more")))?))
                })
                .collect::<Result<_, String>>()?;
            samples.push(&regime.binding, &position, &visited, worths[row], *value);
        }
    }
    Ok(samples)
}

/// Reads the positions of a shard that are learnt from.
///
/// # Errors
/// If the file cannot be read, its bytes do not have the hash `sha256`, or it does not hold positions and moves of these rules.
pub(crate) fn read(path: &Path, sha256: &str, regimes: &[Regime]) -> Result<Samples, SelectionError> {
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
fn decode_any(bytes: Vec<u8>, regimes: &[Regime]) -> Result<Samples, String> {
    let attempt = std::panic::AssertUnwindSafe(|| decode(bytes, regimes));
    std::panic::catch_unwind(attempt).unwrap_or_else(|_| Err(UNSOUND.to_owned()))
}

#[cfg(test)]
mod tests {
    use evaluator::FloatNetwork;
    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;
    use rules::Catalog;

    use super::*;
    use crate::config::Config;
    use crate::self_play::{Games, play_games};

    fn setting() -> (Games, Vec<Regime>) {
        setting_under("")
    }

    /// Games under a payoff, which is given as a line of the configuration.
    fn setting_under(payoff: &str) -> (Games, Vec<Regime>) {
        let text = "variant = 'losalamos'\nseed = 1\ngenerations = 1\nnetwork = { hidden = 32 }\n\
            self_play = { games = 4, playouts = 8, full_share = 0.5, fast_playouts = 4, random_plies = 4, temperature_plies = 60, \
            noise_share = 0.25, noise_concentration = 10.0, max_plies = 60 }\n\
            training = { window = 1, batch = 1, reuse = 1.0, learning_rate = 1e-3, final_learning_rate = 1e-3, weight_decay = 0.0, \
            search_value_share = 0.3 }\ngate = { pairs = 1, playouts = 1, threshold = 0.5 }\n";
        let config = Config::from_toml("test", &format!("{payoff}\n{text}")).unwrap();
        let rules = Catalog::builtin().rules("losalamos").unwrap();
        let (regimes, shape) = crate::regimes(&config, &[rules]).unwrap();
        let network = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(1)).quantise().unwrap();
        let games = play_games(&regimes, &Arc::new(network), &config.self_play, None, (1, 1), &|_| ());
        (games, regimes)
    }

    #[test]
    fn what_is_read_is_what_was_learnt_from() {
        let (games, regimes) = setting();
        let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
        assert_eq!(bytes, encode(&games.rows, &regimes, "0123", 1).unwrap());
        assert!(
            games.rows.iter().any(|r| r.value.is_none()) && games.rows.iter().any(|r| !r.target && r.value.is_some())
        );
        assert_eq!(decode(bytes, &regimes).unwrap(), games.samples);
    }

    #[test]
    fn damage_is_an_error_that_says_what_to_do() {
        let (games, regimes) = setting();
        let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0001.parquet");
        for length in [0, 3, 8, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let error = read(&path, &disk::sha256(&bytes), &regimes).unwrap_err().to_string();
            assert!(
                error.contains("0001.parquet") && error.contains("cut short") && error.contains("--resume"),
                "{error}"
            );
            // A file that is cut short is refused even if its hash is the noted one.
            assert!(read(&path, &disk::sha256(&bytes[..length]), &regimes).is_err());
        }
        let other = Catalog::builtin().rules("gardner").unwrap();
        let other_regimes = [Regime { rules: other, binding: regimes[0].binding.clone() }];
        let error = decode(bytes, &other_regimes).unwrap_err();
        assert!(error.contains("row 0") || error.contains("not to this run"), "{error}");
    }

    const FRACTIONS: &str = "payoff = { count = 0.3, count-at-ply = 30, checkmate = 0.9 }";

    #[test]
    fn fractional_worths_are_kept_and_checked() {
        let (games, regimes) = setting_under(FRACTIONS);
        assert!(games.rows.iter().any(|r| r.worth == 0.3) && games.rows.iter().any(|r| r.worth == -0.3));
        let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
        assert_eq!(decode(bytes.clone(), &regimes).unwrap(), games.samples);
        let moves = decode_moves(bytes.clone()).unwrap();
        assert!(moves.iter().zip(&games.rows).all(|(read, row)| (read.worth, &read.fen) == (row.worth, &row.fen)));
        for worth in [1.5, -1.01, f32::NAN, f32::INFINITY] {
            let mut rows = games.rows.clone();
            rows[3].worth = worth;
            let error = decode(encode(&rows, &regimes, "0123", 1).unwrap(), &regimes).unwrap_err();
            assert!(error.contains("row 3: worth is not in -1 to 1"), "{error}");
        }
        // A run whose games may be worth fractions refuses shards without a column of worths, and the other way round.
        let (whole_games, whole) = setting();
        assert!(decode(bytes, &whole).unwrap_err().contains("worth fractions"));
        let bytes = encode(&whole_games.rows, &whole, "0123", 1).unwrap();
        assert!(decode(bytes, &regimes).unwrap_err().contains("worth fractions"));
    }

    #[test]
    fn worths_that_are_whole_are_kept_as_outcomes() {
        let (games, regimes) = setting_under("payoff = { count = -1, count-at-ply = 30 }");
        let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
        let (file, format) = open(bytes.clone()).unwrap();
        assert_eq!((format, file.metadata().file_metadata().schema().get_fields().len()), (Format::Outcomes, 14));
        assert_eq!(decode(bytes, &regimes).unwrap(), games.samples);
        assert!(games.rows.iter().any(|r| r.worth == -1.0) && games.rows.iter().any(|r| r.worth == 1.0));
    }

    #[test]
    fn an_outcome_that_contradicts_the_worth_is_refused() {
        let (games, regimes) = setting_under(FRACTIONS);
        let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
        let whole = encode(
            &games.rows.iter().map(|r| Row { worth: 0.0, ..r.clone() }).collect::<Vec<_>>(),
            &regimes,
            "0123",
            1,
        );
        let (file, _) = open(bytes).unwrap();
        let (other, _) = open(whole.unwrap()).unwrap();
        let (group, drawn) = (file.get_row_group(0).unwrap(), other.get_row_group(0).unwrap());
        let (worths, ..) = column::<FloatType>(group.as_ref(), 14).unwrap();
        let (outcomes, ..) = column::<Int32Type>(drawn.as_ref(), 13).unwrap();
        assert!(checked_worths(worths.clone(), &outcomes).unwrap_err().contains("outcome is 0, but worth is"));
        assert!(checked_worths(worths, &outcomes[1..]).unwrap_err().contains("different lengths"));
    }

    /// A shard of `times` equal rows with the FEN `text`, which compression makes a small file.
    fn repeated(text: &str, times: usize) -> Vec<u8> {
        let row = Row {
            game: 0,
            ply: 0,
            regime: 0,
            fen: text.to_owned(),
            played: "e2e4".to_owned(),
            playouts: 1,
            target: false,
            moves: vec!["e2e4".to_owned()],
            visits: vec![1],
            value: None,
            worth: 0.0,
        };
        encode(&vec![row; times], &setting().1, "0123", 1).unwrap()
    }

    #[test]
    fn a_small_file_cannot_unpack_to_much() {
        assert_eq!(decode_moves(repeated("fen", 1000)).unwrap().len(), 1000);
        let bytes = repeated("fen", 300_000);
        assert!(bytes.len() < 100_000, "{}", bytes.len());
        assert!(decode_moves(bytes).unwrap_err().contains("more rows"));
        let bytes = repeated(&"x".repeat(100_000), 10);
        assert!(decode_moves(bytes).unwrap_err().contains("at most 400"));
        let mut row = setting().0.rows[0].clone();
        row.moves = vec!["e2e4".to_owned(); 1_000_000];
        row.visits = vec![1; 1_000_000];
        let bytes = encode(&[row], &setting().1, "0123", 1).unwrap();
        assert!(decode_moves(bytes).unwrap_err().contains("more values"));
    }

    #[test]
    fn pages_that_claim_to_unpack_to_gigabytes_are_refused() {
        let bytes = repeated("fen", 1000);
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap();
        let column = file.metadata().row_group(0).column(6);
        let at = column.dictionary_page_offset().unwrap() as usize;
        // The header begins with the page's type and the unpacked size, each a field byte and a number of one byte. The forged size takes
        // five bytes, and so overwrites the fields behind it too.
        assert_eq!(bytes[at], 0x15);
        let mut forged = bytes.clone();
        forged[at + 2..at + 8].copy_from_slice(&[0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
        assert!(pages::check(&forged, file.metadata()).is_err());
        assert!(decode_moves(forged).is_err());
        assert!(pages::check(&bytes, file.metadata()).is_ok());
    }

    #[test]
    fn no_bytes_panic() {
        let (games, regimes) = setting();
        let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut refused = 0;
        // Without this hook every panic that is caught would print a message.
        std::panic::set_hook(Box::new(|_| ()));
        for _ in 0..1000 {
            let mut damaged = bytes.clone();
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..damaged.len());
                damaged[at] = rng.random();
            }
            refused += u32::from(decode_any(damaged, &regimes).is_err());
        }
        let _ = std::panic::take_hook();
        assert!(refused > 100, "{refused}");
    }
}
