//! Bounds-checked reading and writing of big-endian fields. Nothing here knows FLUTE.

/// Input ended inside a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("input ends at offset {available} but {needed} octets are needed from offset {offset}")]
pub struct Truncated {
    /// Where the field starts, octets from the start of the input.
    pub offset: usize,
    /// Length of the field, octets.
    pub needed: usize,
    /// Length of the whole input, octets.
    pub available: usize,
}

/// A cursor over octets that cannot run past their end.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    input: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first octet.
    pub const fn new(input: &'a [u8]) -> Self {
        Self { input, offset: 0 }
    }

    /// Octets consumed so far.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Octets not yet consumed.
    pub fn rest(&self) -> &'a [u8] {
        self.input.get(self.offset..).unwrap_or_default()
    }

    /// The next `len` octets.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], Truncated> {
        let end = self.offset.checked_add(len);
        match end.and_then(|end| self.input.get(self.offset..end)) {
            Some(taken) => {
                self.offset += len;
                Ok(taken)
            }
            None => Err(Truncated {
                offset: self.offset,
                needed: len,
                available: self.input.len(),
            }),
        }
    }

    /// An unsigned number of `len` octets, at most 16.
    pub fn uint(&mut self, len: usize) -> Result<u128, Truncated> {
        debug_assert!(len <= 16);
        Ok(self
            .take(len)?
            .iter()
            .fold(0, |value, octet| value << 8 | u128::from(*octet)))
    }

    /// One octet.
    pub fn u8(&mut self) -> Result<u8, Truncated> {
        Ok(self.take(1)?[0])
    }

    /// Two octets.
    pub fn u16(&mut self) -> Result<u16, Truncated> {
        Ok(self.uint(2)? as u16)
    }

    /// Four octets.
    pub fn u32(&mut self) -> Result<u32, Truncated> {
        Ok(self.uint(4)? as u32)
    }
}

/// Appends the low `len` octets of `value`, most significant first.
pub fn put_uint(out: &mut Vec<u8>, value: u128, len: usize) {
    debug_assert!(len <= 16);
    out.extend_from_slice(&value.to_be_bytes()[16 - len..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_the_end_is_an_error() {
        let mut out = Vec::new();
        put_uint(&mut out, 0x01_0203, 3);
        put_uint(&mut out, 0xFFFF, 2);
        let mut reader = Reader::new(&out);
        assert_eq!(reader.uint(3), Ok(0x01_0203));
        assert_eq!(
            reader.u32(),
            Err(Truncated {
                offset: 3,
                needed: 4,
                available: 5
            })
        );
        assert_eq!(reader.u16(), Ok(0xFFFF));
        assert!(reader.rest().is_empty());
        assert!(reader.take(usize::MAX).is_err());
    }
}
