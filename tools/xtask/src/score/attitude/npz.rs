//! `NumPy` archives, as far as the trials need them: a zip of arrays in NPY format (NEP 1).

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use zip::ZipArchive;

/// Magic, major and minor version, length of the header.
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// An open archive.
pub(super) struct Npz(ZipArchive<BufReader<File>>);

/// An array as it was stored.
#[derive(Debug, PartialEq)]
struct Array {
    shape: Vec<usize>,
    column_major: bool,
    values: Vec<f64>,
}

impl Npz {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self(ZipArchive::new(BufReader::new(File::open(path)?))?))
    }

    /// A single number.
    pub(super) fn number(&mut self, name: &str) -> anyhow::Result<f64> {
        self.array(name)?.values.first().copied().with_context(|| format!("{name}: empty"))
    }

    /// The rows of a matrix with so many columns.
    pub(super) fn rows(&mut self, name: &str, columns: usize) -> anyhow::Result<Vec<Vec<f64>>> {
        let array = self.array(name)?;
        let [rows, found] = array.shape[..] else { bail!("{name}: expected a matrix, not {:?}", array.shape) };
        ensure!(found == columns, "{name}: expected {columns} columns, not {found}");
        let (along_row, along_column) = if array.column_major { (rows, 1) } else { (1, columns) };
        let row = |row: usize| (0..columns).map(|c| array.values[row * along_column + c * along_row]).collect();
        Ok((0..rows).map(row).collect())
    }

    /// Bits packed into bytes, the highest first.
    pub(super) fn bits(&mut self, name: &str) -> anyhow::Result<Vec<bool>> {
        let bytes = self.array(name)?.values;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they were bytes")]
        let bits = |byte: f64| (0..8).rev().map(move |bit| (byte as u8 >> bit) & 1 == 1);
        Ok(bytes.into_iter().flat_map(bits).collect())
    }

    fn array(&mut self, name: &str) -> anyhow::Result<Array> {
        let mut bytes = Vec::new();
        self.0.by_name(&format!("{name}.npy"))?.read_to_end(&mut bytes)?;
        parse(&bytes).with_context(|| name.to_owned())
    }
}

fn parse(bytes: &[u8]) -> anyhow::Result<Array> {
    let rest = bytes.strip_prefix(MAGIC).context("no NPY array")?;
    let (&[major, _], rest) = rest.split_first_chunk().context("cut off")?;
    let (length, rest) = if major == 1 {
        let (length, rest) = rest.split_first_chunk().context("cut off")?;
        (usize::from(u16::from_le_bytes(*length)), rest)
    } else {
        let (length, rest) = rest.split_first_chunk().context("cut off")?;
        (usize::try_from(u32::from_le_bytes(*length))?, rest)
    };
    let (header, data) = rest.split_at_checked(length).context("cut off")?;
    let header = std::str::from_utf8(header)?;
    let after = |key: &str| header.split_once(key).map(|(_, value)| value).with_context(|| format!("no {key}"));

    let shape = after("'shape': (")?.split_once(')').context("no shape")?.0;
    let shape = shape.split(',').map(str::trim).filter(|size| !size.is_empty()).map(str::parse);
    let shape = shape.collect::<Result<Vec<usize>, _>>()?;
    let values = numbers(after("'descr': '")?, data)?;
    ensure!(values.len() == shape.iter().product::<usize>(), "{} values for the shape {shape:?}", values.len());
    Ok(Array { shape, column_major: after("'fortran_order': ")?.starts_with("True"), values })
}

/// The values of the types that occur.
fn numbers(descr: &str, data: &[u8]) -> anyhow::Result<Vec<f64>> {
    fn each<const N: usize>(data: &[u8], of: fn([u8; N]) -> f64) -> Vec<f64> {
        data.as_chunks().0.iter().map(|bytes| of(*bytes)).collect()
    }
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let from_i64 = |bytes| i64::from_le_bytes(bytes) as f64;
    Ok(match descr.split('\'').next().unwrap_or_default() {
        "<f4" => each(data, |bytes| f64::from(f32::from_le_bytes(bytes))),
        "<f8" => each(data, f64::from_le_bytes),
        "<i8" => each(data, from_i64),
        "|u1" => each(data, |[byte]| f64::from(byte)),
        other => bail!("values of the type {other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).expect("short").to_le_bytes();
        [&MAGIC[..], &[1, 0], &length, header.as_bytes(), data].concat()
    }

    #[test]
    fn an_array_is_read_as_it_was_stored() {
        let data: Vec<u8> = [1.5_f32, -2.0, 0.25].iter().flat_map(|value| value.to_le_bytes()).collect();
        let array = parse(&npy("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 1), }\n", &data));
        let expected = Array { shape: vec![3, 1], column_major: true, values: vec![1.5, -2.0, 0.25] };
        assert_eq!(array.expect("whole"), expected);
        let scalar = parse(&npy("{'descr': '<i8', 'fortran_order': False, 'shape': (), }\n", &7_i64.to_le_bytes()));
        assert_eq!(scalar.expect("whole").values, [7.0]);
    }

    #[test]
    fn what_is_no_array_is_refused() {
        let cut = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", &1.0_f64.to_le_bytes());
        for (bytes, said) in [(&cut[..], "1 values"), (&cut[..20], "cut off"), (b"PK", "no NPY")] {
            let error = parse(bytes).expect_err("damaged").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
