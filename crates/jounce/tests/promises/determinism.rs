//! The same samples give the same bytes.

use crate::common::{all_drives, assert_same};

#[test]
fn the_same_samples_give_the_same_bytes() {
    for drive in all_drives() {
        let first = drive.replay();
        assert!(!first.motions.is_empty(), "{}", drive.name);
        assert_same(&drive.name, &drive.replay(), &first);
    }
}
