//! Parquet files hold the cells, and read back.

mod fixture;

use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};

fn rows(bytes: Vec<u8>) -> Vec<Row> {
    let file = SerializedFileReader::new(Bytes::from(bytes)).expect("a Parquet file");
    file.get_row_iter(None).expect("rows").collect::<Result<_, _>>().expect("every row")
}

fn field(row: &Row, name: &str) -> Field {
    row.get_column_iter().find(|(n, _)| *n == name).map(|(_, field)| field.clone()).expect("a column")
}

#[test]
fn cells_read_back() {
    let mut summary = fixture::summary(1);
    summary.rows[3].endings.clear();
    summary.rows[4].elo = None;
    let bytes = report::parquet(&summary.rows);
    assert_eq!(bytes, report::parquet(&summary.rows));
    let read = rows(bytes);
    assert_eq!(read.len(), summary.rows.len());
    for (row, cell) in read.iter().zip(&summary.rows) {
        assert_eq!(field(row, "agent"), Field::Str(cell.agent.clone()));
        assert_eq!(field(row, "point"), Field::Long(cell.point.into()));
        assert_eq!(field(row, "score"), Field::Double(cell.score));
        assert_eq!(field(row, "elo"), cell.elo.map_or(Field::Null, Field::Double));
        assert_eq!(field(row, "old_alone"), Field::Long(cell.quadrants[2].into()));
        let lists = ["endings", "ending_games", "seed_scores"].map(|name| match field(row, name) {
            Field::ListInternal(list) => list.elements().to_vec(),
            other => panic!("{name}: {other}"),
        });
        assert_eq!(lists[0], cell.endings.iter().map(|(name, _)| Field::Str(name.clone())).collect::<Vec<_>>());
        assert_eq!(lists[1], cell.endings.iter().map(|(_, n)| Field::Long((*n).into())).collect::<Vec<_>>());
        assert_eq!(lists[2], cell.seed_scores.iter().map(|s| Field::Double(*s)).collect::<Vec<_>>());
    }
    assert!(rows(report::parquet(&[])).is_empty());
}

/// Fields of a cell in `summary.json` that are several columns, or two lists.
#[test]
fn columns_have_the_names_of_the_fields_in_their_order() {
    let summary = fixture::summary(2);
    let fields = serde_json::to_value(&summary.rows[0]).expect("plain data");
    let wanted: Vec<&str> = fields
        .as_object()
        .expect("an object")
        .keys()
        .flat_map(|name| match name.as_str() {
            "quadrants" => vec!["both", "new_alone", "old_alone", "neither"],
            "endings" => vec!["endings", "ending_games"],
            name => vec![name],
        })
        .collect();
    let read = rows(report::parquet(&summary.rows));
    let columns: Vec<&str> = read[0].get_column_iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(columns, wanted);
}
