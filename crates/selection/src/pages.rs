//! Checks the page headers of a Parquet file before the `parquet` crate reads its pages. The crate trusts them, and a forged file of a few
//! bytes can claim billions of values or gigabytes of unpacked data.

use parquet::file::metadata::ParquetMetaData;

/// The most values that a column may have per byte of the file; shards of self-play have about half a value.
const VALUES_PER_BYTE: u64 = 2;
/// The fewest bytes of the file per row; shards of self-play have about 50.
const BYTES_PER_ROW: u64 = 4;
/// The most unpacked bytes that a column may have per byte of the file; shards of self-play have at most five.
const UNPACKED_PER_BYTE: u64 = 16;
/// Values, and rows, that are allowed whatever the size of the file, since in a small file these ratios vary much.
const VALUES_BESIDES: u64 = 1 << 14;
/// Unpacked bytes of a column that are allowed whatever the size of the file.
const UNPACKED_BESIDES: u64 = 1 << 20;

/// Codes of field types in Thrift's compact protocol.
mod kind {
    pub const STOP: u8 = 0;
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const BYTE: u8 = 3;
    pub const I16: u8 = 4;
    pub const I64: u8 = 6;
    pub const DOUBLE: u8 = 7;
    pub const BINARY: u8 = 8;
    pub const STRUCT: u8 = 12;
}

/// The sizes in the header of a page, or the sums of these over the pages of a column.
#[derive(Clone, Default)]
struct Page {
    /// Bytes after decompression.
    unpacked: u64,
    /// Bytes in the file.
    packed: u64,
    values: u64,
}

/// Refuses a file whose metadata and page headers claim more rows, values or unpacked bytes than the limits allow for its size. The error
/// is a predicate about the file.
pub(crate) fn check(bytes: &[u8], metadata: &ParquetMetaData) -> Result<(), String> {
    let size = bytes.len() as u64;
    let rows = metadata.row_groups().iter().try_fold(0u64, |sum, group| {
        let rows = u64::try_from(group.num_rows()).ok()?;
        sum.checked_add(rows).filter(|sum| *sum <= size / BYTES_PER_ROW + VALUES_BESIDES)
    });
    rows.ok_or("claims more rows than a file of its size can hold")?;
    let columns = metadata.file_metadata().schema_descr().num_columns();
    let mut sums = vec![Page::default(); columns];
    for group in metadata.row_groups() {
        if group.num_columns() != columns {
            return Err("has a row group without all columns".to_owned());
        }
        for (column, sum) in group.columns().iter().zip(&mut sums) {
            let begin = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let range = usize::try_from(begin).ok().zip(usize::try_from(column.compressed_size()).ok());
            let mut rest = range
                .and_then(|(begin, length)| bytes.get(begin..begin.checked_add(length)?))
                .ok_or("has a column that lies outside of the file")?;
            while !rest.is_empty() {
                let (page, behind) = header(rest).ok_or("has a page whose header is malformed")?;
                rest = usize::try_from(page.packed)
                    .ok()
                    .and_then(|length| behind.get(length..))
                    .ok_or("has a page that is cut short")?;
                sum.values += page.values;
                sum.unpacked += page.unpacked;
                if sum.values > size * VALUES_PER_BYTE + VALUES_BESIDES
                    || sum.unpacked > size * UNPACKED_PER_BYTE + UNPACKED_BESIDES
                {
                    return Err("claims more values than a file of its size can hold".to_owned());
                }
            }
        }
    }
    Ok(())
}

/// The header of a page, and the bytes after the header; `None` if it is malformed.
fn header(bytes: &[u8]) -> Option<(Page, &[u8])> {
    let mut reader = Reader { bytes };
    let mut page = Page::default();
    let mut id = 0;
    while let Some(field) = reader.field(&mut id)? {
        match (id, field) {
            (2, kind::BYTE..=kind::I64) => page.unpacked = reader.size()?,
            (3, kind::BYTE..=kind::I64) => page.packed = reader.size()?,
            // Field 5 is the header of a data page, 7 of a dictionary page, 8 of a data page of version 2. In each of these headers the first
            // field is the number of values.
            (5 | 7 | 8, kind::STRUCT) => {
                let mut inner = 0;
                while let Some(field) = reader.field(&mut inner)? {
                    if inner == 1 && (kind::BYTE..=kind::I64).contains(&field) {
                        page.values = reader.size()?;
                    } else {
                        reader.skip(field, 0)?;
                    }
                }
            }
            (_, field) => reader.skip(field, 0)?,
        }
    }
    Some((page, reader.bytes))
}

/// Reads the parts of Thrift's compact protocol that page headers use. All methods return `None` where the bytes end or are malformed.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A zigzag-encoded number from 0 to 2^31 - 1.
    fn size(&mut self) -> Option<u64> {
        let zigzag = self.varint()?;
        (zigzag & 1 == 0).then_some(zigzag >> 1).filter(|n| *n <= i32::MAX as u64)
    }

    /// Reads the head of the next field of a struct: sets `id` to the number of the field and returns its type. The inner `None` marks the
    /// end of the struct. Fields store the distance to the number before them, so `id` must hold that number, 0 at first.
    fn field(&mut self, id: &mut u64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        let (delta, kind) = (byte >> 4, byte & 0x0f);
        if kind == kind::STOP {
            return Some(None);
        }
        *id = if delta == 0 { self.size()? } else { *id + u64::from(delta) };
        Some(Some(kind))
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        match kind {
            kind::TRUE | kind::FALSE => {}
            kind::BYTE => drop(self.byte()?),
            kind::I16..=kind::I64 => drop(self.varint()?),
            kind::DOUBLE => self.bytes = self.bytes.get(8..)?,
            kind::BINARY => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.bytes = self.bytes.get(length..)?;
            }
            kind::STRUCT if depth < 8 => {
                let mut id = 0;
                while let Some(field) = self.field(&mut id)? {
                    self.skip(field, depth + 1)?;
                }
            }
            // Page headers have no lists, sets or maps, and nest no deeper than the limit.
            _ => return None,
        }
        Some(())
    }
}
