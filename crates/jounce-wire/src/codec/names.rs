/// Hash of a sequence of names (FNV-1a, 64 bit).
#[derive(Debug)]
pub(crate) struct Names(u64);

impl Default for Names {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Names {
    pub(crate) fn add(&mut self, name: &str) {
        for byte in name.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        self.0
    }
}
