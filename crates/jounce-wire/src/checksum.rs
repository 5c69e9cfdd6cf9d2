//! CRC-32 as everybody has it (IEEE 802.3; polynomial reflected).
//!
//! A byte at a time by one table of 1 KiB. The crates that are many times as quick have sixteen of them and a second way for
//! some processors, 20 KiB in an app; here it is a snapshot every ten seconds, and a recording as slow as it is driven.

const POLYNOMIAL: u32 = 0xedb8_8320;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u32;
    while byte < 256 {
        let (mut rest, mut bit) = (byte, 0);
        while bit < 8 {
            rest = if rest & 1 == 1 { rest >> 1 ^ POLYNOMIAL } else { rest >> 1 };
            bit += 1;
        }
        table[byte as usize] = rest;
        byte += 1;
    }
    table
};

/// The checksum of `bytes`.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        crc >> 8 ^ TABLE[usize::from(low ^ byte)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_every_tool_says() {
        // The check value of the catalogue of CRC algorithms, and what `crc32` of zlib says of the others.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(&[0; 32]), 0x190a_55ad);
        assert_eq!(crc32(&(0..=255).collect::<Vec<u8>>()), 0x2905_8c73);
    }
}
