//! Bounds-checked reading of big-endian fields. Nothing here knows Cell Broadcast.

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

    /// The next octet, which stays where it is.
    pub fn peek(&self) -> Option<u8> {
        self.input.get(self.offset).copied()
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

    /// The next `N` octets.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Truncated> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// One octet.
    pub fn u8(&mut self) -> Result<u8, Truncated> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two octets.
    pub fn u16(&mut self) -> Result<u16, Truncated> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four octets.
    pub fn u32(&mut self) -> Result<u32, Truncated> {
        Ok(u32::from_be_bytes(self.array()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_the_end_is_an_error() {
        let mut reader = Reader::new(&[1, 2, 3, 4, 5]);
        assert_eq!(reader.u16(), Ok(0x0102));
        assert_eq!(
            reader.u32(),
            Err(Truncated {
                offset: 2,
                needed: 4,
                available: 5
            })
        );
        assert_eq!(reader.peek(), Some(3));
        assert_eq!(reader.u8(), Ok(3));
        assert_eq!(reader.rest(), [4, 5]);
        assert!(reader.take(usize::MAX).is_err());
    }
}
