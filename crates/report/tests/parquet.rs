//! Parquet files hold the rows, and read back.

mod fixture;

use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row, RowAccessor as _};
use regime::results::PairRow;

fn rows(bytes: Vec<u8>) -> (SerializedFileReader<Bytes>, Vec<Row>) {
    let file = SerializedFileReader::new(Bytes::from(bytes)).expect("a Parquet file");
    let rows = file.get_row_iter(None).expect("rows").collect::<Result<_, _>>().expect("every row");
    (file, rows)
}

fn pair(i: u32) -> PairRow {
    PairRow {
        experiment: "headline".into(),
        shift: "hill".into(),
        arm: "frozen".into(),
        opponent: "reselected".into(),
        playouts: 100,
        opponent_playouts: u32::MAX,
        games: 0,
        seed: 3,
        pair: i,
        opening: (0..i % 3).map(|ply| format!("a{ply}a3")).collect(),
        score: 0.25,
        results: ["0-1".into(), "1/2-1/2".into()],
        plies: [40, 50],
        illegal: 0,
        confidence: i.is_multiple_of(2).then_some(0.7),
        errors: [Some(0.1), None],
        drift: [None, Some(0.2)],
        confident: [4, 2],
        material: 0.5,
        rules: "r".into(),
        search_rules: "s".into(),
        weights: String::new(),
        opponent_weights: "é".into(),
        config: "c".into(),
    }
}

#[test]
fn cells_read_back() {
    let summary = fixture::summary(1);
    let bytes = report::parquet(&summary.rows);
    assert_eq!(bytes, report::parquet(&summary.rows));
    let (_, read) = rows(bytes);
    assert_eq!(read.len(), summary.rows.len());
    for (row, cell) in read.iter().zip(&summary.rows) {
        assert_eq!(row.get_string(0).unwrap(), &cell.experiment);
        assert_eq!(row.get_long(4).unwrap(), i64::from(cell.playouts));
        assert_eq!(row.get_double(7).unwrap(), cell.score);
        assert_eq!(row.get_double(11).ok(), cell.elo);
        assert_eq!(row.get_list(17).unwrap().len(), cell.seed_scores.len());
    }
    assert!(rows(report::parquet(&[])).1.is_empty());
}

#[test]
fn pairs_read_back_from_several_row_groups() {
    let all: Vec<PairRow> = (0..70_000).map(pair).collect();
    let bytes = report::pairs_parquet(Vec::new(), &all).expect("memory");
    let (file, read) = rows(bytes.clone());
    assert_eq!((file.num_row_groups(), read.len()), (2, all.len()));
    let columns: Vec<&str> = read[0].get_column_iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(columns.len(), 29);
    let of = |row: &Row, name: &str| -> Field {
        row.get_column_iter().find(|(n, _)| *n == name).map(|(_, field)| field.clone()).expect("a column")
    };
    for i in [0, 1, 2, 69_999] {
        let (row, pair) = (&read[i], &all[i]);
        assert_eq!(of(row, "pair"), Field::Long(i as i64));
        assert_eq!(of(row, "opponent_playouts"), Field::Long(i64::from(u32::MAX)));
        assert_eq!(of(row, "result_as_white"), Field::Str("0-1".into()));
        assert_eq!(of(row, "error_as_black"), Field::Null);
        assert_eq!(of(row, "drift_as_black"), Field::Double(0.2));
        assert_eq!(of(row, "confidence"), pair.confidence.map_or(Field::Null, Field::Double));
        let Field::ListInternal(opening) = of(row, "opening") else { panic!("a list") };
        let moves: Vec<Field> = pair.opening.iter().map(|mv| Field::Str(mv.clone())).collect();
        assert_eq!(opening.elements(), moves);
    }
    // Owned rows are as good as borrowed ones.
    assert_eq!(report::pairs_parquet(Vec::new(), all).expect("memory"), bytes);
}
