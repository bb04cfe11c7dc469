//! Writes the little of MATLAB 5 that EEGLAB datasets are made of.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

use crate::recording::matlab_values::Order;

/// A builder of arrays in one byte order.
#[derive(Clone, Copy)]
pub(super) struct MatFile(pub Order);

impl MatFile {
    fn u32(self, value: u32) -> [u8; 4] {
        if self.0 == Order::Little { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    /// A data element, small where it can be.
    fn element(self, code: u32, content: &[u8]) -> Vec<u8> {
        let length = content.len() as u32;
        let mut bytes = if (1..=4).contains(&length) {
            self.u32(length << 16 | code).to_vec()
        } else {
            [self.u32(code), self.u32(length)].concat()
        };
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    fn array(self, class: u32, dimensions: &[u32], name: &str, content: &[u8]) -> Vec<u8> {
        let dimensions: Vec<u8> = dimensions.iter().flat_map(|&dimension| self.u32(dimension)).collect();
        let header = [
            self.element(6, &[self.u32(class), self.u32(0)].concat()),
            self.element(5, &dimensions),
            self.element(1, name.as_bytes()),
        ]
        .concat();
        self.element(14, &[&header, content].concat())
    }

    /// A double.
    pub(super) fn number(self, name: &str, value: f64) -> Vec<u8> {
        let bytes = if self.0 == Order::Little { value.to_le_bytes() } else { value.to_be_bytes() };
        self.array(6, &[1, 1], name, &self.element(9, &bytes))
    }

    /// Whole numbers of class double that are stored in 16 bits, as MATLAB does to save room.
    pub(super) fn integers(self, name: &str, dimensions: &[u32], values: &[i16]) -> Vec<u8> {
        let order = self.0;
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|v| if order == Order::Little { v.to_le_bytes() } else { v.to_be_bytes() })
            .collect();
        self.array(6, dimensions, name, &self.element(3, &bytes))
    }

    /// Singles.
    pub(super) fn singles(self, name: &str, dimensions: &[u32], values: &[f32]) -> Vec<u8> {
        let order = self.0;
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|v| if order == Order::Little { v.to_le_bytes() } else { v.to_be_bytes() })
            .collect();
        self.array(7, dimensions, name, &self.element(7, &bytes))
    }

    /// A text of UTF-16 units.
    pub(super) fn text(self, name: &str, text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let order = self.0;
        let bytes: Vec<u8> =
            units.iter().flat_map(|v| if order == Order::Little { v.to_le_bytes() } else { v.to_be_bytes() }).collect();
        self.array(4, &[1, units.len() as u32], name, &self.element(4, &bytes))
    }

    /// An empty array of doubles.
    pub(super) fn empty(self, name: &str) -> Vec<u8> {
        self.array(6, &[0, 0], name, &self.element(9, &[]))
    }

    /// A structure array `[1, elements]`: the values of the fields of each element, unnamed.
    pub(super) fn structure(self, name: &str, fields: &[&str], elements: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let names: Vec<u8> = fields
            .iter()
            .flat_map(|field| {
                let mut name = field.as_bytes().to_vec();
                name.resize(16, 0);
                name
            })
            .collect();
        let mut content = [self.element(5, &self.u32(16)), self.element(1, &names)].concat();
        content.extend(elements.iter().flatten().flatten());
        self.array(2, &[1, elements.len() as u32], name, &content)
    }

    /// A file of variables.
    pub(super) fn file(self, variables: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"MATLAB 5.0 MAT-file, written by a test".to_vec();
        bytes.resize(124, b' ');
        bytes.extend_from_slice(if self.0 == Order::Little { b"\0\x01IM" } else { b"\x01\0MI" });
        bytes.extend(variables.iter().flatten());
        bytes
    }

    /// A compressed variable.
    pub(super) fn compressed(self, variable: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(variable).unwrap();
        let content = encoder.finish().unwrap();
        [&self.u32(15)[..], &self.u32(content.len() as u32), &content].concat()
    }
}
